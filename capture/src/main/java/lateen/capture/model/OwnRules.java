package lateen.capture.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Capture's own part of what a namespace holds: its chains, and the rules of other chains that lead into them. */
public final class OwnRules {
    private OwnRules() {}

    /** Own chains and jumps only, without counters and policies, in a fixed order: comparable. */
    public static RuleSet of(RuleSet all) {
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
}
