package lateen.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waiting for a fact that shows itself from outside only. */
final class Until {
    private static final Duration PAUSE = Duration.ofMillis(20);

    private Until() {}

    interface Fact {
        boolean holds() throws IOException;
    }

    /** Whether it came to hold in time. */
    static boolean holds(Duration limit, Fact fact) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!fact.holds()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return true;
    }
}
