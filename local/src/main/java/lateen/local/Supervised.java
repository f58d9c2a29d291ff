package lateen.local;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that is started again when it ends by itself: after half a second, then twice as long each time up to half a
 * minute; a process that has run for a minute begins anew. Safe for use by several threads.
 */
public final class Supervised implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Supervised.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration STEADY = Duration.ofMinutes(1);

    /** Starts the process and returns when it is ready. */
    interface Start {
        /**
         * @param launched to be told as soon as there is a process, before it is ready
         * @throws IOException when it does not become ready; what was launched is killed
         */
        void run(java.util.function.Consumer<Process> launched) throws IOException, InterruptedException;
    }

    private final String name;
    private final Start start;
    private final LineLog out;
    private final LineLog err;
    private final ScheduledExecutorService restarts;
    private final Duration grace;
    private @Nullable Process process; // guarded by this
    private boolean wanted; // guarded by this
    private Duration pause = FIRST_PAUSE; // guarded by this
    private int starts; // guarded by this
    private int ready; // the start that became ready last; guarded by this

    /** @param grace how long {@link #close} lets it end by itself */
    Supervised(String name, LineLog out, LineLog err, ScheduledExecutorService restarts, Duration grace, Start start) {
        this.name = name;
        this.out = out;
        this.err = err;
        this.restarts = restarts;
        this.grace = grace;
        this.start = start;
    }

    public String name() {
        return name;
    }

    /** What it wrote to standard output, over all restarts. */
    public LineLog out() {
        return out;
    }

    /** What it wrote to standard error, over all restarts. */
    public LineLog err() {
        return err;
    }

    /** The id of the running process; 0 when there is none. */
    public synchronized long pid() {
        return process != null && process.isAlive() ? process.pid() : 0;
    }

    /** How often it has become ready. */
    public synchronized int readyCount() {
        return ready;
    }

    /** Starts it and waits until it is ready; the first start is not tried again. */
    public void start() throws IOException, InterruptedException {
        synchronized (this) {
            wanted = true;
        }
        startOnce();
    }

    private void startOnce() throws IOException, InterruptedException {
        long begun = System.nanoTime();
        try {
            start.run(launched -> adopt(launched, begun));
            synchronized (this) {
                ready++;
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            Process failed;
            synchronized (this) {
                failed = process;
            }
            if (failed != null) {
                failed.destroyForcibly();
            }
            throw e;
        }
    }

    private void adopt(Process launched, long begun) {
        synchronized (this) {
            process = launched;
            starts++;
            if (!wanted) {
                launched.destroyForcibly();
            }
        }
        out.follow(launched.getInputStream(), name + "-out");
        err.follow(launched.getErrorStream(), name + "-err");
        var _ = launched.onExit().thenAccept(ended -> ended(ended, begun));
    }

    private synchronized void ended(Process ended, long begun) {
        if (!wanted || ready == 0 || restarts.isShutdown()) {
            return;
        }
        if (System.nanoTime() - begun > STEADY.toNanos()) {
            pause = FIRST_PAUSE;
        }
        LOG.warn("{} ended with status {}; starting it again in {} ms", name, ended.exitValue(), pause.toMillis());
        var _ = restarts.schedule(this::restart, pause.toMillis(), TimeUnit.MILLISECONDS);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    private void restart() {
        synchronized (this) {
            if (!wanted || pid() != 0) {
                return;
            }
        }
        // Not on the scheduler's thread: becoming ready takes time, and others may need their restart meanwhile.
        Thread.ofPlatform().daemon().name("restart-" + name).start(() -> {
            int before;
            synchronized (this) {
                before = starts;
            }
            try {
                startOnce();
                LOG.info("{} is ready again", name);
            } catch (IOException e) {
                LOG.warn("{}: {}", name, e.getMessage());
                retryUnlessLaunched(before);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** A launched process that failed comes back through its end; one that was never launched has no end. */
    private synchronized void retryUnlessLaunched(int before) {
        if (wanted && starts == before && !restarts.isShutdown()) {
            var _ = restarts.schedule(this::restart, pause.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Kills it at once, and does not start it again until {@link #start}. */
    public synchronized void kill() {
        wanted = false;
        if (process != null) {
            process.destroyForcibly();
        }
    }

    /** Asks it to end, kills it after its time of grace, and does not start it again until {@link #start}. */
    @Override
    public void close() {
        Process ending;
        synchronized (this) {
            wanted = false;
            ending = process;
        }
        if (ending == null || !ending.isAlive()) {
            return;
        }
        // By its handle: Process.destroy() would also close the pipes, and what it says last would be lost.
        ending.toHandle().destroy();
        try {
            if (ending.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            LOG.warn("{} did not end within {} ms; killed", name, grace.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ending.destroyForcibly();
    }
}
