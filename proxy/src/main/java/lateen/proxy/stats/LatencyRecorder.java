package lateen.proxy.stats;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * A distribution of microseconds from which quantiles can be read: 16 buckets for each power of two, so a quantile is at
 * most 1/16 too high. Any thread; nothing is allocated.
 */
public final class LatencyRecorder implements Metric {

    private static final int SUB_BITS = 4;
    private static final int SUB = 1 << SUB_BITS;
    /** Powers of two up to 2^26 µs, about a minute; what is above counts as that. */
    private static final int MAX_POWER = 26;

    private static final int BUCKETS = (MAX_POWER - SUB_BITS + 1) * SUB;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
    private final LongAdder sum = new LongAdder();

    LatencyRecorder() {}

    /** Records a duration in nanoseconds; a negative one counts as 0. */
    public void recordNanos(long nanos) {
        long micros = Math.max(0, nanos / 1000);
        sum.add(micros);
        counts.incrementAndGet(bucket(micros));
    }

    private static int bucket(long micros) {
        if (micros < SUB) {
            return (int) micros;
        }
        int power = 63 - Long.numberOfLeadingZeros(micros);
        if (power >= MAX_POWER) {
            return BUCKETS - 1;
        }
        int sub = (int) (micros >>> (power - SUB_BITS)) & (SUB - 1);
        return (power - SUB_BITS + 1) * SUB + sub;
    }

    /** The largest value that falls into the bucket. */
    private static long upper(int bucket) {
        if (bucket < SUB) {
            return bucket;
        }
        int power = bucket / SUB + SUB_BITS - 1;
        return (1L << power) + ((bucket % SUB + 1L) << (power - SUB_BITS)) - 1;
    }

    public long count() {
        long n = 0;
        for (int i = 0; i < BUCKETS; i++) {
            n += counts.get(i);
        }
        return n;
    }

    /**
     * The value in microseconds that the given part of all recorded ones does not exceed.
     *
     * @param part 0 to 1, as 0.99
     * @return 0 when nothing was recorded
     */
    public long quantileMicros(double part) {
        long wanted = Math.max(1, (long) Math.ceil(part * count()));
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += counts.get(i);
            if (seen >= wanted) {
                return upper(i);
            }
        }
        return 0;
    }

    public long p50Micros() {
        return quantileMicros(0.5);
    }

    public long p99Micros() {
        return quantileMicros(0.99);
    }

    /** Bounds are one less than powers of two, because those are exact. */
    @Override
    public void render(String name, String labels, StringBuilder out) {
        long n = 0;
        int i = 0;
        for (int power = SUB_BITS; power < MAX_POWER; power++) {
            long bound = (1L << power) - 1;
            while (upper(i) <= bound) {
                n += counts.get(i++);
            }
            Metric.line(out, name + "_bucket", Metric.withBound(labels, Long.toString(bound)), n);
        }
        while (i < BUCKETS) {
            n += counts.get(i++);
        }
        Metric.line(out, name + "_bucket", Metric.withBound(labels, "+Inf"), n);
        Metric.line(out, name + "_sum", labels, sum.sum());
        Metric.line(out, name + "_count", labels, n);
    }

    @Override
    public String plain() {
        return "P50(" + p50Micros() + ") P99(" + p99Micros() + ")";
    }
}
