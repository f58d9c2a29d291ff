package lateen.proxy.stats;

import java.util.List;

/**
 * Envoy: {@code <stat_prefix>.http_local_rate_limit.*}. Any thread.
 *
 * @param enabled requests that were looked at
 * @param ok those that found a token
 * @param limited those that found none
 * @param enforced those that were refused for it
 */
public record RateLimitMetrics(Counter enabled, Counter ok, Counter limited, Counter enforced) {
    static final String PREFIX = "envoy_http_local_rate_limit_";
    private static final List<String> LABELS = List.of("envoy_local_http_ratelimit_prefix");

    static RateLimitMetrics of(Stats stats, String prefix) {
        List<String> labels = List.of(prefix);
        return new RateLimitMetrics(
                stats.counter(PREFIX + "enabled", "Requests that were looked at.", LABELS, labels),
                stats.counter(PREFIX + "ok", "Requests that found a token.", LABELS, labels),
                stats.counter(PREFIX + "rate_limited", "Requests that found no token.", LABELS, labels),
                stats.counter(PREFIX + "enforced", "Requests that were refused.", LABELS, labels));
    }
}
