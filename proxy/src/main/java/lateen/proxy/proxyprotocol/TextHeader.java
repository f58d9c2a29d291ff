package lateen.proxy.proxyprotocol;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;

/** Version 1: one line of text ({@code proxy-protocol.txt} section 2.1). */
final class TextHeader {
    /** With its CR and LF. */
    static final int MAX = 107;

    private static final String OCTET = "(?:0|[1-9][0-9]{0,2})";
    private static final String V4 = OCTET + "(?:\\." + OCTET + "){3}";
    private static final String PORT = "(0|[1-9][0-9]{0,4})";
    private static final Pattern TCP4 = Pattern.compile("PROXY TCP4 (" + V4 + ") (" + V4 + ") " + PORT + " " + PORT);
    /** What an address looks like; whether it is one is asked afterwards. */
    private static final Pattern TCP6 =
            Pattern.compile("PROXY TCP6 ([0-9a-fA-F:.]{2,45}) ([0-9a-fA-F:.]{2,45}) " + PORT + " " + PORT);

    private TextHeader() {}

    static HeaderRead read(ByteBuf in) {
        int start = in.readerIndex();
        int window = Math.min(in.readableBytes(), MAX);
        int end = in.indexOf(start, start + window, (byte) '\n');
        if (end < 0) {
            return window == MAX
                    ? new HeaderRead.Bad("no end of line within " + MAX + " bytes")
                    : new HeaderRead.NeedMore();
        }
        if (in.getByte(end - 1) != '\r') {
            return new HeaderRead.Bad("the line ends with LF (expected: CR LF)");
        }
        String line = in.toString(start, end - 1 - start, StandardCharsets.ISO_8859_1);
        int length = end + 1 - start;
        if (line.equals("PROXY UNKNOWN") || line.startsWith("PROXY UNKNOWN ")) {
            return new HeaderRead.Silent(length);
        }
        Matcher match = TCP4.matcher(line);
        if (!match.matches()) {
            match = TCP6.matcher(line);
            if (!match.matches()
                    || !match.group(1).contains(":")
                    || !match.group(2).contains(":")) {
                return bad(line);
            }
        }
        try {
            return new HeaderRead.Found(
                    new ProxyHeader(
                            new SocketAddr(IpAddress.parse(match.group(1)), Integer.parseInt(match.group(3))),
                            new SocketAddr(IpAddress.parse(match.group(2)), Integer.parseInt(match.group(4))),
                            List.of()),
                    length);
        } catch (IllegalArgumentException noAddress) {
            return bad(line);
        }
    }

    private static HeaderRead bad(String line) {
        StringBuilder shown = new StringBuilder();
        line.chars().forEach(c -> shown.append(c >= ' ' && c < 127 ? (char) c : '?'));
        return new HeaderRead.Bad(
                "'" + shown + "' (expected: PROXY, TCP4 or TCP6, two addresses and two ports; or PROXY UNKNOWN)");
    }

    static String of(SocketAddr source, SocketAddr destination) {
        if (source.isUnix() || destination.isUnix()) {
            return "PROXY UNKNOWN\r\n";
        }
        boolean v6 = source.ip().v6() || destination.ip().v6();
        return "PROXY " + (v6 ? "TCP6 " : "TCP4 ") + text(source.ip(), v6) + " " + text(destination.ip(), v6) + " "
                + source.port() + " " + destination.port() + "\r\n";
    }

    /** Both ends must be of one family: IPv4 within IPv6 as RFC 4291 section 2.5.5.2 maps it. */
    private static String text(IpAddress ip, boolean v6) {
        return (v6 && !ip.v6() ? "::ffff:" : "") + ip.canonical();
    }
}
