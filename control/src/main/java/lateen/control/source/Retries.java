package lateen.control.source;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Istio: {@code HTTPRetry}.
 *
 * @param attempts additional ones; 0: none
 * @param on Envoy's conditions; empty with no {@code statuses}: Istio's own
 * @param statuses of answers that are asked for again
 * @param otherHosts hosts that were tried are avoided
 */
public record Retries(
        int attempts,
        @Nullable Duration perTryTimeout,
        List<String> on,
        List<Integer> statuses,
        boolean otherHosts,
        @Nullable Duration backoff) {

    /** Envoy: {@code x-envoy-retry-on} and {@code x-envoy-retry-grpc-on}. */
    private static final Set<String> CONDITIONS = Set.of(
            "5xx",
            "gateway-error",
            "reset",
            "reset-before-request",
            "connect-failure",
            "envoy-ratelimited",
            "retriable-4xx",
            "refused-stream",
            "retriable-status-codes",
            "cancelled",
            "deadline-exceeded",
            "internal",
            "resource-exhausted",
            "unavailable");

    public Retries {
        on = List.copyOf(on);
        statuses = List.copyOf(statuses);
    }

    static @Nullable Retries read(FieldReader parent) {
        FieldReader in = parent.child("retries");
        if (in == null) {
            return null;
        }
        List<String> on = new ArrayList<>();
        List<Integer> statuses = new ArrayList<>();
        String text = in.text("retryOn", TextRule.ANY, "");
        for (String each : text.split(",")) {
            String condition = each.strip();
            if (condition.matches("[2-5][0-9]{2}")) {
                statuses.add(Integer.parseInt(condition));
            } else if (CONDITIONS.contains(condition)) {
                on.add(condition);
            } else if (!condition.isEmpty()) {
                String expected = String.join(", ", CONDITIONS.stream().sorted().toList());
                in.problems()
                        .error(
                                in.origin("retryOn"),
                                in.path("retryOn"),
                                '"' + condition + "\" (expected: a status, " + expected + ")");
            }
        }
        Duration least = Duration.ofMillis(1);
        Retries retries = new Retries(
                in.integer("attempts", 0, Integer.MAX_VALUE, 0),
                in.durationOrNull("perTryTimeout", Duration.ZERO),
                on,
                statuses,
                in.flag("retryIgnorePreviousHosts", true),
                in.durationOrNull("backoff", least));
        in.unsupported("retryRemoteLocalities");
        in.end();
        return retries;
    }
}
