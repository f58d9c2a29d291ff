package lateen.capture.model;

import java.util.Optional;

/**
 * A user or group id, or a range of them, as the kernel's owner match takes it.
 *
 * @param low first id, 0..2^32-2
 * @param high last id, at least {@code low}
 */
public record IdRange(long low, long high) {
    private static final long MAX = 0xFFFF_FFFEL;

    public IdRange {
        if (low < 0 || high > MAX || low > high) {
            throw new IllegalArgumentException("ids: " + low + "-" + high + " (expected: 0.." + MAX + ", ascending)");
        }
    }

    /** Reads {@code 1337} or {@code 500-600}; empty when malformed. */
    public static Optional<IdRange> parse(String text) {
        int dash = text.indexOf('-');
        long low = Numbers.parseLong(dash < 0 ? text : text.substring(0, dash), 0, MAX);
        long high = dash < 0 ? low : Numbers.parseLong(text.substring(dash + 1), 0, MAX);
        return low < 0 || high < low ? Optional.empty() : Optional.of(new IdRange(low, high));
    }

    /** True when the id is one of these. */
    public boolean contains(long id) {
        return id >= low && id <= high;
    }

    @Override
    public String toString() {
        return low == high ? Long.toString(low) : low + "-" + high;
    }
}
