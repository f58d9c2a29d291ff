package lateen.services.dashboard;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** A histogram: cumulative counts by upper bound, of one or several series added up. Not for use by several threads. */
final class Buckets {
    private final TreeMap<Double, Double> counts = new TreeMap<>();

    void add(double upperBound, double count) {
        counts.merge(upperBound, count, Double::sum);
    }

    /**
     * The value that the given part does not exceed, straight between the bounds of its bucket (Prometheus' {@code
     * histogram_quantile}); the highest finite bound where it lies above all of them.
     *
     * @param part 0 to 1
     * @return empty when nothing was counted
     */
    OptionalDouble quantile(double part) {
        Double all = counts.isEmpty() ? null : counts.lastEntry().getValue();
        if (all == null || !(all > 0)) {
            return OptionalDouble.empty();
        }
        double wanted = part * all;
        double lowerBound = 0;
        double below = 0;
        for (Map.Entry<Double, Double> bucket : counts.entrySet()) {
            // Series that differ in their bounds could make a sum sink: never below what was there.
            double count = Math.max(below, bucket.getValue());
            if (count >= wanted && count > below) {
                if (Double.isInfinite(bucket.getKey())) {
                    return OptionalDouble.of(lowerBound);
                }
                double share = (wanted - below) / (count - below);
                return OptionalDouble.of(lowerBound + (bucket.getKey() - lowerBound) * share);
            }
            lowerBound = Double.isInfinite(bucket.getKey()) ? lowerBound : bucket.getKey();
            below = count;
        }
        return OptionalDouble.of(lowerBound);
    }
}
