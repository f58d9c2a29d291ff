package lateen.capture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Capture's own part of what a namespace holds: its chains, and the rules of other chains that lead into them. */
final class OwnRules {
    private OwnRules() {}

    /** Own chains and jumps only, without counters and policies, in a fixed order: comparable. */
    static RuleSet of(RuleSet all) {
        List<TableRules> tables = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            for (Table table : Table.values()) {
                all.table(family, table)
                        .map(OwnRules::of)
                        .filter(t -> !t.chains().isEmpty())
                        .ifPresent(tables::add);
            }
        }
        return new RuleSet(tables);
    }

    private static TableRules of(TableRules table) {
        List<Chain> chains = new ArrayList<>();
        for (Chain chain : table.chains()) {
            List<Rule> rules = chain.rules().stream()
                    .filter(rule -> chain.ours() || leadsToUs(rule))
                    .map(Rule::uncounted)
                    .toList();
            if (chain.ours() || !rules.isEmpty()) {
                chains.add(new Chain(chain.name(), Optional.empty(), rules));
            }
        }
        chains.sort(java.util.Comparator.comparing((Chain c) -> !c.builtIn()).thenComparing(Chain::name));
        return new TableRules(table.family(), table.table(), chains);
    }

    private static boolean leadsToUs(Rule rule) {
        return switch (rule) {
            case Rule.Known known -> known.target() instanceof Target.Jump(String chain) && Chain.OURS.contains(chain);
            case Rule.Opaque opaque ->
                Chain.OURS.stream()
                        .anyMatch(name -> (" " + opaque.spec()).endsWith(" -j " + name)
                                || (" " + opaque.spec()).endsWith(" -g " + name));
        };
    }

    /**
     * Text that takes {@code own} away and puts {@code wanted} there, table by table, each in one step: at no time does a
     * packet meet a half-made table.
     */
    static String replacement(RuleSet own, RuleSet wanted, IpFamily family) {
        StringBuilder text = new StringBuilder();
        for (Table table : Table.values()) {
            Optional<TableRules> old = own.table(family, table);
            Optional<TableRules> wish = wanted.table(family, table);
            if (old.equals(wish) || (old.isEmpty() && wish.isEmpty())) {
                continue;
            }
            text.append('*').append(table.text()).append('\n');
            List<Chain> oldChains = old.map(TableRules::chains).orElse(List.of());
            List<Chain> newChains = wish.map(TableRules::chains).orElse(List.of());
            for (Chain chain : newChains) {
                if (!chain.builtIn()) {
                    text.append(':').append(chain.name()).append(" - [0:0]\n");
                }
            }
            oldChains.stream()
                    .filter(c -> !c.ours())
                    .forEach(c -> c.rules()
                            .forEach(rule -> text.append("-D ")
                                    .append(RuleText.line(c.name(), rule).substring(3))
                                    .append('\n')));
            List<Chain> gone = oldChains.stream()
                    .filter(c -> c.ours()
                            && newChains.stream().noneMatch(n -> n.name().equals(c.name())))
                    .toList();
            gone.forEach(c -> text.append("-F ").append(c.name()).append('\n'));
            gone.forEach(c -> text.append("-X ").append(c.name()).append('\n'));
            newChains.forEach(c -> c.rules()
                    .forEach(rule -> text.append(RuleText.line(c.name(), rule)).append('\n')));
            text.append("COMMIT\n");
        }
        return text.toString();
    }

    /** The first difference, in words; for the message of a refused run. */
    static String difference(RuleSet present, RuleSet wanted) {
        List<String> there = lines(present);
        List<String> wish = lines(wanted);
        String surplus =
                there.stream().filter(l -> !wish.contains(l)).findFirst().orElse("");
        String missing =
                wish.stream().filter(l -> !there.contains(l)).findFirst().orElse("");
        if (surplus.isEmpty() && missing.isEmpty()) {
            return "the same rules in another order or number";
        }
        return (surplus.isEmpty() ? "" : "there: \"" + surplus + "\"")
                + (surplus.isEmpty() || missing.isEmpty() ? "" : ", ")
                + (missing.isEmpty() ? "" : "missing: \"" + missing + "\"");
    }

    private static List<String> lines(RuleSet rules) {
        List<String> lines = new ArrayList<>();
        for (TableRules table : rules.tables()) {
            for (Chain chain : table.chains()) {
                chain.rules()
                        .forEach(rule -> lines.add(
                                table.family() + " " + table.table().text() + " " + RuleText.line(chain.name(), rule)));
            }
        }
        return lines;
    }
}
