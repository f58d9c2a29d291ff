package lateen.proxy.accesslog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import lateen.decision.request.ByteSlice;

/** A line being written. Values from outside are escaped, so that none can end a line or a quoted field. Log thread only. */
final class LogBuffer {

    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    private byte[] bytes = new byte[4096];
    private int used;
    private final boolean json;

    LogBuffer(boolean json) {
        this.json = json;
    }

    byte[] array() {
        return bytes;
    }

    int length() {
        return used;
    }

    void reset() {
        used = 0;
    }

    /** Takes back what was written after {@code length}. */
    void cut(int length) {
        used = length;
    }

    /** Text of the format itself, already escaped as it has to be. */
    void literal(byte[] text) {
        room(text.length);
        System.arraycopy(text, 0, bytes, used, text.length);
        used += text.length;
    }

    void number(long n) {
        room(20);
        if (n < 0) {
            literal(Long.toString(n).getBytes(StandardCharsets.US_ASCII));
            return;
        }
        int at = used + 1;
        for (long rest = n; rest >= 10; rest /= 10) {
            at++;
        }
        used = at;
        long rest = n;
        do {
            bytes[--at] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
    }

    /** A decimal number with leading zeros. */
    void padded(long n, int width) {
        room(width);
        long rest = n;
        for (int at = used + width - 1; at >= used; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        used += width;
    }

    /** A value that may hold anything, at most {@code max} bytes of it. */
    void value(ByteSlice value, int max) {
        escaped(value.array(), value.start(), value.start() + Math.min(max, value.length()));
    }

    void value(String value, int max) {
        if (plain(value, Math.min(max, value.length()))) {
            return;
        }
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        escaped(utf8, 0, Math.min(max, utf8.length));
    }

    /** Writes text of which nothing has to be escaped, without a copy; false: nothing was written. */
    private boolean plain(String value, int n) {
        room(n);
        int at = used;
        for (int i = 0; i < n; i++) {
            char c = value.charAt(i);
            if (c < ' ' || c >= 0x7F || c == '"' || c == '\\') {
                return false;
            }
            bytes[at++] = (byte) c;
        }
        used = at;
        return true;
    }

    private void escaped(byte[] a, int start, int end) {
        room((end - start) * 6);
        for (int i = start; i < end; i++) {
            byte b = a[i];
            if (b >= ' ' && b != 0x7F && b != '"' && (b != '\\' || !json)) {
                bytes[used++] = b;
            } else if (json && (b == '"' || b == '\\')) {
                bytes[used++] = '\\';
                bytes[used++] = b;
            } else if (b < 0 && utf8Length(a, i, end) > 0) {
                int n = utf8Length(a, i, end);
                System.arraycopy(a, i, bytes, used, n);
                used += n;
                i += n - 1;
            } else {
                escape(b);
            }
        }
    }

    /** {@code \\u00XX} in JSON (a byte that is no UTF-8 is read as ISO-8859-1), {@code \\xXX} in text. */
    private void escape(byte b) {
        bytes[used++] = '\\';
        if (json) {
            bytes[used++] = 'u';
            bytes[used++] = '0';
            bytes[used++] = '0';
        } else {
            bytes[used++] = 'x';
        }
        bytes[used++] = HEX[(b >> 4) & 15];
        bytes[used++] = HEX[b & 15];
    }

    /** Length of the well-formed UTF-8 sequence (RFC 3629) of two bytes or more that starts here, else 0. */
    static int utf8Length(byte[] a, int at, int end) {
        int first = a[at] & 0xFF;
        int n = first >= 0xC2 && first <= 0xDF ? 2 : first >> 4 == 0xE ? 3 : first >= 0xF0 && first <= 0xF4 ? 4 : 0;
        if (n == 0 || end - at < n) {
            return 0;
        }
        for (int i = 1; i < n; i++) {
            if ((a[at + i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        int second = a[at + 1] & 0xFF;
        boolean wrong = (first == 0xE0 && second < 0xA0)
                || (first == 0xED && second > 0x9F)
                || (first == 0xF0 && second < 0x90)
                || (first == 0xF4 && second > 0x8F)
                // C1 controls: some terminals obey them.
                || (first == 0xC2 && second < 0xA0);
        return wrong ? 0 : n;
    }

    private void room(int more) {
        if (bytes.length - used < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, used + more));
        }
    }
}
