package lateen.proxy.ratelimit;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A bucket into which tokens come one by one at a steady pace, full at first. Any loop; times are as {@link
 * System#nanoTime} and may come from different loops a little out of order.
 *
 * <p>All of its state is one number: the moment since which what it holds would have come into an empty bucket. Each
 * token taken moves it on by the time that a token needs.
 */
public final class TokenBucket {
    private static final double NANOS = 1e9;

    private final long nanosPerToken;
    /** Time in which an empty bucket becomes full. */
    private final long fullNanos;

    private final AtomicLong emptyAt;

    /**
     * @param max tokens that it holds at most; 1 or more
     * @param perFill tokens that come in each interval; 1 or more
     * @param fillNanos the interval; 1 or more
     */
    public TokenBucket(long max, long perFill, long fillNanos, long now) {
        nanosPerToken = Math.max(1, Math.round((double) fillNanos / perFill));
        // A bucket that needs more than a century to fill never is full.
        fullNanos = (double) max * nanosPerToken > Long.MAX_VALUE / 4.0 ? Long.MAX_VALUE / 4 : max * nanosPerToken;
        emptyAt = new AtomicLong(now - fullNanos);
    }

    /** Takes a token; false: there is none. */
    public boolean take(long now) {
        while (true) {
            long at = emptyAt.get();
            long held = Math.min(now - at, fullNanos);
            if (held < nanosPerToken) {
                return false;
            }
            if (emptyAt.compareAndSet(at, now - held + nanosPerToken)) {
                return true;
            }
        }
    }

    /** Tokens that it holds. */
    public long left(long now) {
        return Math.max(0, Math.min(now - emptyAt.get(), fullNanos) / nanosPerToken);
    }

    /** Whole seconds, rounded up, until there is a token; 0: there is one. */
    public long secondsToNext(long now) {
        long held = now - emptyAt.get();
        return held >= nanosPerToken ? 0 : (long) Math.ceil((nanosPerToken - held) / NANOS);
    }
}
