package lateen.xds.authz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes protobuf's wire format from the end to the beginning: a message's length is known when its tag is written, so
 * one pass and one array are enough. One thread owns it.
 */
final class BackwardWriter {

    private static final int INITIAL = 2048;
    /** A writer that once had a large message does not keep its memory. */
    private static final int KEPT = 32 * 1024;

    private static final int VARINT = 0;
    private static final int BYTES = 2;
    private static final int LONGEST_VARINT = 10;

    private byte[] buf = new byte[INITIAL];
    private int at = buf.length;

    void clear() {
        if (buf.length > KEPT) {
            buf = new byte[INITIAL];
        }
        at = buf.length;
    }

    byte[] array() {
        return buf;
    }

    int start() {
        return at;
    }

    int size() {
        return buf.length - at;
    }

    private void room(int bytes) {
        if (at < bytes) {
            byte[] larger = new byte[Math.max(2 * buf.length, size() + bytes)];
            int moved = larger.length - size();
            System.arraycopy(buf, at, larger, moved, size());
            buf = larger;
            at = moved;
        }
    }

    private void raw(long value) {
        room(LONGEST_VARINT);
        int length = 1;
        for (long rest = value >>> 7; rest != 0; rest >>>= 7) {
            length++;
        }
        at -= length;
        long rest = value;
        for (int i = 0; i < length; i++) {
            buf[at + i] = (byte) (i == length - 1 ? rest : (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
    }

    void varint(int field, long value) {
        raw(value);
        raw((field << 3) | VARINT);
    }

    void bytes(int field, byte[] value, int start, int end) {
        room(end - start);
        at -= end - start;
        System.arraycopy(value, start, buf, at, end - start);
        head(field, end - start);
    }

    /** Text; empty: nothing, as for any field of proto3. */
    void text(int field, String value) {
        if (!value.isEmpty()) {
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            bytes(field, bytes, 0, bytes.length);
        }
    }

    /** As {@link #bytes}, in ASCII lower case and with {@link Utf8} in order. */
    void header(int field, byte[] value, int start, int end, boolean lower) {
        int length = end - start;
        room(length);
        at -= length;
        int from = at;
        boolean ascii = true;
        for (int i = 0; i < length; i++) {
            byte b = value[start + i];
            ascii &= b >= 0;
            buf[from + i] = lower && b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
        }
        if (!ascii) {
            Utf8.sanitize(buf, from, from + length);
        }
        head(field, length);
    }

    /** What a message that is opened here is ended with; what is written from now on is before that in the bytes. */
    int open() {
        return size();
    }

    /** The beginning of the message whose end was at {@code mark}. */
    void close(int field, int mark) {
        head(field, size() - mark);
    }

    private void head(int field, int length) {
        raw(length);
        raw((field << 3) | BYTES);
    }

    byte[] copy() {
        return Arrays.copyOfRange(buf, at, buf.length);
    }
}
