package lateen.proxy.http2;

import java.util.concurrent.ThreadLocalRandom;
import lateen.decision.config.Http2Options;

/** When a peer is asked whether it is still there, and when it is given up. */
final class KeepAlive {
    static final long PING = 0x6c617465656e6b61L;

    private final Http2Options.KeepAlive config;
    private boolean asked;
    /** {@link System#nanoTime}: when the last question was asked, or when the next one is due. */
    private long time;

    enum Step {
        NOTHING,
        ASK,
        GONE
    }

    KeepAlive(Http2Options.KeepAlive config, long now) {
        this.config = config;
        time = next(now);
    }

    private long next(long from) {
        long interval = config.interval().toNanos();
        long jitter = (long) (interval * config.jitterPercent() / 100);
        return from + interval + (jitter > 0 ? ThreadLocalRandom.current().nextLong(jitter) : 0);
    }

    /** @param heard {@link System#nanoTime} when something came last; anything is an answer, as in Envoy */
    Step at(long now, long heard) {
        if (config.interval().isZero()) {
            return Step.NOTHING;
        }
        if (!asked) {
            if (now - time < 0) {
                return Step.NOTHING;
            }
            asked = true;
            time = now;
            return Step.ASK;
        }
        if (heard - time >= 0) {
            asked = false;
            time = next(time);
            return Step.NOTHING;
        }
        return now - time < config.timeout().toNanos() ? Step.NOTHING : Step.GONE;
    }
}
