package lateen.proxy.http;

import java.util.SplittableRandom;

/** Makes {@code x-request-id}: a random UUID (RFC 9562 section 5.4) as text, into one array. Owned by one loop. */
final class RequestIds {
    private static final byte[] HEX = "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final long VERSION = 0x4000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private final byte[] text =
            "00000000-0000-0000-0000-000000000000".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    /** Valid until the next call. */
    byte[] next(SplittableRandom random) {
        long high = (random.nextLong() & ~0xF000L) | VERSION;
        long low = (random.nextLong() & ~0xC000_0000_0000_0000L) | VARIANT;
        digits(high >>> 32, 0, 8);
        digits(high >>> 16, 9, 4);
        digits(high, 14, 4);
        digits(low >>> 48, 19, 4);
        digits(low, 24, 12);
        return text;
    }

    /** The lowest {@code n} hexadecimal digits. */
    private void digits(long bits, int at, int n) {
        long rest = bits;
        for (int i = at + n - 1; i >= at; i--) {
            text[i] = HEX[(int) rest & 15];
            rest >>>= 4;
        }
    }
}
