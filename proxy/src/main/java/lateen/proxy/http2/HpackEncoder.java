package lateen.proxy.http2;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Scheme;

/**
 * Encodes heads and trailers into header blocks. RFC 7541. A field enters the dynamic table when it is seen for the
 * second time, so that what never repeats drives nothing out; strings go as they are (see {@link Huffman}). Of heads that
 * came over HTTP/1, what belongs to one connection only is left out. One for each connection.
 */
final class HpackEncoder {

    private static final int DEFAULT_LIMIT = 4096;
    /** Longer values are rarely worth their place. */
    private static final int LONGEST_INDEXED = 512;

    private static final int NEVER_INDEXED = 0x10;
    private static final int NOT_INDEXED = 0x00;
    private static final int ADDED = 0x40;

    private static final int FIRST_BYTES = 512;
    private static final int KEPT_BYTES = 8192;
    private static final byte[] NO_BYTES = {};
    private static final byte[] NAME_METHOD = name(":method");
    private static final byte[] NAME_PATH = name(":path");
    private static final byte[] NAME_AUTHORITY = name(":authority");
    private static final byte[] NAME_PROTOCOL = name(":protocol");
    private static final byte[] NAME_STATUS = name(":status");
    private static final byte[] CONNECT = name("CONNECT");
    private static final byte[] TRAILERS = name("trailers");
    private static final HeaderName TRAILERS_VALUE = HeaderName.of("trailers");
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int PLACES = 256;
    private static final int REMEMBERED = 64;

    private final int highestLimit;
    private final DynamicTable table = new DynamicTable(DEFAULT_LIMIT);
    /** By hash: the number of the entry that was added last. */
    private final int[] numbers = new int[PLACES];
    /** By hash: the hash of a field that was not found. */
    private final long[] seen = new long[REMEMBERED];

    private final ByteSlice name = new ByteSlice();
    private final ByteSlice value = new ByteSlice();
    private final byte[] digits = new byte[3];

    private byte[] out = NO_BYTES;
    private int at;
    /** The lowest limit since the last block; -1: it is the same. RFC 7541 section 4.2. */
    private int lowestLimit = -1;

    HpackEncoder(int tableSize) {
        highestLimit = tableSize;
        if (tableSize < DEFAULT_LIMIT) {
            limit(DEFAULT_LIMIT);
        }
    }

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
    void limit(long peers) {
        int to = (int) Math.min(peers, highestLimit);
        if (to != table.limit() || lowestLimit >= 0) {
            lowestLimit = lowestLimit < 0 ? to : Math.min(lowestLimit, to);
            table.limit(to);
        }
    }

    /** Where the last block is, from 0 on; valid until the next one. */
    byte[] block() {
        return out;
    }

    private void begin() {
        at = 0;
        if (out.length > KEPT_BYTES) {
            out = NO_BYTES;
        }
        room(16);
        if (lowestLimit >= 0) {
            if (lowestLimit < table.limit()) {
                integer(0x20, 0x1F, lowestLimit);
            }
            integer(0x20, 0x1F, table.limit());
            lowestLimit = -1;
        }
    }

    /** The length of the block. */
    int encode(RequestHead head, Scheme unlessNamed) {
        begin();
        if (head.upgrade()) {
            // RFC 8441 section 4.
            ByteSlice protocol = head.value(head.find(KnownHeader.UPGRADE, 0), new ByteSlice());
            field(StaticTable.METHOD_GET, NAME_METHOD, CONNECT, 0, CONNECT.length);
            field(0, NAME_PROTOCOL, protocol.array(), protocol.start(), protocol.end());
        } else {
            method(head.method());
        }
        if (!head.isConnect()) {
            Scheme scheme = head.scheme() == Scheme.UNKNOWN ? unlessNamed : head.scheme();
            index(scheme == Scheme.HTTPS ? StaticTable.SCHEME_HTTPS : StaticTable.SCHEME_HTTP);
            ByteSlice path = head.path();
            if (path.length() == 1 && path.at(0) == '/') {
                index(StaticTable.PATH_ROOT);
            } else {
                field(StaticTable.PATH_ROOT, NAME_PATH, path.array(), path.start(), path.end());
            }
        }
        ByteSlice authority = head.authority();
        if (authority.length() > 0) {
            field(StaticTable.AUTHORITY, NAME_AUTHORITY, authority.array(), authority.start(), authority.end());
        }
        lines(head);
        return at;
    }

    private void method(ByteSlice method) {
        if (method.length() == 3 && method.at(0) == 'G' && method.at(1) == 'E' && method.at(2) == 'T') {
            index(StaticTable.METHOD_GET);
        } else if (method.length() == 4
                && method.at(0) == 'P'
                && method.at(1) == 'O'
                && method.at(2) == 'S'
                && method.at(3) == 'T') {
            index(StaticTable.METHOD_POST);
        } else {
            field(StaticTable.METHOD_GET, NAME_METHOD, method.array(), method.start(), method.end());
        }
    }

    /** The length of the block. */
    int encode(ResponseHead head) {
        begin();
        // RFC 8441 section 5: what is 101 in HTTP/1.1 is a success here.
        int status = head.status() == 101 ? 200 : head.status();
        int index = switch (status) {
            case 200 -> StaticTable.STATUS_200;
            case 204 -> StaticTable.STATUS_200 + 1;
            case 206 -> StaticTable.STATUS_200 + 2;
            case 304 -> StaticTable.STATUS_200 + 3;
            case 400 -> StaticTable.STATUS_200 + 4;
            case 404 -> StaticTable.STATUS_200 + 5;
            case 500 -> StaticTable.STATUS_200 + 6;
            default -> 0;
        };
        if (index != 0) {
            index(index);
        } else {
            digits[0] = (byte) ('0' + status / 100);
            digits[1] = (byte) ('0' + status / 10 % 10);
            digits[2] = (byte) ('0' + status % 10);
            field(StaticTable.STATUS_200, NAME_STATUS, digits, 0, 3);
        }
        lines(head);
        return at;
    }

    /** The length of the block. */
    int encode(HeaderLines trailers) {
        begin();
        lines(trailers);
        return at;
    }

    private void lines(HeaderLines lines) {
        for (int i = 0; i < lines.count(); i++) {
            lines.name(i, name);
            int hash = lines.hash(i);
            int code = EncodedName.of(hash, name.array(), name.start(), name.end());
            if ((code & EncodedName.LEFT_OUT) != 0) {
                continue;
            }
            lines.value(i, value);
            byte[] bytes = value.array();
            if ((code & EncodedName.TE) != 0) {
                if (TRAILERS_VALUE.matches(bytes, value.start(), value.end())) {
                    field(0, name.array(), name.start(), name.length(), hash, TRAILERS, 0, TRAILERS.length);
                }
                continue;
            }
            int index = code & EncodedName.INDEX;
            if ((code & EncodedName.NEVER_INDEXED) != 0 || lines.neverIndexed(i)) {
                literal(NEVER_INDEXED, 0x0F, index, name.array(), name.start(), name.length());
                string(bytes, value.start(), value.length());
            } else if ((code & EncodedName.NOT_INDEXED) != 0 || value.length() > LONGEST_INDEXED) {
                literal(NOT_INDEXED, 0x0F, index, name.array(), name.start(), name.length());
                string(bytes, value.start(), value.length());
            } else {
                field(index, name.array(), name.start(), name.length(), hash, bytes, value.start(), value.end());
            }
        }
    }

    private void field(int index, byte[] fieldName, byte[] from, int start, int end) {
        field(index, fieldName, 0, fieldName.length, fieldName.length * 31 + index, from, start, end);
    }

    private void field(
            int index, byte[] names, int nameAt, int nameLength, int nameHash, byte[] from, int start, int end) {
        int length = end - start;
        long hash = hash(nameHash, from, start, end);
        int place = (int) hash & PLACES - 1;
        int entry = table.at(numbers[place]);
        if (entry >= 0 && table.tag(entry) == hash && same(entry, names, nameAt, nameLength, from, start, length)) {
            integer(0x80, 0x7F, StaticTable.SIZE + table.inserted() - numbers[place]);
            return;
        }
        int door = (int) (hash >>> 32) & REMEMBERED - 1;
        if (seen[door] != hash || nameLength + length + 32 > table.limit() / 2) {
            seen[door] = hash;
            literal(NOT_INDEXED, 0x0F, index, names, nameAt, nameLength);
            string(from, start, length);
            return;
        }
        int nameFrom = literal(ADDED, 0x3F, index, names, nameAt, nameLength);
        string(from, start, length);
        if (nameFrom >= 0) {
            // In lower case, as the peer has it.
            table.add(out, nameFrom, nameLength, at - length, length, hash);
        } else {
            byte[] known = StaticTable.name(index);
            System.arraycopy(known, 0, room(known.length), at, known.length);
            table.add(out, at, known.length, at - length, length, hash);
        }
        numbers[place] = table.inserted() - 1;
    }

    private boolean same(int entry, byte[] names, int nameAt, int nameLength, byte[] from, int start, int length) {
        byte[] bytes = table.bytes();
        int offset = table.offset(entry);
        if (table.nameLength(entry) != nameLength || table.valueLength(entry) != length) {
            return false;
        }
        for (int i = 0; i < nameLength; i++) {
            if (bytes[offset + i] != HeaderName.lower(names[nameAt + i])) {
                return false;
            }
        }
        int valueAt = offset + nameLength;
        return Arrays.equals(bytes, valueAt, valueAt + length, from, start, start + length);
    }

    private static long hash(int nameHash, byte[] a, int start, int end) {
        long h = nameHash * 0x9E3779B97F4A7C15L + (end - start);
        int i = start;
        for (; i + 8 <= end; i += 8) {
            h = (h ^ (long) LONGS.get(a, i)) * 0xFF51AFD7ED558CCDL;
            h ^= h >>> 32;
        }
        for (; i < end; i++) {
            h = (h ^ a[i]) * 0xFF51AFD7ED558CCDL;
        }
        h ^= h >>> 29;
        // Never 0, which an empty place has.
        return (h * 0xC4CEB9FE1A85EC53L) | (1L << 63);
    }

    /** Writes a literal's beginning; where the name's bytes are in the block; -1: only its index is. */
    private int literal(int kind, int prefix, int index, byte[] names, int nameAt, int nameLength) {
        byte[] to = room(nameLength + 12);
        if (index > 0) {
            integer(kind, prefix, index);
            return -1;
        }
        to[at++] = (byte) kind;
        integer(0, 0x7F, nameLength);
        for (int i = 0; i < nameLength; i++) {
            to[at + i] = HeaderName.lower(names[nameAt + i]);
        }
        at += nameLength;
        return at - nameLength;
    }

    private void string(byte[] from, int start, int length) {
        byte[] to = room(length + 6);
        integer(0, 0x7F, length);
        System.arraycopy(from, start, to, at, length);
        at += length;
    }

    private void index(int index) {
        room(6);
        out[at++] = (byte) (0x80 | index);
    }

    private void integer(int kind, int prefix, int number) {
        byte[] to = room(6);
        if (number < prefix) {
            to[at++] = (byte) (kind | number);
            return;
        }
        to[at++] = (byte) (kind | prefix);
        int rest = number - prefix;
        for (; rest >= 0x80; rest >>>= 7) {
            to[at++] = (byte) (rest | 0x80);
        }
        to[at++] = (byte) rest;
    }

    private byte[] room(int bytes) {
        if (out.length - at < bytes) {
            out = Arrays.copyOf(out, Math.max(Math.max(FIRST_BYTES, 2 * out.length), at + bytes));
        }
        return out;
    }
}
