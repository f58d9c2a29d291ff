package lateen.decision.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many requests are let through, counted in this proxy alone. Envoy: {@code
 * extensions.filters.http.local_ratelimit.v3.LocalRateLimit}.
 *
 * @param bucket null: nothing is limited (where only routes have limits of their own)
 * @param enabled share of the requests that take a token
 * @param enforced share of the requests without a token that are refused
 * @param status of the answer to a refused request, 400 to 599
 * @param responseEdits of the answer to a refused request
 * @param rateLimitHeaders whether every answer says in {@code x-ratelimit-*} how much is left
 * @param perConnection each downstream connection has a bucket of its own
 */
public record LocalRateLimit(
        String statPrefix,
        @Nullable TokenBucket bucket,
        Share enabled,
        Share enforced,
        int status,
        List<HeaderEdits.Edit> responseEdits,
        boolean rateLimitHeaders,
        boolean perConnection)
        implements FilterOverride {

    public LocalRateLimit {
        responseEdits = List.copyOf(responseEdits);
    }

    /**
     * Envoy: {@code type.v3.TokenBucket}; tokens come one by one, not all at the end of the interval.
     *
     * @param maxTokens that it holds at most, and at first; 1 or more
     * @param tokensPerFill that come in each interval; 1 or more
     * @param fillInterval 50 ms or longer
     */
    public record TokenBucket(long maxTokens, long tokensPerFill, Duration fillInterval) {}

    /**
     * Envoy: {@code FractionalPercent}, without a runtime to change it.
     *
     * @param millionths 0 to 1,000,000
     */
    public record Share(int millionths) {
        public static final Share NONE = new Share(0);
        public static final Share ALL = new Share(1_000_000);
    }
}
