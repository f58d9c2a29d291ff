package lateen.proxy.http1;

/** Which bytes may stand where, as tables. RFC 9110 section 5.6.2, RFC 3986 section 2. */
final class Bytes {

    /** For a byte of a token its lower-case form, else 0. */
    static final byte[] TOKEN_LOWER = new byte[256];

    private static final boolean[] VALUE = new boolean[256];
    private static final boolean[] TARGET = new boolean[256];
    private static final boolean[] AUTHORITY = new boolean[256];

    static {
        for (int c = 0; c < 256; c++) {
            boolean digit = c >= '0' && c <= '9';
            boolean upper = c >= 'A' && c <= 'Z';
            boolean alnum = digit || upper || (c >= 'a' && c <= 'z');
            if (alnum || (c > 0 && "!#$%&'*+-.^_`|~".indexOf(c) >= 0)) {
                TOKEN_LOWER[c] = (byte) (upper ? c + 32 : c);
            }
            VALUE[c] = c == '\t' || (c >= ' ' && c != 0x7F);
            TARGET[c] = c > ' ' && c < 0x7F && c != '#';
            AUTHORITY[c] = alnum || (c > 0 && "-._~%!$&'()*+,;=:[]".indexOf(c) >= 0);
        }
    }

    private Bytes() {}

    /** Whether the byte may stand in a field value: HTAB, SP, VCHAR or 0x80–0xFF. */
    static boolean value(byte b) {
        return VALUE[b & 0xFF];
    }

    static boolean target(byte b) {
        return TARGET[b & 0xFF];
    }

    static boolean token(byte b) {
        return TOKEN_LOWER[b & 0xFF] != 0;
    }

    static boolean blank(byte b) {
        return b == ' ' || b == '\t';
    }

    static boolean digit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Whether the range can be {@code host [":" port]}; empty is fine, a user name is not. */
    static boolean authority(byte[] a, int start, int end) {
        for (int i = start; i < end; i++) {
            if (!AUTHORITY[a[i] & 0xFF]) {
                return false;
            }
        }
        return true;
    }

    /** Whether {@code a[start, end)} equals the text, exactly. */
    static boolean equal(byte[] a, int start, int end, byte[] text) {
        if (end - start != text.length) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (a[start + i] != text[i]) {
                return false;
            }
        }
        return true;
    }

    /** The index of {@code wanted} in {@code a[start, end)}, or {@code end}. */
    static int find(byte[] a, int start, int end, byte wanted) {
        int i = start;
        while (i < end && a[i] != wanted) {
            i++;
        }
        return i;
    }

    /** The decimal number in the range; -1: none, or beyond 2^63-1. */
    static long number(byte[] a, int start, int end) {
        if (start == end || end - start > 19) {
            return -1;
        }
        long n = 0;
        for (int i = start; i < end; i++) {
            if (!digit(a[i])) {
                return -1;
            }
            n = n * 10 + (a[i] - '0');
        }
        return n < 0 ? -1 : n;
    }
}
