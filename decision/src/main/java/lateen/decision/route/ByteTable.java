package lateen.decision.route;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import lateen.decision.request.HeaderName;
import org.jspecify.annotations.Nullable;

/** A hash table asked by bytes, ASCII letter case aside, without making a key. Open addressing, at most half full. */
final class ByteTable<V> {

    private final byte[][] keys;
    private final Object[] values;
    private final int mask;

    /** @param entries keys in lower case */
    ByteTable(Map<String, V> entries) {
        int size = Integer.highestOneBit(Math.max(1, entries.size())) * 4;
        this.keys = new byte[size][];
        this.values = new Object[size];
        this.mask = size - 1;
        entries.forEach((text, value) -> {
            byte[] key = text.getBytes(StandardCharsets.UTF_8);
            int slot = hash(key, 0, key.length) & mask;
            while (values[slot] != null) {
                slot = slot + 1 & mask;
            }
            keys[slot] = key;
            values[slot] = value;
        });
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    @SuppressWarnings("unchecked") // only values of type V were put
    @Nullable
    V get(byte[] array, int start, int end) {
        int slot = hash(array, start, end) & mask;
        while (values[slot] != null) {
            if (same(keys[slot], array, start, end)) {
                return (V) values[slot];
            }
            slot = slot + 1 & mask;
        }
        return null;
    }

    private static boolean same(byte[] key, byte[] array, int start, int end) {
        if (key.length != end - start) {
            return false;
        }
        for (int i = 0; i < key.length; i++) {
            if (key[i] != fold(array[start + i])) {
                return false;
            }
        }
        return true;
    }

    private static int hash(byte[] array, int start, int end) {
        int hash = 0;
        for (int i = start; i < end; i++) {
            hash = 31 * hash + fold(array[i]);
        }
        return hash ^ hash >>> 16;
    }

    private static byte fold(byte b) {
        return HeaderName.lower(b);
    }
}
