package lateen.capture.model;

import java.util.List;
import java.util.Optional;

/**
 * Delivers packets with a mark to this host whatever their destination; transparent interception needs it. Both the rule
 * and the route carry a number of ours as their "protocol" (who put it there), so that they are known again whatever mark
 * and table they were made for.
 *
 * @param mark 1..2^31-1
 * @param table routing table, 1..2^31-1
 */
public record PolicyRoute(IpFamily family, int mark, int table) {
    /** Of our rules and routes; none that rt_protos of iproute2 lists. */
    public static final String PROTOCOL = "133";

    /** The command that sets up the route; may be repeated. */
    public List<String> addRoute() {
        return List.of(
                "ip",
                family.ipOption(),
                "route",
                "replace",
                "local",
                "default",
                "dev",
                "lo",
                "table",
                Integer.toString(table),
                "proto",
                PROTOCOL);
    }

    /** The command that sets up the rule; repeated, it would make a second. */
    public List<String> addRule() {
        return rule("add");
    }

    /** The commands that remove both, the rule first so that no packet meets half of it. */
    public List<List<String>> delete() {
        return List.of(rule("del"), deleteRoute(family, Integer.toString(table)));
    }

    /** The command that removes our route from a table. */
    public static List<String> deleteRoute(IpFamily family, String table) {
        return List.of("ip", family.ipOption(), "route", "flush", "table", table, "proto", PROTOCOL);
    }

    private List<String> rule(String verb) {
        return List.of(
                "ip",
                family.ipOption(),
                "rule",
                verb,
                "fwmark",
                Integer.toString(mark),
                "lookup",
                Integer.toString(table),
                "protocol",
                PROTOCOL);
    }

    /**
     * Reads a line of {@code ip rule show}, like {@code 32765: from all fwmark 0x539 lookup 133 proto 133}; empty when it
     * is not one of ours.
     */
    public static Optional<PolicyRoute> parse(IpFamily family, String line) {
        String[] words = line.strip().split("\\s+");
        int n = words.length;
        if (n < 8
                || !words[n - 1].equals(PROTOCOL)
                || !words[n - 2].equals("proto")
                || !words[n - 4].equals("lookup")
                || !words[n - 6].equals("fwmark")
                || !words[n - 5].startsWith("0x")) {
            return Optional.empty();
        }
        int table = Numbers.parse(words[n - 3], 1, Integer.MAX_VALUE);
        int mark;
        try {
            mark = Integer.parseInt(words[n - 5].substring(2), 16);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
        return table < 0 || mark <= 0 ? Optional.empty() : Optional.of(new PolicyRoute(family, mark, table));
    }
}
