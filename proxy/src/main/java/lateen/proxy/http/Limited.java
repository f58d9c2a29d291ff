package lateen.proxy.http;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.WeakHashMap;
import lateen.decision.request.HeaderName;
import lateen.proxy.Failure;
import lateen.proxy.http1.Head;
import lateen.proxy.program.RateLimit;
import lateen.proxy.program.RateLimit.Verdict;
import lateen.proxy.program.RouteProgram.CompiledRoute;
import lateen.proxy.ratelimit.TokenBucket;
import org.jspecify.annotations.Nullable;

/** The rate limits of a downstream connection: which one took part in the present request. Owned by its loop. */
final class Limited {
    private static final HeaderName LIMIT = HeaderName.of("x-ratelimit-limit");
    private static final HeaderName REMAINING = HeaderName.of("x-ratelimit-remaining");
    private static final HeaderName RESET = HeaderName.of("x-ratelimit-reset");

    /** Of limits that count for each connection; made when the first is met. A limit of an old configuration goes by itself. */
    private @Nullable Map<RateLimit, TokenBucket> own;

    private @Nullable RateLimit limit;
    private @Nullable TokenBucket bucket;
    private boolean refused;

    void reset() {
        limit = null;
        bucket = null;
        refused = false;
    }

    /** Null: the request may pass. */
    @Nullable
    Failure check(RateLimit filter, @Nullable CompiledRoute route, SplittableRandom random) {
        RateLimit found = route == null ? null : route.limits().get(filter.name());
        RateLimit asked = found == null ? filter : found;
        if (asked.bucket() == null) {
            return null;
        }
        long now = System.nanoTime();
        TokenBucket from = asked.perConnection() ? own(asked, now) : asked.bucket();
        Verdict verdict = asked.ask(from, random, now);
        if (verdict == Verdict.NOT_ASKED) {
            return null;
        }
        limit = asked;
        bucket = from;
        refused = verdict == Verdict.REFUSED;
        return refused ? new Failure.RateLimited(asked.status()) : null;
    }

    private @Nullable TokenBucket own(RateLimit asked, long now) {
        if (own == null) {
            own = new WeakHashMap<>();
        }
        TokenBucket known = own.get(asked);
        if (known == null) {
            known = asked.newBucket(now);
            own.put(asked, known);
        }
        return known;
    }

    /** What the answer says of the limit. */
    void tell(Head answer) {
        RateLimit of = limit;
        if (of == null || bucket == null) {
            return;
        }
        if (refused) {
            of.edit(answer);
        }
        if (of.tells()) {
            long now = System.nanoTime();
            answer.setNumber(LIMIT, of.limit());
            answer.setNumber(REMAINING, bucket.left(now));
            answer.setNumber(RESET, bucket.secondsToNext(now));
        }
    }
}
