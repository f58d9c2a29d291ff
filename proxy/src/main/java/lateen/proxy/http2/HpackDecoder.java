package lateen.proxy.http2;

import lateen.proxy.http1.FieldFacts;
import lateen.proxy.http1.HeadBuilder;

/**
 * Decodes header blocks straight into heads. RFC 7541. The block goes on being decoded when its head is refused, because
 * the tables of the two sides must stay the same. One for each connection.
 */
final class HpackDecoder {

    /** What came of a block. */
    enum Result {
        OK,
        /** The tables differ from now on: the connection must end. */
        CORRUPT,
        /** An HPACK bomb: little that decodes to very much. */
        FLOOD
    }

    private static final int DEFAULT_LIMIT = 4096;
    private static final byte[] NO_BYTES = {};

    private final DynamicTable table = new DynamicTable(DEFAULT_LIMIT);
    /** Until the peer has acknowledged a lower one, it may use the default. */
    private final int highestLimit;

    private byte[] in = NO_BYTES;
    private int at;
    private int end;
    private int string;
    /** For fields that are not kept, but may go into the table. */
    private byte[] scratch = NO_BYTES;

    HpackDecoder(int tableSize) {
        highestLimit = Math.max(DEFAULT_LIMIT, tableSize);
    }

    /** Decodes {@code block[start, stop)}; {@code out} has begun and is to be finished by the caller. */
    Result decode(byte[] block, int start, int stop, HeadBuilder out) {
        in = block;
        at = start;
        end = stop;
        boolean fields = false;
        while (at < end) {
            int first = in[at];
            boolean good;
            if (first < 0) {
                good = indexed(integer(0x7F), out);
                fields = true;
            } else if ((first & 0xE0) == 0x20) {
                int size = integer(0x1F);
                good = !fields && size >= 0 && size <= highestLimit;
                if (good) {
                    table.limit(size);
                }
            } else {
                boolean add = (first & 0x40) != 0;
                good = literal(integer(add ? 0x3F : 0x0F), add, (first & 0x50) == 0x10, out);
                fields = true;
            }
            if (!good) {
                return Result.CORRUPT;
            }
            if (out.flooded()) {
                return Result.FLOOD;
            }
        }
        return Result.OK;
    }

    private boolean indexed(int index, HeadBuilder out) {
        if (index <= 0) {
            return false;
        }
        byte[] name;
        byte[] value;
        int nameAt = 0;
        int valueAt = 0;
        int nameLength;
        int valueLength;
        long facts;
        if (index <= StaticTable.SIZE) {
            name = StaticTable.name(index);
            value = StaticTable.value(index);
            nameLength = name.length;
            valueLength = value.length;
            facts = StaticTable.facts(index);
        } else {
            int age = index - StaticTable.SIZE - 1;
            if (age >= table.count()) {
                return false;
            }
            int entry = table.aged(age);
            name = table.bytes();
            value = name;
            nameLength = table.nameLength(entry);
            valueLength = table.valueLength(entry);
            nameAt = table.offset(entry);
            valueAt = nameAt + nameLength;
            facts = table.tag(entry);
        }
        if (!out.keeps()) {
            out.skip(nameLength, valueLength);
            return true;
        }
        byte[] to = out.room(nameLength + valueLength + 4);
        int from = out.position();
        System.arraycopy(name, nameAt, to, from, nameLength);
        System.arraycopy(value, valueAt, to, from + nameLength + 2, valueLength);
        out.add(nameLength, valueLength, facts);
        return true;
    }

    private boolean literal(int index, boolean add, boolean never, HeadBuilder out) {
        if (index < 0) {
            return false;
        }
        boolean keeps = out.keeps();
        int from = keeps ? out.position() : 0;
        int nameLength;
        long facts;
        byte[] to;
        if (index == 0) {
            int encoded = string();
            if (encoded < 0) {
                return false;
            }
            to = room(Huffman.decodedAtMost(encoded) + 4, keeps, out);
            nameLength = text(encoded, to, from);
            if (nameLength < 0) {
                return false;
            }
            facts = FieldFacts.name(to, from, from + nameLength);
        } else {
            byte[] name;
            int nameAt = 0;
            if (index <= StaticTable.SIZE) {
                name = StaticTable.name(index);
                nameLength = name.length;
                facts = StaticTable.facts(index);
            } else {
                int age = index - StaticTable.SIZE - 1;
                if (age >= table.count()) {
                    return false;
                }
                int entry = table.aged(age);
                name = table.bytes();
                nameAt = table.offset(entry);
                nameLength = table.nameLength(entry);
                facts = FieldFacts.nameOf(table.tag(entry));
            }
            to = room(nameLength + 4, keeps, out);
            System.arraycopy(name, nameAt, to, from, nameLength);
        }
        int encoded = string();
        if (encoded < 0) {
            return false;
        }
        to = room(nameLength + Huffman.decodedAtMost(encoded) + 4, keeps, out);
        int valueAt = from + nameLength + 2;
        int valueLength = text(encoded, to, valueAt);
        if (valueLength < 0) {
            return false;
        }
        facts = FieldFacts.value(facts, to, valueAt, valueAt + valueLength);
        if (add) {
            table.add(to, from, nameLength, valueAt, valueLength, facts);
        }
        if (!keeps) {
            out.skip(nameLength, valueLength);
            return true;
        }
        if (never) {
            out.neverIndexed(facts);
        }
        out.add(nameLength, valueLength, facts);
        return true;
    }

    private byte[] room(int bytes, boolean keeps, HeadBuilder out) {
        if (keeps) {
            return out.room(bytes);
        }
        if (scratch.length < bytes) {
            byte[] more = new byte[Math.max(256, bytes)];
            System.arraycopy(scratch, 0, more, 0, scratch.length);
            scratch = more;
        }
        return scratch;
    }

    /** Reads a string's length; -1: it ends outside the block. {@link #string} is negative for Huffman. */
    private int string() {
        if (at == end) {
            return -1;
        }
        string = in[at];
        int length = integer(0x7F);
        return length <= end - at ? length : -1;
    }

    /** Reads a string's bytes; how many they are when decoded. */
    private int text(int encoded, byte[] to, int position) {
        int from = at;
        at += encoded;
        if (string >= 0) {
            System.arraycopy(in, from, to, position, encoded);
            return encoded;
        }
        int stop = Huffman.decode(in, from, at, to, position);
        return stop < 0 ? -1 : stop - position;
    }

    /** RFC 7541 section 5.1; -1: it does not end in the block, or is above 2^28. */
    private int integer(int prefix) {
        int value = in[at++] & prefix;
        if (value < prefix) {
            return value;
        }
        for (int shift = 0; shift <= 21 && at < end; shift += 7) {
            int b = in[at++];
            value += (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        return -1;
    }

    /** Lets go of memory that only large heads need. */
    void trim() {
        scratch = NO_BYTES;
        in = NO_BYTES;
    }
}
