package lateen.proxy.program;

import java.util.concurrent.atomic.AtomicLong;

/** Ten lines a second of one kind. Any thread. */
public final class LogLimit {
    private static final long PER_SECOND = 10;

    private final AtomicLong second = new AtomicLong();
    private final AtomicLong logged = new AtomicLong();

    /** Whether there is room for another line. */
    public boolean mayLog() {
        long now = System.nanoTime() / 1_000_000_000;
        if (second.getAndSet(now) != now) {
            logged.set(0);
        }
        return logged.incrementAndGet() <= PER_SECOND;
    }
}
