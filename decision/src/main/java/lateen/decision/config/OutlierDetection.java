package lateen.decision.config;

import java.time.Duration;

/**
 * When a host is left out for what it did. Envoy: {@code config.cluster.v3.OutlierDetection}. Percentages are 0 to 100.
 *
 * @param interval between two looks at all hosts, which let hosts return; more than 0
 * @param baseEjectionTime times the number of ejections is how long a host stays out; more than 0
 * @param maxEjectionTime no host stays out longer (but for the jitter); at least {@code baseEjectionTime}
 * @param maxEjectionTimeJitter up to this much is added to each ejection, by chance
 * @param maxEjectionPercent of the hosts may be out at a time
 * @param alwaysEjectOneHost the first ejection counts against no percentage
 * @param splitLocalOrigin failures to connect, resets and timeouts count apart from what hosts answer
 * @param serverErrors 5xx answers one after the other; without {@code splitLocalOrigin} also what has no answer
 * @param gatewayErrors the same for 502, 503 and 504
 * @param localErrors with {@code splitLocalOrigin}, requests without an answer one after the other
 */
public record OutlierDetection(
        Duration interval,
        Duration baseEjectionTime,
        Duration maxEjectionTime,
        Duration maxEjectionTimeJitter,
        int maxEjectionPercent,
        boolean alwaysEjectOneHost,
        boolean splitLocalOrigin,
        Consecutive serverErrors,
        Consecutive gatewayErrors,
        Consecutive localErrors,
        SuccessRate successRate,
        FailurePercentage failurePercentage) {

    /**
     * @param threshold that many make an outlier; 0: never
     * @param enforcing chance that an outlier is ejected
     */
    public record Consecutive(long threshold, int enforcing) {}

    /**
     * A host is an outlier when its rate of success in one interval is below the mean of all by so many standard
     * deviations.
     *
     * @param minimumHosts with fewer than this many that have the volume, nothing is done
     * @param requestVolume requests in the interval, for a host to be looked at
     * @param stdevFactor in thousandths
     * @param enforcing chance that an outlier is ejected for its answers
     * @param enforcingLocal the same for requests without an answer, with {@code splitLocalOrigin}
     */
    public record SuccessRate(
            long minimumHosts, long requestVolume, long stdevFactor, int enforcing, int enforcingLocal) {}

    /**
     * A host is an outlier when that share of its requests in one interval fails.
     *
     * @param threshold percentage of failures
     * @param minimumHosts as in {@link SuccessRate}
     * @param requestVolume as in {@link SuccessRate}
     */
    public record FailurePercentage(
            int threshold, long minimumHosts, long requestVolume, int enforcing, int enforcingLocal) {}
}
