package lateen.services.dashboard;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the source at an interval while somebody looks, and keeps the newest picture, over the last ten seconds. Nobody
 * looking: nothing is asked, so that an open demonstration costs its sidecars nothing.
 *
 * <p>Threading: one thread of its own asks; {@link #picture} may be called by any.
 */
final class Watch implements AutoCloseable {
    static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LOOKING_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long FIRST_SECONDS = 5;

    private record Timed(long nanos, Reading reading) {}

    private final MetricsSource source;
    private final long interval;
    private final Thread thread;
    private final CountDownLatch first = new CountDownLatch(1);
    /** The watch's thread only; oldest first. */
    private final Deque<Timed> readings = new ArrayDeque<>();

    private volatile String picture;
    private volatile long lookedAt;
    private volatile boolean open = true;

    Watch(MetricsSource source, Duration interval) {
        this.source = source;
        this.interval = interval.toNanos();
        this.picture = GraphJson.write(
                source.name(), new MeshGraph(java.util.List.of(), java.util.List.of(), java.util.Map.of(), false));
        this.lookedAt = System.nanoTime() - LOOKING_NANOS;
        this.thread = Thread.ofPlatform().daemon().name("dashboard").start(this::run);
    }

    /** The newest picture as JSON; the first look waits for the first reading. */
    String picture() {
        lookedAt = System.nanoTime();
        LockSupport.unpark(thread);
        try {
            if (!first.await(FIRST_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("{}: no reading after {} s", source.name(), FIRST_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return picture;
    }

    private void run() {
        long next = System.nanoTime();
        while (open) {
            long now = System.nanoTime();
            boolean looking = now - lookedAt < LOOKING_NANOS;
            if (looking && now - next >= 0) {
                next = now + interval;
                look();
            } else {
                LockSupport.parkNanos(this, looking ? Math.max(1, next - now) : Long.MAX_VALUE);
            }
        }
    }

    private void look() {
        try {
            Reading now = Reading.of(source.observe());
            long at = System.nanoTime();
            while (!readings.isEmpty() && at - readings.peekFirst().nanos() > WINDOW_NANOS) {
                readings.removeFirst();
            }
            Timed before = readings.peekFirst();
            picture =
                    GraphJson.write(source.name(), GraphBuilder.between(before == null ? null : before.reading(), now));
            readings.addLast(new Timed(at, now));
            first.countDown();
        } catch (InterruptedException e) {
            open = false;
        } catch (RuntimeException e) {
            // The picture stays as it was; the next look may do.
            LOG.warn("{}: no picture of this reading", source.name(), e);
        }
    }

    @Override
    public void close() {
        open = false;
        thread.interrupt();
    }
}
