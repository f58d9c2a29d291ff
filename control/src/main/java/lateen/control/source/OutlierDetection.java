package lateen.control.source;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Istio: {@code OutlierDetection}; null: as Envoy has it by default.
 *
 * @param consecutive5xx 0: these do not count
 * @param consecutiveGatewayErrors 0: these do not count
 * @param maxEjectionPercent 0: Envoy's default
 * @param minHealthPercent below it all hosts are used, healthy or not; 0: never
 * @param consecutiveLocalFailures of connecting; only with {@code splitLocalFailures}
 */
public record OutlierDetection(
        @Nullable Integer consecutive5xx,
        @Nullable Integer consecutiveGatewayErrors,
        @Nullable Duration interval,
        @Nullable Duration baseEjectionTime,
        int maxEjectionPercent,
        int minHealthPercent,
        boolean splitLocalFailures,
        @Nullable Integer consecutiveLocalFailures) {

    static @Nullable OutlierDetection readOrNull(FieldReader parent) {
        FieldReader in = parent.child("outlierDetection");
        if (in == null) {
            return null;
        }
        Duration least = Duration.ofMillis(1);
        OutlierDetection detection = new OutlierDetection(
                in.integerOrNull("consecutive5xxErrors", 0, Integer.MAX_VALUE),
                in.integerOrNull("consecutiveGatewayErrors", 0, Integer.MAX_VALUE),
                in.durationOrNull("interval", least),
                in.durationOrNull("baseEjectionTime", least),
                in.integer("maxEjectionPercent", 0, 100, 0),
                in.integer("minHealthPercent", 0, 100, 0),
                in.flag("splitExternalLocalOriginErrors", false),
                in.integerOrNull("consecutiveLocalOriginFailures", 0, Integer.MAX_VALUE));
        in.unsupported("consecutiveErrors");
        in.end();
        return detection;
    }
}
