package lateen.proxy.http2;

/**
 * Decodes RFC 7541's Huffman code. It is canonical (shorter codes first, and by symbol among codes of one length), so the
 * lengths of appendix B are all there is to it. Codes of up to ten bits, which is nearly all of a header, take one look
 * into a table; longer ones are found by their length's first code. We never encode with it: inside a mesh bytes cost
 * less than the time of two sides.
 */
final class Huffman {

    private static final int SYMBOLS = 257;
    private static final int EOS = 256;
    private static final int SHORT_BITS = 10;
    private static final int MAX_BITS = 30;
    /** The fewest bits of a symbol. */
    private static final int MIN_BITS = 5;

    /** Lengths of the codes of 0 to 255 and of EOS, from {@code 'A'} for 5. */
    private static final String LENGTHS =
            "ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHFIBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJBKABABAB"
                    + "BBACCBBBABCBAABCCCCCKGJIXPRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRSVVPORSRUVVVWWV"
                    + "TUOQVWWVWTQQVVXWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWVZ";

    /** By the next ten bits: symbol and, above it, its length; 0: the code is longer. */
    private static final short[] SHORT = new short[1 << SHORT_BITS];
    /** By length: the first code, left-aligned in 32 bits. */
    private static final long[] FIRST = new long[MAX_BITS + 2];
    /** By length: how many symbols have shorter codes. */
    private static final int[] BEFORE = new int[MAX_BITS + 2];
    /** In the order of their codes. */
    private static final short[] ORDER = new short[SYMBOLS];

    static {
        long code = 0;
        int n = 0;
        for (int bits = MIN_BITS; bits <= MAX_BITS + 1; bits++) {
            FIRST[bits] = code << (32 - Math.min(bits, 32));
            BEFORE[bits] = n;
            for (int symbol = 0; symbol < SYMBOLS && bits <= MAX_BITS; symbol++) {
                if (LENGTHS.charAt(symbol) - 'A' + MIN_BITS == bits) {
                    fill(symbol, bits, (int) code);
                    ORDER[n++] = (short) symbol;
                    code++;
                }
            }
            code <<= 1;
        }
    }

    private Huffman() {}

    private static void fill(int symbol, int bits, int code) {
        if (bits <= SHORT_BITS) {
            int from = code << (SHORT_BITS - bits);
            for (int i = 0; i < 1 << (SHORT_BITS - bits); i++) {
                SHORT[from + i] = (short) ((bits << 8) | symbol);
            }
        }
    }

    /** The most bytes that so many encoded ones can become. */
    static int decodedAtMost(int encoded) {
        return encoded * 8 / MIN_BITS;
    }

    /**
     * Decodes {@code in[start, end)} to {@code out} from {@code at} on, where there must be room for {@link
     * #decodedAtMost}.
     *
     * @return where it ended; -1: EOS in it, or padding that is not the beginning of EOS or longer than seven bits
     */
    static int decode(byte[] in, int start, int end, byte[] out, int at) {
        // The next bits stand at the top of the lower 32 + held bits.
        long bits = 0;
        int held = 0;
        int from = start;
        int to = at;
        while (true) {
            while (held <= 32 && from < end) {
                bits = (bits << 8) | (in[from++] & 0xFF);
                held += 8;
            }
            if (held < MIN_BITS) {
                break;
            }
            // Behind the last bit stand ones, as padding has them.
            int window =
                    held >= 32 ? (int) (bits >>> (held - 32)) : (int) (bits << (32 - held) | (1L << (32 - held)) - 1);
            int entry = SHORT[window >>> (32 - SHORT_BITS)];
            int length;
            int symbol;
            if (entry != 0) {
                length = entry >> 8;
                symbol = entry & 0xFF;
            } else {
                length = longCode(window);
                symbol = length > held ? EOS : symbol(window, length);
            }
            if (length > held) {
                break;
            }
            if (symbol == EOS) {
                return -1;
            }
            out[to++] = (byte) symbol;
            held -= length;
        }
        // A symbol that is not there in full is padding: less than a byte of ones.
        long mask = (1L << held) - 1;
        return held < 8 && (bits & mask) == mask ? to : -1;
    }

    private static int longCode(int window) {
        long code = window & 0xFFFFFFFFL;
        int length = SHORT_BITS + 1;
        while (length < MAX_BITS && code >= FIRST[length + 1]) {
            length++;
        }
        return length;
    }

    private static int symbol(int window, int length) {
        long offset = ((window & 0xFFFFFFFFL) - FIRST[length]) >>> (32 - length);
        return ORDER[BEFORE[length] + (int) offset];
    }
}
