package lateen.bench;

import java.util.Arrays;
import java.util.Locale;

/** Of latencies, in microseconds: the smallest value that so many of all do not exceed. */
record Percentiles(double p50, double p99, double p999) {

    /** @param nanos is sorted by this */
    static Percentiles of(long[] nanos) {
        Arrays.sort(nanos);
        return new Percentiles(at(nanos, 0.5), at(nanos, 0.99), at(nanos, 0.999));
    }

    private static double at(long[] sorted, double part) {
        int rank = (int) Math.ceil(part * sorted.length);
        return sorted[Math.max(rank, 1) - 1] / 1e3;
    }

    String text() {
        return String.format(Locale.ROOT, "p50 %,.0f µs, p99 %,.0f µs, p99.9 %,.0f µs", p50, p99, p999);
    }
}
