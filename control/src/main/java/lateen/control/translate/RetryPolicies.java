package lateen.control.translate;

import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryBackOff;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryHostPredicate;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lateen.control.source.Retries;
import org.jspecify.annotations.Nullable;

/** Istio's HTTPRetry → Envoy's RetryPolicy. */
final class RetryPolicies {

    private static final String ON_STATUS = "retriable-status-codes";
    private static final int UNAVAILABLE = 503;

    private static final RetryHostPredicate OTHER_HOSTS = RetryHostPredicate.newBuilder()
            .setName("envoy.retry_host_predicates.previous_hosts")
            .setTypedConfig(Pack.any(PreviousHostsPredicate.getDefaultInstance()))
            .build();

    /**
     * Istio's default: another host is tried when the first cannot be reached or says that it is not there ({@code
     * unavailable} and {@code cancelled} are gRPC's words, 503 is HTTP's).
     */
    static final RetryPolicy DEFAULT = RetryPolicy.newBuilder()
            .setRetryOn("connect-failure,refused-stream,unavailable,cancelled," + ON_STATUS)
            .addRetriableStatusCodes(UNAVAILABLE)
            .setNumRetries(Pack.number(2))
            .addRetryHostPredicate(OTHER_HOSTS)
            .setHostSelectionRetryMaxAttempts(5)
            .build();

    private RetryPolicies() {}

    /** Empty: no retries. */
    static Optional<RetryPolicy> of(@Nullable Retries retries) {
        if (retries == null) {
            return Optional.of(DEFAULT);
        }
        if (retries.attempts() == 0) {
            return Optional.empty();
        }
        RetryPolicy.Builder out = DEFAULT.toBuilder().setNumRetries(Pack.number(retries.attempts()));
        if (!retries.on().isEmpty() || !retries.statuses().isEmpty()) {
            List<String> on = new ArrayList<>(retries.on());
            if (!retries.statuses().isEmpty() && !on.contains(ON_STATUS)) {
                on.add(ON_STATUS);
            }
            out.setRetryOn(String.join(",", on)).clearRetriableStatusCodes();
            retries.statuses().forEach(out::addRetriableStatusCodes);
        }
        if (retries.perTryTimeout() != null) {
            out.setPerTryTimeout(Pack.duration(retries.perTryTimeout()));
        }
        if (!retries.otherHosts()) {
            out.clearRetryHostPredicate();
        }
        if (retries.backoff() != null) {
            out.setRetryBackOff(RetryBackOff.newBuilder().setBaseInterval(Pack.duration(retries.backoff())));
        }
        return Optional.of(out.build());
    }
}
