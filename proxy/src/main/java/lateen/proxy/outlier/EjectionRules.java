package lateen.proxy.outlier;

import java.util.List;
import lateen.decision.config.OutlierDetection;

/** The arithmetic of ejections, without state. Durations in nanoseconds. */
final class EjectionRules {
    private EjectionRules() {}

    /** Whether one more host may go. Envoy counts that one too. */
    static boolean mayEject(OutlierDetection rules, int active, int hosts) {
        return (rules.alwaysEjectOneHost() && active == 0)
                || 100.0 * (active + 1) / hosts <= rules.maxEjectionPercent();
    }

    /** How often it counts as ejected from now on; no more than leads to the longest time. */
    static int ejected(OutlierDetection rules, int ejections) {
        long base = rules.baseEjectionTime().toNanos();
        long longest = rules.maxEjectionTime().toNanos();
        return (double) ejections * base < (double) longest + base ? ejections + 1 : ejections;
    }

    /** How long it stays out. */
    static long duration(OutlierDetection rules, int ejections, long jitterNanos) {
        double time = (double) rules.baseEjectionTime().toNanos() * ejections;
        return (long) Math.min(time, (double) rules.maxEjectionTime().toNanos()) + jitterNanos;
    }

    /** The rate of success below which a host is an outlier. */
    static double threshold(List<Double> rates, long stdevThousandths) {
        double mean = rates.stream().mapToDouble(Double::doubleValue).sum() / rates.size();
        double variance = rates.stream()
                        .mapToDouble(rate -> (rate - mean) * (rate - mean))
                        .sum()
                / rates.size();
        return mean - stdevThousandths / 1000.0 * Math.sqrt(variance);
    }
}
