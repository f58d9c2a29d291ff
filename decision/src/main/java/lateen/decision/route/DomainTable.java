package lateen.decision.route;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Values by domain. Envoy: {@code VirtualHost.domains}: the domain itself, else the longest {@code *suffix}, else the
 * longest {@code prefix*}, else {@code *}. A star stands for one character at least. Letter case does not count.
 */
final class DomainTable<V> {

    private final ByteTable<V> exact;
    private final ByteTable<V> suffixes;
    private final int[] suffixLengths;
    private final ByteTable<V> prefixes;
    private final int[] prefixLengths;
    private final @Nullable V any;

    private DomainTable(Map<String, V> exact, Map<String, V> suffixes, Map<String, V> prefixes, @Nullable V any) {
        this.exact = new ByteTable<>(exact);
        this.suffixes = new ByteTable<>(suffixes);
        this.suffixLengths = lengths(suffixes);
        this.prefixes = new ByteTable<>(prefixes);
        this.prefixLengths = lengths(prefixes);
        this.any = any;
    }

    /** Longest first. */
    private static int[] lengths(Map<String, ?> affixes) {
        TreeSet<Integer> lengths = new TreeSet<>(Collections.reverseOrder());
        affixes.keySet().forEach(affix -> lengths.add(affix.getBytes(StandardCharsets.UTF_8).length));
        return lengths.stream().mapToInt(Integer::intValue).toArray();
    }

    @Nullable
    V find(byte[] array, int start, int end) {
        V found = exact.get(array, start, end);
        for (int i = 0; found == null && i < suffixLengths.length; i++) {
            if (suffixLengths[i] < end - start) {
                found = suffixes.get(array, end - suffixLengths[i], end);
            }
        }
        for (int i = 0; found == null && i < prefixLengths.length; i++) {
            if (prefixLengths[i] < end - start) {
                found = prefixes.get(array, start, start + prefixLengths[i]);
            }
        }
        return found != null ? found : any;
    }

    static final class Builder<V> {
        private final Map<String, V> exact = new HashMap<>();
        private final Map<String, V> suffixes = new HashMap<>();
        private final Map<String, V> prefixes = new HashMap<>();
        private @Nullable V any;

        /** @return the domain's former value; null: there was none */
        @Nullable
        V put(String domain, V value) {
            if (domain.equals("*")) {
                V former = any;
                any = value;
                return former;
            }
            if (domain.startsWith("*")) {
                return suffixes.put(ByteTable.lower(domain.substring(1)), value);
            }
            return domain.endsWith("*")
                    ? prefixes.put(ByteTable.lower(domain.substring(0, domain.length() - 1)), value)
                    : exact.put(ByteTable.lower(domain), value);
        }

        DomainTable<V> build() {
            return new DomainTable<>(exact, suffixes, prefixes, any);
        }
    }
}
