package lateen.decision.request;

import java.nio.charset.StandardCharsets;

/**
 * A run of bytes in somebody's array. The owner may point it elsewhere: it is valid only during the call that handed it
 * over. One event loop owns it.
 */
public final class ByteSlice {

    private static final byte[] EMPTY = new byte[0];

    private byte[] array = EMPTY;
    private int start;
    private int end;

    /** Points this slice at {@code array[start, end)}; nothing is copied. */
    public ByteSlice set(byte[] array, int start, int end) {
        this.array = array;
        this.start = start;
        this.end = end;
        return this;
    }

    /** A slice of its own over the text's ISO-8859-1 bytes. */
    public static ByteSlice of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return new ByteSlice().set(bytes, 0, bytes.length);
    }

    public byte[] array() {
        return array;
    }

    public int start() {
        return start;
    }

    public int end() {
        return end;
    }

    public int length() {
        return end - start;
    }

    /** The byte at {@code index} from the slice's own start. */
    public byte at(int index) {
        return array[start + index];
    }

    /** ISO-8859-1, as HTTP header bytes are read. Allocates: not for every request. */
    @Override
    public String toString() {
        return new String(array, start, end - start, StandardCharsets.ISO_8859_1);
    }
}
