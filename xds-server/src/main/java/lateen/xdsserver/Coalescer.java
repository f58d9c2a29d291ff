package lateen.xdsserver;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs an action at once when it was quiet, and once for all signals of a window after that. Threads: any may signal; the
 * action runs on the scheduler's.
 */
final class Coalescer {

    private final ScheduledExecutorService scheduler;
    private final long windowNanos;
    private final Runnable action;
    private final AtomicBoolean pending = new AtomicBoolean();
    private volatile long earliestNanos = System.nanoTime();

    Coalescer(ScheduledExecutorService scheduler, Duration window, Runnable action) {
        this.scheduler = scheduler;
        this.windowNanos = window.toNanos();
        this.action = action;
    }

    void signal() {
        if (pending.compareAndSet(false, true)) {
            long wait = Math.max(0, earliestNanos - System.nanoTime());
            var _ = scheduler.schedule(this::run, wait, TimeUnit.NANOSECONDS);
        }
    }

    private void run() {
        earliestNanos = System.nanoTime() + windowNanos;
        // Cleared first: a signal that comes while the action runs must lead to another run.
        pending.set(false);
        action.run();
    }
}
