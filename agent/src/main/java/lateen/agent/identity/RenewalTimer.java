package lateen.agent.identity;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Runs tasks later, one at a time. Tests have one whose time they move by hand. */
public interface RenewalTimer extends AutoCloseable {
    /** Runs {@code task} once, not before {@code delay}; does nothing after {@link #close}. */
    void after(Duration delay, Runnable task);

    /** Starts no further task. */
    @Override
    void close();

    /** A timer with a daemon thread of its own, on which tasks may block. */
    static RenewalTimer onOwnThread() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "identity");
            thread.setDaemon(true);
            return thread;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        // Closing while a task is about to plan the next one is normal.
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        return new RenewalTimer() {
            @Override
            public void after(Duration delay, Runnable task) {
                var _ = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            }

            @Override
            public void close() {
                executor.shutdown();
            }
        };
    }
}
