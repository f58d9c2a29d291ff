package lateen.xds.source;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Growing waits between attempts, each shortened by up to a half so that many clients do not come at once. */
public final class Backoff {

    private final Duration first;
    private final Duration longest;
    private final RandomGenerator random;
    private Duration next;

    public Backoff(Duration first, Duration longest, RandomGenerator random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
        this.next = first;
    }

    /** How long to wait before the next attempt. */
    public Duration next() {
        Duration wait = Duration.ofNanos((long) (next.toNanos() * (0.5 + random.nextDouble() / 2)));
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(longest) < 0 ? doubled : longest;
        return wait;
    }

    /** After success. */
    public void reset() {
        next = first;
    }
}
