package lateen.proxy.http1;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;

/**
 * Header lines as ranges of one byte array, in order. An edit appends a line to the array and points the index at it, so
 * that lines nobody touched are still encoded as they came, in one copy as long as they are neighbours.
 *
 * <p>Slices handed out stay valid until the head is used for the next message, but not across an edit of the same line.
 */
public abstract sealed class HeaderLines permits Head, Trailers {

    private static final int INITIAL_BYTES = 1024;
    private static final int INITIAL_LINES = 16;
    private static final byte[] NO_BYTES = {};
    private static final int[] NO_NUMBERS = {};
    /** A connection that once had a large head does not keep its memory. */
    private static final int KEPT_BYTES = 8192;

    private static final int FIELDS = 5;
    private static final int START = 0;
    private static final int NAME_END = 1;
    private static final int VALUE_START = 2;
    private static final int VALUE_END = 3;
    private static final int END = 4;

    /** The head's bytes as received, then those of edits. */
    byte[] buf = NO_BYTES;

    int used;
    private int[] index = NO_NUMBERS;
    private int[] hashes = NO_NUMBERS;
    private int count;
    /** By the lower six bits of a name's hash: whether HTTP/2 may never index such a field. */
    long neverIndexed;
    /** Where the received empty line stands that ends the head; -1: none. */
    private int terminator = -1;

    void clearLines() {
        used = 0;
        count = 0;
        neverIndexed = 0;
        terminator = -1;
        if (buf.length > KEPT_BYTES) {
            buf = NO_BYTES;
        }
    }

    /** Bytes of heap that it takes. */
    public final int memory() {
        return buf.length;
    }

    /** Lets go of all memory, until there is a head again. None is in use. */
    public final void shrink() {
        clearLines();
        buf = NO_BYTES;
        index = NO_NUMBERS;
        hashes = NO_NUMBERS;
    }

    final void takeLines(HeaderLines other) {
        buf = Arrays.copyOf(other.buf, other.used);
        used = other.used;
        index = Arrays.copyOf(other.index, other.count * FIELDS);
        hashes = Arrays.copyOf(other.hashes, other.count);
        count = other.count;
        terminator = -1;
    }

    /** Number of header lines. */
    public final int count() {
        return count;
    }

    /** Points {@code into} at the name of line {@code i}, as it was written. */
    public final ByteSlice name(int i, ByteSlice into) {
        return into.set(buf, at(i, START), at(i, NAME_END));
    }

    /** Points {@code into} at the value of line {@code i}, without blanks around it. */
    public final ByteSlice value(int i, ByteSlice into) {
        return into.set(buf, at(i, VALUE_START), at(i, VALUE_END));
    }

    /** The first line of that name at or after {@code from}; -1: none. */
    public final int find(HeaderName name, int from) {
        int hash = name.hash();
        for (int i = from; i < count; i++) {
            if (hashes[i] == hash && name.matches(buf, at(i, START), at(i, NAME_END))) {
                return i;
            }
        }
        return -1;
    }

    public final boolean has(HeaderName name) {
        return find(name, 0) >= 0;
    }

    /**
     * Points {@code into} at the first value of that name.
     *
     * @return how many lines of that name there are; 0: {@code into} is untouched
     */
    public final int header(HeaderName name, ByteSlice into) {
        int first = find(name, 0);
        if (first < 0) {
            return 0;
        }
        value(first, into);
        int n = 1;
        for (int i = find(name, first + 1); i >= 0; i = find(name, i + 1)) {
            n++;
        }
        return n;
    }

    /** The values of that name joined by commas, as a slice of its own. Allocates. */
    public final ByteSlice joined(HeaderName name) {
        StringBuilder all = new StringBuilder();
        ByteSlice one = new ByteSlice();
        for (int i = find(name, 0); i >= 0; i = find(name, i + 1)) {
            all.append(all.isEmpty() ? "" : ",").append(value(i, one));
        }
        return ByteSlice.of(all.toString());
    }

    /** Whether line {@code i} has that name. */
    public final boolean is(int i, HeaderName name) {
        return nameIs(i, name);
    }

    /** Whether no line before has the name of line {@code i}. */
    public final boolean isFirst(int i) {
        return other(i, 0, i) < 0;
    }

    /** Whether no line after has the name of line {@code i}. */
    public final boolean isLast(int i) {
        return other(i, i + 1, count) < 0;
    }

    private int other(int i, int from, int to) {
        int start = at(i, START);
        int length = at(i, NAME_END) - start;
        for (int j = from; j < to; j++) {
            int s = at(j, START);
            if (hashes[j] == hashes[i] && at(j, NAME_END) - s == length && sameLetters(s, start, length)) {
                return j;
            }
        }
        return -1;
    }

    /** The values of all lines from {@code i} on with its name, joined by commas, as a slice of its own. Allocates. */
    public final ByteSlice joinedAt(int i) {
        ByteSlice one = new ByteSlice();
        StringBuilder all = new StringBuilder(value(i, one).toString());
        for (int j = other(i, i + 1, count); j >= 0; j = other(i, j + 1, count)) {
            all.append(',').append(value(j, one));
        }
        return ByteSlice.of(all.toString());
    }

    /** Whether the value of line {@code i} is {@code text}, letter case aside. */
    final boolean valueIs(int i, HeaderName text) {
        return text.matches(buf, at(i, VALUE_START), at(i, VALUE_END));
    }

    final int valueStart(int i) {
        return at(i, VALUE_START);
    }

    final int valueEnd(int i) {
        return at(i, VALUE_END);
    }

    /** The hash of line {@code i}'s name: {@link HeaderName#hash}. */
    public final int hash(int i) {
        return hashes[i];
    }

    /** Whether line {@code i} may not enter a table of HTTP/2, as its sender wants it. RFC 7541 section 7.1.3. */
    public final boolean neverIndexed(int i) {
        return (neverIndexed & 1L << hashes[i]) != 0;
    }

    /** Whether the value of line {@code i} is {@code buf[start, end)}, letter case aside. */
    final boolean sameValue(int i, int start, int end) {
        return at(i, VALUE_END) - at(i, VALUE_START) == end - start
                && sameLetters(at(i, VALUE_START), start, end - start);
    }

    final boolean nameIs(int i, HeaderName name) {
        return hashes[i] == name.hash() && name.matches(buf, at(i, START), at(i, NAME_END));
    }

    /** Removes all lines of that name; how many there were. */
    public final int remove(HeaderName name) {
        int n = 0;
        for (int i = find(name, 0); i >= 0; i = find(name, i)) {
            removeAt(i);
            n++;
        }
        return n;
    }

    /** Removes all lines whose name is {@code buf[start, end)}, letter case aside. */
    final void removeNamed(int hash, int start, int end) {
        for (int i = count - 1; i >= 0; i--) {
            int s = at(i, START);
            if (hashes[i] == hash && at(i, NAME_END) - s == end - start && sameLetters(s, start, end - start)) {
                removeAt(i);
            }
        }
    }

    private boolean sameLetters(int a, int b, int length) {
        for (int i = 0; i < length; i++) {
            if (HeaderName.lower(buf[a + i]) != HeaderName.lower(buf[b + i])) {
                return false;
            }
        }
        return true;
    }

    final void removeAt(int i) {
        int after = count - i - 1;
        System.arraycopy(index, (i + 1) * FIELDS, index, i * FIELDS, after * FIELDS);
        System.arraycopy(hashes, i + 1, hashes, i, after);
        count--;
    }

    /**
     * Adds a line after all others. In all edits, bytes that cannot stand in a value become spaces (RFC 9110 section
     * 5.5), so that no value can end a line.
     */
    public final void add(HeaderName name, byte[] value, int start, int end) {
        int at = writeLine(name, value, start, end);
        record(count, at, at + name.length(), at + name.length() + 2, used - 2, used, name.hash());
    }

    public final void add(HeaderName name, byte[] value) {
        add(name, value, 0, value.length);
    }

    /** Makes this the only value of that name: in the place of the first line of that name, else after all others. */
    public final void set(HeaderName name, byte[] value, int start, int end) {
        if (!replace(name, value, start, end)) {
            add(name, value, start, end);
        }
    }

    public final void set(HeaderName name, byte[] value) {
        set(name, value, 0, value.length);
    }

    public final void set(HeaderName name, ByteSlice value) {
        set(name, value.array(), value.start(), value.end());
    }

    /** As {@link #set}, with a decimal number that is not negative. */
    public final void setNumber(HeaderName name, long number) {
        int digits = 1;
        for (long n = number; n >= 10; n /= 10) {
            digits++;
        }
        ensure(digits);
        int at = used;
        long n = number;
        for (int i = at + digits - 1; i >= at; i--) {
            buf[i] = (byte) ('0' + n % 10);
            n /= 10;
        }
        used += digits;
        set(name, buf, at, at + digits);
    }

    /** As {@link #set}, but only where there is such a line; whether there was. */
    public final boolean replace(HeaderName name, byte[] value, int start, int end) {
        int i = find(name, 0);
        if (i < 0) {
            return false;
        }
        for (int more = find(name, i + 1); more >= 0; more = find(name, more)) {
            removeAt(more);
        }
        int at = writeLine(name, value, start, end);
        rewrite(i, at, name);
        return true;
    }

    /** Adds a line where there is none of that name. */
    public final void addIfAbsent(HeaderName name, byte[] value, int start, int end) {
        if (!has(name)) {
            add(name, value, start, end);
        }
    }

    /**
     * Extends the last line of that name by a comma and the value; without one, and for Set-Cookie, which cannot be
     * joined (RFC 9110 section 5.3), adds a line.
     */
    public final void append(HeaderName name, byte[] value, int start, int end) {
        int last = -1;
        for (int i = find(name, 0); i >= 0; i = find(name, i + 1)) {
            last = i;
        }
        if (last < 0 || nameIs(last, KnownHeader.SET_COOKIE)) {
            add(name, value, start, end);
            return;
        }
        int at = writeLine(name, buf, at(last, VALUE_START), at(last, VALUE_END));
        used -= 2;
        ensure(end - start + 3);
        buf[used++] = ',';
        writeValue(value, start, end);
        rewrite(last, at, name);
    }

    private void rewrite(int i, int at, HeaderName name) {
        int o = i * FIELDS;
        index[o + START] = at;
        index[o + NAME_END] = at + name.length();
        index[o + VALUE_START] = at + name.length() + 2;
        index[o + VALUE_END] = used - 2;
        index[o + END] = used;
    }

    private int writeLine(HeaderName name, byte[] value, int start, int end) {
        ensure(name.length() + end - start + 4);
        int at = used;
        name.copyTo(buf, at);
        used += name.length();
        buf[used++] = ':';
        buf[used++] = ' ';
        writeValue(value, start, end);
        return at;
    }

    private void writeValue(byte[] value, int start, int end) {
        for (int i = start; i < end; i++) {
            byte b = value[i];
            buf[used++] = Bytes.value(b) ? b : (byte) ' ';
        }
        buf[used++] = '\r';
        buf[used++] = '\n';
    }

    /** Room for {@code more} bytes after {@link #used}. */
    final void ensure(int more) {
        if (buf.length - used < more) {
            buf = Arrays.copyOf(buf, Math.max(Math.max(INITIAL_BYTES, buf.length * 2), used + more));
        }
    }

    final void record(int i, int start, int nameEnd, int valueStart, int valueEnd, int end, int hash) {
        if (i == hashes.length) {
            int lines = Math.max(INITIAL_LINES, i * 2);
            hashes = Arrays.copyOf(hashes, lines);
            index = Arrays.copyOf(index, lines * FIELDS);
        }
        int o = i * FIELDS;
        index[o + START] = start;
        index[o + NAME_END] = nameEnd;
        index[o + VALUE_START] = valueStart;
        index[o + VALUE_END] = valueEnd;
        index[o + END] = end;
        hashes[i] = hash;
        count = i + 1;
    }

    final void terminatorAt(int at) {
        terminator = at;
    }

    private int at(int i, int field) {
        return index[i * FIELDS + field];
    }

    /** Writes the range before the lines, the lines, and the empty line. */
    final void encodeFrom(int rangeStart, int rangeEnd, ByteBuf out) {
        int from = rangeStart;
        int to = rangeEnd;
        for (int i = 0; i < count; i++) {
            int start = at(i, START);
            if (start != to) {
                out.writeBytes(buf, from, to - from);
                from = start;
            }
            to = at(i, END);
        }
        if (to == terminator) {
            out.writeBytes(buf, from, to + 2 - from);
        } else {
            out.writeBytes(buf, from, to - from);
            out.writeShort('\r' << 8 | '\n');
        }
    }

    /** The whole array so far as ISO-8859-1, for tests and debuggers. */
    @Override
    public String toString() {
        return new String(buf, 0, used, StandardCharsets.ISO_8859_1);
    }
}
