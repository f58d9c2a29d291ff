package lateen.proxy.http1;

import lateen.decision.request.HeaderName;

/**
 * What a look at an HTTP/2 field's bytes found, in one number: the name's hash, what the field means to the protocol, and
 * whether its bytes may stand there. HPACK tables keep it, so that a field that repeats is looked at once. RFC 9113
 * section 8.2.1.
 */
public final class FieldFacts {

    /** Kinds of fields. Pseudo-header fields come first. */
    static final int METHOD = 1;

    static final int SCHEME = 2;
    static final int AUTHORITY = 3;
    static final int PATH = 4;
    static final int PROTOCOL = 5;
    static final int STATUS = 6;
    static final int UNKNOWN_PSEUDO = 7;
    static final int LAST_PSEUDO = 7;
    static final int ORDINARY = 8;
    static final int CONNECTION_SPECIFIC = 9;
    static final int TE = 10;
    static final int CONTENT_LENGTH = 11;
    static final int COOKIE = 12;
    static final int HOST = 13;

    private static final int KIND_SHIFT = 32;
    static final long BAD_NAME = 1L << 40;
    static final long BAD_VALUE = 1L << 41;

    private static final HeaderName[] PSEUDO = {
        HeaderName.of(":method"),
        HeaderName.of(":scheme"),
        HeaderName.of(":authority"),
        HeaderName.of(":path"),
        HeaderName.of(":protocol"),
        HeaderName.of(":status"),
    };

    private FieldFacts() {}

    /** What the name {@code a[start, end)} tells. */
    public static long name(byte[] a, int start, int end) {
        if (start == end) {
            return BAD_NAME;
        }
        if (a[start] == ':') {
            return pseudo(a, start, end);
        }
        int hash = 0;
        for (int i = start; i < end; i++) {
            byte b = a[i];
            // A lower-case token's bytes are their own lower-case form: all others are not.
            if (Bytes.TOKEN_LOWER[b & 0xFF] != b || b == 0) {
                return BAD_NAME;
            }
            hash = 31 * hash + b;
        }
        return (hash & 0xFFFFFFFFL) | ((long) kind(hash, a, start, end) << KIND_SHIFT);
    }

    private static long pseudo(byte[] a, int start, int end) {
        for (int i = 0; i < PSEUDO.length; i++) {
            // Only a length and letters that no upper-case name has: matches() would forgive letter case.
            if (PSEUDO[i].matches(a, start, end) && lower(a, start, end)) {
                return (PSEUDO[i].hash() & 0xFFFFFFFFL) | ((long) (METHOD + i) << KIND_SHIFT);
            }
        }
        return (long) UNKNOWN_PSEUDO << KIND_SHIFT;
    }

    private static boolean lower(byte[] a, int start, int end) {
        for (int i = start; i < end; i++) {
            if (a[i] >= 'A' && a[i] <= 'Z') {
                return false;
            }
        }
        return true;
    }

    private static int kind(int hash, byte[] a, int start, int end) {
        return switch (end - start) {
            case 2 -> kind(KnownHeader.TE, TE, hash, a, start, end);
            case 4 -> kind(KnownHeader.HOST, HOST, hash, a, start, end);
            case 6 -> kind(KnownHeader.COOKIE, COOKIE, hash, a, start, end);
            case 7 -> kind(KnownHeader.UPGRADE, CONNECTION_SPECIFIC, hash, a, start, end);
            case 10 ->
                kind(KnownHeader.CONNECTION, CONNECTION_SPECIFIC, hash, a, start, end) == ORDINARY
                        ? kind(KnownHeader.KEEP_ALIVE, CONNECTION_SPECIFIC, hash, a, start, end)
                        : CONNECTION_SPECIFIC;
            case 14 -> kind(KnownHeader.CONTENT_LENGTH, CONTENT_LENGTH, hash, a, start, end);
            case 16 -> kind(KnownHeader.PROXY_CONNECTION, CONNECTION_SPECIFIC, hash, a, start, end);
            case 17 -> kind(KnownHeader.TRANSFER_ENCODING, CONNECTION_SPECIFIC, hash, a, start, end);
            default -> ORDINARY;
        };
    }

    private static int kind(HeaderName name, int kind, int hash, byte[] a, int start, int end) {
        return name.hash() == hash && name.matches(a, start, end) ? kind : ORDINARY;
    }

    /** The name's facts, and those of the value {@code a[start, end)}. */
    public static long value(long name, byte[] a, int start, int end) {
        for (int i = start; i < end; i++) {
            if (!Bytes.value(a[i])) {
                return name | BAD_VALUE;
            }
        }
        return name;
    }

    /** The facts without what they say of a value. */
    public static long nameOf(long facts) {
        return facts & ~BAD_VALUE;
    }

    static int kind(long facts) {
        return (int) (facts >> KIND_SHIFT) & 0xFF;
    }
}
