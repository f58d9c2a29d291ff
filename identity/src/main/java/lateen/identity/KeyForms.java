package lateen.identity;

/** Older forms of private keys, put into PKCS#8 (RFC 5958), which is what the JDK reads. */
final class KeyForms {

    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int NULL = 0x05;
    /** {@code parameters [0]} of an {@code ECPrivateKey}. */
    private static final int PARAMETERS = 0xa0;

    private KeyForms() {}

    /** @throws IllegalArgumentException never with anything of the key in it */
    static byte[] pkcs8(Pem.Block block) {
        return switch (block.label()) {
            case "RSA PRIVATE KEY" ->
                wrapped(
                        Der.sequence(Der.oid(1, 2, 840, 113549, 1, 1, 1), Der.element(NULL)),
                        block.bytes("RSA PRIVATE KEY"));
            case "EC PRIVATE KEY" -> {
                byte[] der = block.bytes("EC PRIVATE KEY");
                yield wrapped(Der.sequence(Der.oid(1, 2, 840, 10045, 2, 1), curve(der)), der);
            }
            default -> block.bytes("PRIVATE KEY");
        };
    }

    private static byte[] wrapped(byte[] algorithm, byte[] key) {
        return Der.sequence(Der.integer(0), algorithm, Der.octetString(key));
    }

    /** The object identifier of the curve: RFC 5915 section 3, {@code SEQUENCE { 1, OCTET STRING, [0] { OID } … }}. */
    private static byte[] curve(byte[] der) {
        int at = content(der, 0, Der.SEQUENCE);
        at = after(der, at);
        if (at < der.length && (der[at] & 0xff) == OCTET_STRING) {
            at = after(der, at);
            if (at < der.length && (der[at] & 0xff) == PARAMETERS) {
                int oid = content(der, at, PARAMETERS);
                int end = after(der, oid);
                if (end <= der.length && (der[oid] & 0xff) == OBJECT_IDENTIFIER) {
                    return java.util.Arrays.copyOfRange(der, oid, end);
                }
            }
        }
        throw new IllegalArgumentException("PEM: EC PRIVATE KEY without the name of its curve (expected: PKCS#8)");
    }

    /** Where the contents of the element begin. */
    private static int content(byte[] der, int at, int tag) {
        if (at >= der.length || (der[at] & 0xff) != tag) {
            throw new IllegalArgumentException("PEM: EC PRIVATE KEY cannot be read (expected: RFC 5915)");
        }
        return at + 1 + lengthOfLength(der, at + 1);
    }

    /** Where the next element begins; past the end when it does not fit. */
    private static int after(byte[] der, int at) {
        if (at + 1 >= der.length) {
            return der.length;
        }
        int digits = lengthOfLength(der, at + 1) - 1;
        long length = der[at + 1] & 0xff;
        if (digits > 0) {
            length = 0;
            for (int i = 0; i < digits && at + 2 + i < der.length; i++) {
                length = length << 8 | (der[at + 2 + i] & 0xff);
            }
        }
        long next = at + 2L + digits + length;
        return next < 0 || next > der.length ? der.length : (int) next;
    }

    private static int lengthOfLength(byte[] der, int at) {
        int first = at < der.length ? der[at] & 0xff : 0;
        int digits = first < 0x80 ? 0 : first & 0x7f;
        if (digits > 4) {
            throw new IllegalArgumentException("PEM: EC PRIVATE KEY cannot be read (expected: RFC 5915)");
        }
        return 1 + digits;
    }
}
