package lateen.xds.decode;

import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryBackOff;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryHostPredicate;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import lateen.decision.config.RouteConfig.RetryOn;
import lateen.decision.config.RouteConfig.RetryPolicy;

/** Envoy: {@code config.route.v3.RetryPolicy}, with its defaults. */
final class RetryDecoder {

    private static final String PREVIOUS_HOSTS = "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate";
    /** Older control planes give the name alone. */
    private static final String PREVIOUS_HOSTS_NAME = "envoy.retry_host_predicates.previous_hosts";

    private static final Duration BACKOFF = Duration.ofMillis(25);
    private static final int LONGEST_BACKOFF = 10;

    private RetryDecoder() {}

    static RetryPolicy retry(io.envoyproxy.envoy.config.route.v3.RetryPolicy policy, FieldPath at) {
        Duration backoff = BACKOFF;
        Duration longest = BACKOFF.multipliedBy(LONGEST_BACKOFF);
        if (policy.hasRetryBackOff()) {
            FieldPath inner = at.at("retry_back_off");
            RetryBackOff given = policy.getRetryBackOff();
            backoff = positive(given.getBaseInterval(), inner.at("base_interval"));
            longest = given.hasMaxInterval()
                    ? positive(given.getMaxInterval(), inner.at("max_interval"))
                    : backoff.multipliedBy(LONGEST_BACKOFF);
            if (longest.compareTo(backoff) < 0) {
                throw inner.at("max_interval").refuse(longest.toMillis() + "ms", "base_interval or longer");
            }
        }
        return new RetryPolicy(
                on(policy.getRetryOn(), at.at("retry_on")),
                policy.hasNumRetries() ? Values.count(policy.getNumRetries().getValue(), at.at("num_retries")) : 1,
                policy.hasPerTryTimeout()
                        ? Values.duration(policy.getPerTryTimeout(), at.at("per_try_timeout"))
                        : Duration.ZERO,
                Set.copyOf(at.each(
                        policy.getRetriableStatusCodesList(), "retriable_status_codes", RouteActionDecoder::status)),
                !at.each(policy.getRetryHostPredicateList(), "retry_host_predicate", RetryDecoder::predicate)
                        .isEmpty(),
                hostAttempts(policy.getHostSelectionRetryMaxAttempts(), at.at("host_selection_retry_max_attempts")),
                backoff,
                longest);
    }

    private static Set<RetryOn> on(String text, FieldPath at) {
        Set<RetryOn> read = EnumSet.noneOf(RetryOn.class);
        for (String word : text.split(",")) {
            String condition = word.strip();
            if (!condition.isEmpty()) {
                read.add(Arrays.stream(RetryOn.values())
                        .filter(each -> each.text().equals(condition))
                        .findFirst()
                        .orElseThrow(() -> at.refuse(
                                condition,
                                Arrays.stream(RetryOn.values())
                                        .map(RetryOn::text)
                                        .collect(Collectors.joining(", ")))));
            }
        }
        return read;
    }

    private static boolean predicate(RetryHostPredicate predicate, FieldPath at) {
        String type = Values.typeName(predicate.getTypedConfig());
        if (!type.equals(PREVIOUS_HOSTS)
                && !(type.isEmpty() && predicate.getName().equals(PREVIOUS_HOSTS_NAME))) {
            throw at.refuse(type.isEmpty() ? predicate.getName() : type, PREVIOUS_HOSTS);
        }
        return true;
    }

    private static int hostAttempts(long attempts, FieldPath at) {
        if (attempts < 0 || attempts > Integer.MAX_VALUE) {
            throw at.refuse(attempts, "0.." + Integer.MAX_VALUE);
        }
        // Envoy takes 0 for its default.
        return attempts == 0 ? 1 : (int) attempts;
    }

    private static Duration positive(com.google.protobuf.Duration duration, FieldPath at) {
        Duration read = Values.duration(duration, at);
        if (read.isZero()) {
            throw at.refuse("0s", "more than 0");
        }
        return read;
    }
}
