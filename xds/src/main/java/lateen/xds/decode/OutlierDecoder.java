package lateen.xds.decode;

import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import lateen.decision.config.OutlierDetection;
import lateen.decision.config.OutlierDetection.Consecutive;
import lateen.decision.config.OutlierDetection.FailurePercentage;
import lateen.decision.config.OutlierDetection.SuccessRate;

/** Envoy: {@code config.cluster.v3.OutlierDetection}, with its defaults. */
final class OutlierDecoder {

    private static final java.time.Duration INTERVAL = java.time.Duration.ofSeconds(10);
    private static final java.time.Duration EJECTION = java.time.Duration.ofSeconds(30);
    private static final java.time.Duration LONGEST_EJECTION = java.time.Duration.ofMinutes(5);

    private OutlierDecoder() {}

    static OutlierDetection detection(io.envoyproxy.envoy.config.cluster.v3.OutlierDetection from, FieldPath at) {
        java.time.Duration base =
                positive(from.hasBaseEjectionTime(), from.getBaseEjectionTime(), EJECTION, at.at("base_ejection_time"));
        java.time.Duration longest = positive(
                from.hasMaxEjectionTime(), from.getMaxEjectionTime(), LONGEST_EJECTION, at.at("max_ejection_time"));
        boolean split = from.getSplitExternalLocalOriginErrors();
        return new OutlierDetection(
                positive(from.hasInterval(), from.getInterval(), INTERVAL, at.at("interval")),
                base,
                longest.compareTo(base) < 0 ? base : longest,
                Values.duration(from.getMaxEjectionTimeJitter(), at.at("max_ejection_time_jitter")),
                percent(from.hasMaxEjectionPercent(), from.getMaxEjectionPercent(), 10, at.at("max_ejection_percent")),
                from.getAlwaysEjectOneHost().getValue(),
                split,
                new Consecutive(
                        number(from.hasConsecutive5Xx(), from.getConsecutive5Xx(), 5),
                        percent(
                                from.hasEnforcingConsecutive5Xx(),
                                from.getEnforcingConsecutive5Xx(),
                                100,
                                at.at("enforcing_consecutive_5xx"))),
                new Consecutive(
                        number(from.hasConsecutiveGatewayFailure(), from.getConsecutiveGatewayFailure(), 5),
                        percent(
                                from.hasEnforcingConsecutiveGatewayFailure(),
                                from.getEnforcingConsecutiveGatewayFailure(),
                                0,
                                at.at("enforcing_consecutive_gateway_failure"))),
                new Consecutive(
                        number(from.hasConsecutiveLocalOriginFailure(), from.getConsecutiveLocalOriginFailure(), 5),
                        percent(
                                from.hasEnforcingConsecutiveLocalOriginFailure(),
                                from.getEnforcingConsecutiveLocalOriginFailure(),
                                100,
                                at.at("enforcing_consecutive_local_origin_failure"))),
                successRate(from, split, at),
                failurePercentage(from, split, at));
    }

    private static SuccessRate successRate(
            io.envoyproxy.envoy.config.cluster.v3.OutlierDetection from, boolean split, FieldPath at) {
        int local = percent(
                from.hasEnforcingLocalOriginSuccessRate(),
                from.getEnforcingLocalOriginSuccessRate(),
                100,
                at.at("enforcing_local_origin_success_rate"));
        return new SuccessRate(
                number(from.hasSuccessRateMinimumHosts(), from.getSuccessRateMinimumHosts(), 5),
                number(from.hasSuccessRateRequestVolume(), from.getSuccessRateRequestVolume(), 100),
                number(from.hasSuccessRateStdevFactor(), from.getSuccessRateStdevFactor(), 1900),
                percent(
                        from.hasEnforcingSuccessRate(),
                        from.getEnforcingSuccessRate(),
                        100,
                        at.at("enforcing_success_rate")),
                split ? local : 0);
    }

    private static FailurePercentage failurePercentage(
            io.envoyproxy.envoy.config.cluster.v3.OutlierDetection from, boolean split, FieldPath at) {
        int local = percent(
                from.hasEnforcingFailurePercentageLocalOrigin(),
                from.getEnforcingFailurePercentageLocalOrigin(),
                0,
                at.at("enforcing_failure_percentage_local_origin"));
        return new FailurePercentage(
                percent(
                        from.hasFailurePercentageThreshold(),
                        from.getFailurePercentageThreshold(),
                        85,
                        at.at("failure_percentage_threshold")),
                number(from.hasFailurePercentageMinimumHosts(), from.getFailurePercentageMinimumHosts(), 5),
                number(from.hasFailurePercentageRequestVolume(), from.getFailurePercentageRequestVolume(), 50),
                percent(
                        from.hasEnforcingFailurePercentage(),
                        from.getEnforcingFailurePercentage(),
                        0,
                        at.at("enforcing_failure_percentage")),
                split ? local : 0);
    }

    private static long number(boolean present, UInt32Value value, long byDefault) {
        return present ? Integer.toUnsignedLong(value.getValue()) : byDefault;
    }

    private static int percent(boolean present, UInt32Value value, int byDefault, FieldPath at) {
        if (!present) {
            return byDefault;
        }
        if (value.getValue() < 0 || value.getValue() > 100) {
            throw at.refuse(Integer.toUnsignedString(value.getValue()), "0..100");
        }
        return value.getValue();
    }

    private static java.time.Duration positive(
            boolean present, Duration value, java.time.Duration byDefault, FieldPath at) {
        java.time.Duration read = present ? Values.duration(value, at) : byDefault;
        if (read.isZero()) {
            throw at.refuse("0s", "more than 0");
        }
        return read;
    }
}
