package lateen.capture.model;

import java.util.List;

/** Delivers packets with a mark to this host whatever their destination; transparent interception needs it. */
public record PolicyRoute(IpFamily family, int mark, int table) {
    /** The commands that set it up. */
    public List<List<String>> add() {
        return List.of(
                List.of("ip", flag(), "route", "replace", "local", "default", "dev", "lo", "table", number(table)),
                List.of("ip", flag(), "rule", "add", "fwmark", number(mark), "lookup", number(table)));
    }

    /** The commands that remove it, the rule first so that no packet meets half of it. */
    public List<List<String>> delete() {
        return List.of(
                List.of("ip", flag(), "rule", "del", "fwmark", number(mark), "lookup", number(table)),
                List.of("ip", flag(), "route", "del", "local", "default", "dev", "lo", "table", number(table)));
    }

    /** The command whose output {@link #presentIn} reads. */
    public List<String> list() {
        return List.of("ip", flag(), "rule", "show");
    }

    /** Whether the output of {@code ip rule show} holds the rule. */
    public boolean presentIn(String listing) {
        String wanted = "fwmark 0x" + Integer.toHexString(mark) + " lookup " + table;
        return listing.lines().anyMatch(line -> line.strip().endsWith(wanted));
    }

    private String flag() {
        return family == IpFamily.IPV4 ? "-4" : "-6";
    }

    private static String number(int value) {
        return Integer.toString(value);
    }
}
