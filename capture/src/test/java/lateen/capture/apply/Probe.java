package lateen.capture.apply;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lateen.capture.model.IpFamily;

/**
 * One connection to try, such as {@code app@pass:5000#7>far:53/udp=15053}: who, from which address, source port and mark,
 * where to, and where it must land.
 *
 * @param who app, proxy, uid:gid, or from outside: in (the peer) and vm
 */
record Probe(
        String text,
        String who,
        String source,
        int sourcePort,
        int mark,
        String to,
        int port,
        String protocol,
        String expected) {
    private static final Pattern FORM =
            Pattern.compile("([\\w:]+?)(?:@(\\w+)?(?::(\\d+))?)?(?:#(\\d+))?>(\\w+):(\\d+)(?:/(\\w+))?=(\\w+)");
    private static final Map<String, String> OWNERS =
            Map.of("app", "1000 1000", "proxy", "1337 1337", "in", "0 0", "vm", "0 0");

    static Probe of(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException("probe: " + text);
        }
        return new Probe(
                text,
                m.group(1),
                m.group(2) == null ? "" : m.group(2),
                m.group(3) == null ? 0 : Integer.parseInt(m.group(3)),
                m.group(4) == null ? 0 : Integer.parseInt(m.group(4)),
                m.group(5),
                Integer.parseInt(m.group(6)),
                m.group(7) == null ? "tcp" : m.group(7),
                m.group(8));
    }

    /** False where a name of the probe has no address of this family. */
    boolean isFor(IpFamily family) {
        return !destination(family).isEmpty()
                && (source.isEmpty() || !address(source, family).isEmpty());
    }

    String destination(IpFamily family) {
        return address(to, family);
    }

    /** What the prober reads. */
    String line(IpFamily family) {
        String owner = OWNERS.getOrDefault(who, who.replace(':', ' '));
        return String.join(
                " ",
                protocol,
                owner,
                Integer.toString(mark),
                source.isEmpty() ? "-" : address(source, family),
                Integer.toString(sourcePort),
                destination(family),
                Integer.toString(port));
    }

    private static String address(String name, IpFamily family) {
        return Lab.ADDRESSES.get(name)[family == IpFamily.IPV4 ? 0 : 1];
    }
}
