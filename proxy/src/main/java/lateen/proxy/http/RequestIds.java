package lateen.proxy.http;

import java.util.SplittableRandom;

/** Makes {@code x-request-id}: a random UUID (RFC 9562 section 5.4) as text, into one array. Owned by one loop. */
final class RequestIds {
    private static final byte[] HEX = "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final int VERSION_AT = 14;
    private static final int VARIANT_AT = 19;

    private final byte[] text = new byte[36];

    /** Valid until the next call. */
    byte[] next(SplittableRandom random) {
        long bits = random.nextLong();
        for (int i = 0; i < 36; i++) {
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                text[i] = '-';
                continue;
            }
            if (i == VARIANT_AT) {
                bits = random.nextLong();
            }
            int digit = (int) (bits & 15);
            bits >>>= 4;
            text[i] = HEX[i == VERSION_AT ? 4 : i == VARIANT_AT ? 8 | (digit & 3) : digit];
        }
        return text;
    }
}
