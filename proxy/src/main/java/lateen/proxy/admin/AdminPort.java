package lateen.proxy.admin;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * One port and what it serves.
 *
 * @param purpose for messages, such as {@code administration}
 * @param addresses an IPv6 one may be missing on the machine, if another can be had
 * @param localNamesOnly refuse a Host that is neither {@code localhost} nor a loopback address, so that no web page can
 *     reach the port under a name of its own (DNS rebinding)
 */
public record AdminPort(String purpose, List<InetSocketAddress> addresses, boolean localNamesOnly, Pages pages) {

    public AdminPort {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException(purpose + ": no address (expected: at least one)");
        }
    }

    /** On 127.0.0.1 and ::1. */
    public static AdminPort local(String purpose, int port, Pages pages) {
        return new AdminPort(
                purpose,
                List.of(
                        new InetSocketAddress(loopback(new byte[] {127, 0, 0, 1}), port),
                        new InetSocketAddress(
                                loopback(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), port)),
                true,
                pages);
    }

    /** On every interface, IPv4 and IPv6. */
    public static AdminPort everywhere(String purpose, int port, Pages pages) {
        return new AdminPort(purpose, List.of(new InetSocketAddress(port)), false, pages);
    }

    private static InetAddress loopback(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("four or sixteen bytes are an address", e);
        }
    }
}
