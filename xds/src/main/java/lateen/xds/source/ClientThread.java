package lateen.xds.source;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of an xDS client, on which everything happens that is not waiting. After {@link #close()} what is handed
 * over is dropped. A task that fails is logged, and the next one runs.
 */
public final class ClientThread implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClientThread.class);

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("xds-client").daemon().factory());

    /** Stops a task that has not begun. */
    public interface Timer {
        void cancel();
    }

    public void run(Runnable task) {
        try {
            thread.execute(() -> guarded(task));
        } catch (RejectedExecutionException afterClose) {
            LOG.debug("closed; nothing more is done");
        }
    }

    public Timer after(Duration wait, Runnable task) {
        try {
            var future = thread.schedule(() -> guarded(task), wait.toNanos(), TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException afterClose) {
            return () -> {};
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("a task of the xDS client failed", e);
        }
    }

    /** What was handed over before is still done. */
    @Override
    public void close() {
        thread.shutdown();
    }
}
