package lateen.cli.sidecar;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import lateen.proxy.Proxy;
import lateen.proxy.admin.AdminServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a proxy's process: connections get time to end, the last log lines are written. */
final class Shutdown {
    private static final Duration DRAIN = Duration.ofSeconds(5);
    private static final Duration MARGIN = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

    private Shutdown() {}

    /** Blocks for at most the time of draining and a little more. */
    static void of(Proxy proxy, @Nullable AdminServer administration) {
        LOG.info("stopping: draining for at most {} s", DRAIN.toSeconds());
        long end = System.nanoTime() + DRAIN.toNanos();
        // What the workload still answers it may have to ask others for.
        await(proxy.drainInbound(DRAIN, false), DRAIN.plus(MARGIN), "drained of inbound connections");
        Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
        await(proxy.drain(left), left.plus(MARGIN), "drained");
        if (administration != null) {
            administration.close();
        }
        proxy.close();
        await(proxy.closed(), MARGIN, "closed");
    }

    private static void await(CompletionStage<?> stage, Duration limit, String what) {
        try {
            stage.toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("not {} within {} ms: {}", what, limit.toMillis(), e.toString());
        }
    }
}
