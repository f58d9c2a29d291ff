package lateen.decision.request;

import java.nio.charset.StandardCharsets;

/** A header's name prepared for look-ups: lower-case bytes and their hash. Immutable. */
public final class HeaderName {

    private final byte[] bytes;
    private final int hash;

    private HeaderName(byte[] bytes, int hash) {
        this.bytes = bytes;
        this.hash = hash;
    }

    public static HeaderName of(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        int hash = 0;
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = lower(bytes[i]);
            hash = 31 * hash + bytes[i];
        }
        return new HeaderName(bytes, hash);
    }

    /** ASCII lower case; other bytes as they are. */
    public static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
    }

    /** {@code 31 * hash + b} over the lower-case bytes, from 0. */
    public int hash() {
        return hash;
    }

    public int length() {
        return bytes.length;
    }

    /** Whether {@code array[start, end)} is this name, letter case aside. */
    public boolean matches(byte[] array, int start, int end) {
        if (end - start != bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (lower(array[start + i]) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Copies the lower-case bytes to {@code into[at, at + length())}, for writing a header of this name. */
    public void copyTo(byte[] into, int at) {
        System.arraycopy(bytes, 0, into, at, bytes.length);
    }

    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
