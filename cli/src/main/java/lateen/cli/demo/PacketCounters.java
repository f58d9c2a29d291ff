package lateen.cli.demo;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code iptables-save -c}: {@code [packets:bytes] -A CHAIN … -j REDIRECT --to-ports PORT}. */
final class PacketCounters {
    private static final Pattern REDIRECT =
            Pattern.compile("^\\[(\\d+):\\d+\\] -A .* -j REDIRECT --to-ports (\\d+)$", Pattern.MULTILINE);

    private PacketCounters() {}

    /** Of the nat table, so one packet for each connection. */
    static long redirectedTo(int port, String saved) {
        long packets = 0;
        Matcher rule = REDIRECT.matcher(saved);
        while (rule.find()) {
            if (Integer.parseInt(rule.group(2)) == port) {
                packets += Long.parseLong(rule.group(1));
            }
        }
        return packets;
    }
}
