package lateen.agent.identity;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** When to ask next. Jitter keeps sidecars that started together from asking together. */
final class RenewalSchedule {
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration LAST_RETRY = Duration.ofSeconds(30);
    private static final double RENEWAL_JITTER = 0.1;
    private static final double RETRY_JITTER = 0.2;

    private static final Duration SHORTEST_LOOK = Duration.ofSeconds(1);
    private static final Duration LONGEST_LOOK = Duration.ofMinutes(1);

    private final RandomGenerator random;

    RenewalSchedule(RandomGenerator random) {
        this.random = random;
    }

    /**
     * Half of what is left of a certificate just received, give or take a tenth. What is left, not the whole validity:
     * an issuer may date the beginning back by more than a short certificate lasts.
     */
    Duration renewal(Duration left) {
        return jittered(left.dividedBy(2), RENEWAL_JITTER);
    }

    /** How often the clock is looked at while waiting: a tenth of the wait, a second to a minute. */
    Duration look(Duration wait) {
        Duration tenth = shorter(wait.dividedBy(10), LONGEST_LOOK);
        return tenth.compareTo(SHORTEST_LOOK) < 0 ? SHORTEST_LOOK : tenth;
    }

    /**
     * After {@code failures} attempts in a row: half a second doubled each time up to thirty, give or take a fifth, but
     * at most a quarter of the time left, so that a short certificate still gets several attempts.
     *
     * @param failures 1 or more
     * @param left until the current certificate ends
     */
    Duration retry(int failures, Duration left) {
        Duration wait = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, 10));
        wait = shorter(shorter(wait, LAST_RETRY), left.dividedBy(4));
        return jittered(wait.compareTo(FIRST_RETRY) < 0 ? FIRST_RETRY : wait, RETRY_JITTER);
    }

    private Duration jittered(Duration duration, double share) {
        double factor = 1 - share + 2 * share * random.nextDouble();
        return Duration.ofNanos((long) (duration.toNanos() * factor));
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
