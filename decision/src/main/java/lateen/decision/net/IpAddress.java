package lateen.decision.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An IPv4 or IPv6 address in network order, without scope or name.
 *
 * @param high the upper 64 bits; 0 for IPv4
 * @param low the lower 64 bits; for IPv4 the address in the lowest 32
 * @param v6 whether this is IPv6; an IPv4-mapped IPv6 address is always held as IPv4
 */
public record IpAddress(long high, long low, boolean v6) {

    private static final long MAPPED = 0x0000_FFFFL;

    /** Of an end that has no IP address, as that of a unix socket. No prefix holds it; text is {@code -}. */
    public static final IpAddress NONE = new IpAddress(-1, 0, false);

    public static final IpAddress LOOPBACK_V4 = v4(0x7F00_0001);
    public static final IpAddress LOOPBACK_V6 = new IpAddress(0, 1, true);

    /** The address held in 4 or 16 bytes; IPv4-mapped IPv6 becomes IPv4. */
    public static IpAddress of(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return switch (bytes.length) {
            case 4 -> v4(in.getInt());
            case 16 -> v6(in.getLong(), in.getLong());
            default -> throw new IllegalArgumentException("address of " + bytes.length + " bytes (expected: 4 or 16)");
        };
    }

    public static IpAddress of(InetAddress address) {
        return of(address.getAddress());
    }

    public static IpAddress v4(int bits) {
        return new IpAddress(0, Integer.toUnsignedLong(bits), false);
    }

    public static IpAddress v6(long high, long low) {
        return high == 0 && low >>> 32 == MAPPED ? v4((int) low) : new IpAddress(high, low, true);
    }

    /**
     * Reads a literal; never asks a name service.
     *
     * @throws IllegalArgumentException naming the text when it is not an address literal
     */
    public static IpAddress parse(String text) {
        try {
            return of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is not an IP address", e);
        }
    }

    /** 32 or 128. */
    public int bits() {
        return v6 ? 128 : 32;
    }

    /** All bits are zero: any address, where one is asked for. */
    public boolean isUnspecified() {
        return high == 0 && low == 0;
    }

    public boolean isLoopback() {
        return v6 ? high == 0 && low == 1 : low >>> 24 == 127;
    }

    /** 4 or 16 bytes in network order. */
    public byte[] toBytes() {
        return v6
                ? ByteBuffer.allocate(16).putLong(high).putLong(low).array()
                : ByteBuffer.allocate(4).putInt((int) low).array();
    }

    public InetAddress toInetAddress() {
        try {
            return InetAddress.getByAddress(toBytes());
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are always an address", e);
        }
    }

    /** As RFC 5952 writes it: the longest run of zeros as {@code ::}. */
    public String canonical() {
        if (!v6) {
            return toString();
        }
        int from = 0;
        int longest = 0;
        for (int i = 0, run = 0; i < 8; i++) {
            run = group(i) == 0 ? run + 1 : 0;
            if (run > longest) {
                longest = run;
                from = i - run + 1;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (longest > 1 && i == from) {
                text.append("::");
                i += longest - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(group(i)));
            }
        }
        return text.toString();
    }

    private int group(int i) {
        return (int) ((i < 4 ? high : low) >>> (48 - 16 * (i & 3))) & 0xffff;
    }

    @Override
    public String toString() {
        return !v6 && high != 0 ? "-" : toInetAddress().getHostAddress();
    }
}
