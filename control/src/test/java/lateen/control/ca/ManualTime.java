package lateen.control.ca;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import lateen.agent.identity.RenewalTimer;

/**
 * A clock and a timer that stand still until told to move; tasks run on the thread that moves them. Somebody may set the
 * clock, which the timer does not notice.
 */
final class ManualTime implements InstantSource, RenewalTimer {
    private record Task(Instant due, long number, Runnable run) {}

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparing(Task::due).thenComparing(Task::number));
    private long planned;
    private volatile Instant now = Instant.parse("2026-03-01T00:00:00Z");
    private volatile Duration stepped = Duration.ZERO;

    @Override
    public Instant instant() {
        return now.plus(stepped);
    }

    /** Sets the clock forwards, or backwards by a negative duration. */
    void step(Duration by) {
        stepped = stepped.plus(by);
    }

    /** What other machines' clocks show, which nobody sets. */
    InstantSource elsewhere() {
        return () -> now;
    }

    @Override
    public void after(Duration delay, Runnable task) {
        tasks.add(new Task(now.plus(delay), planned++, task));
    }

    @Override
    public void close() {
        tasks.clear();
    }

    /** Runs everything that falls due on the way. */
    void advance(Duration by) {
        Instant end = now.plus(by);
        for (Task next = tasks.peek(); next != null && !next.due.isAfter(end); next = tasks.peek()) {
            tasks.remove();
            now = next.due.isAfter(now) ? next.due : now;
            next.run.run();
        }
        now = end;
    }

    boolean idle() {
        return tasks.isEmpty();
    }
}
