package lateen.decision.net;

/**
 * An address prefix. Envoy: {@code config.core.v3.CidrRange}.
 *
 * @param base the prefix; bits beyond {@code length} are cleared on construction
 * @param length number of leading bits that count, 0 to {@link IpAddress#bits()}
 */
public record Cidr(IpAddress base, int length) {

    public Cidr {
        if (length < 0 || length > base.bits()) {
            throw new IllegalArgumentException("prefix length: " + length + " (expected: 0.." + base.bits() + ")");
        }
        base = mask(base, length);
    }

    /** Reads {@code address} or {@code address/length}. */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            IpAddress ip = IpAddress.parse(text);
            return new Cidr(ip, ip.bits());
        }
        try {
            return new Cidr(IpAddress.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not a prefix (expected: address/length)", e);
        }
    }

    /** Whether {@code ip} is of this family and starts with this prefix. Allocates nothing. */
    public boolean contains(IpAddress ip) {
        if (ip.v6() != base.v6()) {
            return false;
        }
        if (!ip.v6()) {
            // IpAddress.NONE is in no prefix, however short.
            return ip.high() == 0 && (length == 0 || (ip.low() ^ base.low()) >>> (32 - length) == 0);
        }
        if (length <= 64) {
            return length == 0 || (ip.high() ^ base.high()) >>> (64 - length) == 0;
        }
        return ip.high() == base.high() && (ip.low() ^ base.low()) >>> (128 - length) == 0;
    }

    private static IpAddress mask(IpAddress ip, int length) {
        if (!ip.v6()) {
            long mask = length == 0 ? 0 : 0xFFFF_FFFFL << (32 - length) & 0xFFFF_FFFFL;
            return new IpAddress(0, ip.low() & mask, false);
        }
        long high = length == 0 ? 0 : length >= 64 ? -1L : -1L << (64 - length);
        long low = length <= 64 ? 0 : -1L << (128 - length);
        return new IpAddress(ip.high() & high, ip.low() & low, true);
    }

    @Override
    public String toString() {
        return base + "/" + length;
    }
}
