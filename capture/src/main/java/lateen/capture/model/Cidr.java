package lateen.capture.model;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * A range of addresses, with the host bits cleared as the kernel stores it.
 *
 * @param address the network address
 * @param prefix length of the prefix in bits, 0..32 or 0..128
 */
public record Cidr(InetAddress address, int prefix) {
    public Cidr {
        int bits = address instanceof Inet4Address ? 32 : 128;
        if (prefix < 0 || prefix > bits) {
            throw new IllegalArgumentException("prefix: " + prefix + " (expected: 0.." + bits + ")");
        }
        address = masked(address, prefix);
    }

    /** Reads {@code 10.0.0.0/8}, {@code fd00::/8} or a bare address; never asks a name server. Empty when malformed. */
    public static Optional<Cidr> parse(String text) {
        int slash = text.indexOf('/');
        Optional<InetAddress> address = parseAddress(slash < 0 ? text : text.substring(0, slash));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        int bits = address.get() instanceof Inet4Address ? 32 : 128;
        if (slash < 0) {
            return Optional.of(new Cidr(address.get(), bits));
        }
        int prefix = Numbers.parse(text.substring(slash + 1), 0, bits);
        return prefix < 0 ? Optional.empty() : Optional.of(new Cidr(address.get(), prefix));
    }

    /** Reads an address literal; empty for names, scoped and IPv4-mapped addresses and short IPv4 forms. */
    public static Optional<InetAddress> parseAddress(String text) {
        boolean v6 = text.indexOf(':') >= 0;
        if (text.isEmpty() || text.length() > 45 || text.indexOf('%') >= 0 || text.indexOf('[') >= 0) {
            return Optional.empty();
        }
        if (!v6 && (text.chars().filter(c -> c == '.').count() != 3 || hasLeadingZero(text))) {
            return Optional.empty();
        }
        try {
            InetAddress address = InetAddress.ofLiteral(text);
            return v6 == (address instanceof Inet6Address) ? Optional.of(address) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    // 010.0.0.1 is octal to some readers and decimal to others: refused.
    private static boolean hasLeadingZero(String text) {
        for (String part : text.split("\\.", -1)) {
            if (part.length() > 1 && part.charAt(0) == '0') {
                return true;
            }
        }
        return false;
    }

    public IpFamily family() {
        return address instanceof Inet4Address ? IpFamily.IPV4 : IpFamily.IPV6;
    }

    /** True when the address lies in this range; false for an address of the other family. */
    public boolean contains(InetAddress other) {
        return other.getAddress().length == address.getAddress().length
                && masked(other, prefix).equals(address);
    }

    /** True when the whole range belongs to the host itself: 127.0.0.0/8 or ::1. */
    public boolean isLoopback() {
        return address.isLoopbackAddress() && (family() == IpFamily.IPV6 || prefix >= 8);
    }

    @Override
    public String toString() {
        return addressText(address) + "/" + prefix;
    }

    /** Text of an address as the kernel's tools print it (RFC 5952). */
    public static String addressText(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return address.getHostAddress();
        }
        int[] words = new int[8];
        for (int i = 0; i < 8; i++) {
            words[i] = ((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff);
        }
        int best = -1;
        int bestLength = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && words[end] == 0) {
                end++;
            }
            if (end - i > bestLength) {
                best = i;
                bestLength = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == best) {
                text.append("::");
                i += bestLength - 1;
            } else {
                if (i > 0 && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(words[i]));
            }
        }
        return text.toString();
    }

    private static InetAddress masked(InetAddress address, int prefix) {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            int keep = Math.clamp(prefix - 8L * i, 0, 8);
            bytes[i] &= (byte) (0xff << (8 - keep));
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
        }
    }
}
