package lateen.proxy.http2;

import java.util.Arrays;

/**
 * A dynamic table: names and values in one array that is written round and round, never across its end, and for each
 * entry a tag of its user's. RFC 7541 sections 2.3.2 and 4. Memory grows with use, to little more than twice the limit.
 *
 * <p>An entry's bytes are together and stay where they are: the array has at least twice the room of what lives in it, so
 * that the next entry fits before the oldest one or behind the newest.
 */
final class DynamicTable {

    private static final int OVERHEAD = 32;
    private static final int FIRST_BYTES = 512;
    private static final int FIRST_ENTRIES = 16;
    private static final byte[] NO_BYTES = {};
    private static final int[] NO_NUMBERS = {};

    private byte[] bytes = NO_BYTES;
    private int write;
    private int[] offset = NO_NUMBERS;
    private int[] nameLength = NO_NUMBERS;
    private int[] valueLength = NO_NUMBERS;
    private long[] tag = new long[0];
    private int mask = -1;
    private int inserted;
    private int count;
    private int size;
    private int limit;

    DynamicTable(int limit) {
        this.limit = limit;
    }

    int count() {
        return count;
    }

    int limit() {
        return limit;
    }

    /** Bytes in use, each entry with 32 more. */
    int size() {
        return size;
    }

    /** Number of entries ever added: what an entry's number is counted against. Overflows. */
    int inserted() {
        return inserted;
    }

    /** Where the entry stands that was the {@code number}th to be added, counted from 0; -1: it is gone. */
    int at(int number) {
        int age = inserted - 1 - number;
        return age >= 0 && age < count ? number & mask : -1;
    }

    /** Where the entry stands that {@code age} entries came after; less than {@link #count}. */
    int aged(int age) {
        return inserted - 1 - age & mask;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Where the name begins of the entry that stands there; the value follows it. */
    int offset(int at) {
        return offset[at];
    }

    int nameLength(int at) {
        return nameLength[at];
    }

    int valueLength(int at) {
        return valueLength[at];
    }

    long tag(int at) {
        return tag[at];
    }

    void limit(int to) {
        limit = to;
        evictTo(to);
    }

    private void evictTo(int most) {
        while (size > most) {
            int at = aged(count - 1);
            size -= nameLength[at] + valueLength[at] + OVERHEAD;
            count--;
        }
    }

    /** Adds an entry; one that is larger than the whole table just empties it. The bytes may not be the table's. */
    void add(byte[] from, int name, int nameBytes, int value, int valueBytes, long itsTag) {
        int length = nameBytes + valueBytes;
        if (length > limit - OVERHEAD) {
            evictTo(0);
            return;
        }
        evictTo(limit - length - OVERHEAD);
        int live = size - count * OVERHEAD;
        if (2 * (live + length) > bytes.length) {
            moveTo(Math.max(FIRST_BYTES, Math.max(2 * bytes.length, 2 * (live + length))));
        }
        if (count == offset.length) {
            moreEntries(Math.max(FIRST_ENTRIES, 2 * count));
        }
        if (write + length > bytes.length) {
            write = 0;
        }
        System.arraycopy(from, name, bytes, write, nameBytes);
        System.arraycopy(from, value, bytes, write + nameBytes, valueBytes);
        int at = inserted++ & mask;
        offset[at] = write;
        nameLength[at] = nameBytes;
        valueLength[at] = valueBytes;
        tag[at] = itsTag;
        write += length;
        count++;
        size += length + OVERHEAD;
    }

    private void moveTo(int capacity) {
        byte[] to = new byte[capacity];
        int end = 0;
        for (int age = count - 1; age >= 0; age--) {
            int at = aged(age);
            int length = nameLength[at] + valueLength[at];
            System.arraycopy(bytes, offset[at], to, end, length);
            offset[at] = end;
            end += length;
        }
        bytes = to;
        write = end;
    }

    private void moreEntries(int entries) {
        int[] offsets = new int[entries];
        int[] names = new int[entries];
        int[] values = new int[entries];
        long[] tags = Arrays.copyOf(tag, entries);
        int wider = entries - 1;
        for (int age = count - 1; age >= 0; age--) {
            int from = aged(age);
            int to = inserted - 1 - age & wider;
            offsets[to] = offset[from];
            names[to] = nameLength[from];
            values[to] = valueLength[from];
            tags[to] = tag[from];
        }
        offset = offsets;
        nameLength = names;
        valueLength = values;
        tag = tags;
        mask = wider;
    }
}
