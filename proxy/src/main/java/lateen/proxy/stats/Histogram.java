package lateen.proxy.stats;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts of values by Envoy's default bucket bounds, which Istio does not change for its own metrics (Envoy: {@code
 * HistogramBucketSettings}, used where {@code stats_config} names none). Any thread.
 */
public final class Histogram implements Metric {

    /** Inclusive upper bounds; the first is a half, so values are whole numbers above it or zero. */
    private static final String[] BOUNDS = {
        "0.5", "1", "5", "10", "25", "50", "100", "250", "500", "1000", "2500", "5000", "10000", "30000", "60000",
        "300000", "600000", "1800000", "3600000"
    };

    private static final long[] LIMITS = new long[BOUNDS.length];

    static {
        for (int i = 0; i < BOUNDS.length; i++) {
            LIMITS[i] = (long) Double.parseDouble(BOUNDS[i]);
        }
    }

    private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.length + 1);
    private final LongAdder sum = new LongAdder();

    Histogram() {}

    /** Records a value that is not negative. */
    public void record(long value) {
        int i = 0;
        while (i < LIMITS.length && value > LIMITS[i]) {
            i++;
        }
        counts.incrementAndGet(i);
        sum.add(value);
    }

    public long count() {
        long n = 0;
        for (int i = 0; i < counts.length(); i++) {
            n += counts.get(i);
        }
        return n;
    }

    @Override
    public void render(String name, String labels, StringBuilder out) {
        long n = 0;
        for (int i = 0; i < BOUNDS.length; i++) {
            n += counts.get(i);
            Metric.line(out, name + "_bucket", Metric.withBound(labels, BOUNDS[i]), n);
        }
        n += counts.get(BOUNDS.length);
        Metric.line(out, name + "_bucket", Metric.withBound(labels, "+Inf"), n);
        Metric.line(out, name + "_sum", labels, sum.sum());
        Metric.line(out, name + "_count", labels, n);
    }

    @Override
    public String plain() {
        return "count " + count() + " sum " + sum.sum();
    }
}
