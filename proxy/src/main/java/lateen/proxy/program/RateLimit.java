package lateen.proxy.program;

import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import lateen.decision.config.HeaderEdits;
import lateen.decision.config.LocalRateLimit;
import lateen.decision.config.LocalRateLimit.Share;
import lateen.proxy.http1.Head;
import lateen.proxy.ratelimit.TokenBucket;
import lateen.proxy.stats.ProxyMetrics;
import lateen.proxy.stats.RateLimitMetrics;
import org.jspecify.annotations.Nullable;

/**
 * A local rate limit ready for use, of a filter or of a route. Every loop may ask; its bucket is full when it is made,
 * so a change of the listener or of the routes that it stands in begins anew, as in Envoy.
 */
public final class RateLimit implements RequestStep {
    private final String name;
    private final LocalRateLimit config;
    private final @Nullable TokenBucket bucket;
    private final RateLimitMetrics metrics;
    private final Edits edits;

    /** What became of a request. */
    public enum Verdict {
        /** The limit does not concern it. */
        NOT_ASKED,
        PASSED,
        REFUSED
    }

    /** @param name of the filter */
    RateLimit(String name, LocalRateLimit config, ProxyMetrics metrics, long now) {
        this.name = name;
        this.config = config;
        this.bucket = newBucket(now);
        this.metrics = metrics.rateLimit(config.statPrefix());
        this.edits = Edits.of(List.of(new HeaderEdits(List.of(), config.responseEdits())));
    }

    /** By which routes mean this filter. */
    public String name() {
        return name;
    }

    /** Whether each downstream connection needs a {@link #newBucket} of its own. */
    public boolean perConnection() {
        return config.perConnection();
    }

    /** Null: nothing is limited. */
    public @Nullable TokenBucket newBucket(long now) {
        LocalRateLimit.TokenBucket of = config.bucket();
        return of == null
                ? null
                : new TokenBucket(
                        of.maxTokens(), of.tokensPerFill(), of.fillInterval().toNanos(), now);
    }

    /** Null: nothing is limited. */
    public @Nullable TokenBucket bucket() {
        return bucket;
    }

    /** Asks for one request. */
    public Verdict ask(@Nullable TokenBucket from, SplittableRandom random, long now) {
        if (from == null || !falls(config.enabled(), random)) {
            return Verdict.NOT_ASKED;
        }
        metrics.enabled().increment();
        if (from.take(now)) {
            metrics.ok().increment();
            return Verdict.PASSED;
        }
        metrics.limited().increment();
        if (!falls(config.enforced(), random)) {
            return Verdict.PASSED;
        }
        metrics.enforced().increment();
        return Verdict.REFUSED;
    }

    private static boolean falls(Share share, SplittableRandom random) {
        return share.millionths() >= Share.ALL.millionths()
                || (share.millionths() > 0 && random.nextInt(Share.ALL.millionths()) < share.millionths());
    }

    /** Of the answer to a refused request. */
    public int status() {
        return config.status();
    }

    /** Completes the answer to a refused request. */
    public void edit(Head answer) {
        edits.apply(answer);
    }

    /** Whether answers say what is left of the bucket. */
    public boolean tells() {
        return config.rateLimitHeaders();
    }

    /** The most that a bucket holds. */
    public long limit() {
        return Objects.requireNonNull(config.bucket()).maxTokens();
    }
}
