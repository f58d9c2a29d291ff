package lateen.capture.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import lateen.capture.model.Chain;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Rule;
import lateen.capture.model.RuleSet;
import lateen.capture.model.Table;
import lateen.capture.model.TableRules;

/**
 * A rule set as native nftables, letter by letter as {@code nft -s -y list} prints it: one table of family {@code inet}
 * for each table of iptables, and one chain for each of its chains, under the names that Istio's own native mode uses.
 *
 * <p>A rule of both families is written once; one of a single family names it, by an address or by {@code meta nfproto}.
 */
public final class NftText {
    /** The tables that are ours as a whole, by the iptables table that each stands for. */
    public static final Map<Table, String> TABLES = Map.of(
            Table.RAW, "istio-proxy-raw",
            Table.MANGLE, "istio-proxy-mangle",
            Table.NAT, "istio-proxy-nat");

    private NftText() {}

    /** The chain's name in nftables: {@code ISTIO_IN_REDIRECT} is {@code istio-in-redirect}. */
    public static String chainName(String chain) {
        return chain.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Input of {@code nft -f -}: takes away whatever is in our tables and puts the rules there, all in one step of the
     * kernel. No rules at all leave no table.
     */
    public static String transaction(RuleSet rules) {
        StringBuilder text = new StringBuilder(4096);
        for (Table table : Table.values()) {
            String name = TABLES.get(table);
            if (name != null) {
                // Without the first line the second would be refused where nothing is there yet.
                text.append("table inet ").append(name).append("\ndelete table inet ");
                text.append(name).append('\n');
            }
        }
        tables(rules).forEach((name, chains) -> {
            text.append("table inet ").append(name).append(" {\n");
            chains.forEach((chain, lines) -> {
                text.append("\tchain ").append(chain).append(" {\n");
                lines.forEach(line -> text.append("\t\t").append(line).append('\n'));
                text.append("\t}\n");
            });
            text.append("}\n");
        });
        return text.toString();
    }

    /** Table → chain → lines, as nft lists them; jumps lead to chains of the same table. */
    public static Map<String, Map<String, List<String>>> tables(RuleSet rules) {
        Map<String, Map<String, List<String>>> tables = new LinkedHashMap<>();
        for (Table table : Table.values()) {
            Optional<TableRules> v4 = rules.table(IpFamily.IPV4, table);
            Optional<TableRules> v6 = rules.table(IpFamily.IPV6, table);
            if (v4.isPresent() || v6.isPresent()) {
                tables.put(TABLES.getOrDefault(table, "istio-proxy-" + table.text()), chains(table, v4, v6));
            }
        }
        return tables;
    }

    private static Map<String, List<String>> chains(Table table, Optional<TableRules> v4, Optional<TableRules> v6) {
        Map<String, List<String>> chains = new LinkedHashMap<>();
        for (Optional<TableRules> side : List.of(v4, v6)) {
            side.ifPresent(rules -> rules.chains()
                    .forEach(chain -> chains.computeIfAbsent(chainName(chain.name()), _ -> {
                        List<String> lines = new ArrayList<>();
                        if (chain.builtIn()) {
                            lines.add(hook(table, chain.name()));
                        }
                        lines.addAll(merged(rules(v4, chain.name()), rules(v6, chain.name())));
                        return lines;
                    })));
        }
        return chains;
    }

    private static List<Rule> rules(Optional<TableRules> table, String chain) {
        return table.flatMap(t -> t.chain(chain)).map(Chain::rules).orElse(List.of());
    }

    /** Both families in one list; the order within each family stays. */
    private static List<String> merged(List<Rule> v4, List<Rule> v6) {
        List<String> lines = new ArrayList<>();
        int done = 0;
        for (Rule rule : v4) {
            int same = v6.subList(done, v6.size()).indexOf(rule);
            if (same < 0) {
                lines.addAll(NftRule.lines(rule, Optional.of(IpFamily.IPV4)));
                continue;
            }
            for (Rule only : v6.subList(done, done + same)) {
                lines.addAll(NftRule.lines(only, Optional.of(IpFamily.IPV6)));
            }
            lines.addAll(NftRule.lines(rule, Optional.empty()));
            done += same + 1;
        }
        for (Rule only : v6.subList(done, v6.size())) {
            lines.addAll(NftRule.lines(only, Optional.of(IpFamily.IPV6)));
        }
        return lines;
    }

    /** Where the kernel calls the chain: the same places and priorities as iptables (nft(8), "chains"). */
    private static String hook(Table table, String chain) {
        int priority = switch (table) {
            case RAW -> -300;
            case MANGLE -> -150;
            case NAT -> -100;
            case FILTER -> 0;
        };
        // A new mark must be looked at by routing again; only this type does that.
        boolean rerouted = table == Table.MANGLE && chain.equals("OUTPUT");
        String type = table == Table.NAT ? "nat" : rerouted ? "route" : "filter";
        return "type " + type + " hook " + chain.toLowerCase(Locale.ROOT) + " priority " + priority
                + "; policy accept;";
    }
}
