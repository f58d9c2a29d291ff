package lateen.agent.envoy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import lateen.xds.client.NodeIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running Envoy, child of this process, under the same user.
 *
 * <p>The kernel kills it when the thread that started it ends, and so with this process. Its standard output, where
 * access logs go, is passed on as it comes; each line of its standard error, its own log, gets {@link #LOG_PREFIX}.
 */
public final class Envoy implements AutoCloseable {
    /** Begins each line that Envoy itself wrote to its log. */
    public static final String LOG_PREFIX = "envoy: ";

    private static final Logger LOG = LoggerFactory.getLogger(Envoy.class);
    private static final long POLL_NANOS = 50_000_000;
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final Process process;
    private final EnvoyAdmin admin = new EnvoyAdmin(EnvoyBootstrap.ADMIN_PORT);
    private final List<Thread> pumps;

    private Envoy(Process process, OutputStream out, OutputStream err) {
        this.process = process;
        this.pumps = List.of(
                pump("envoy-out", () -> copy(process.getInputStream(), out)),
                pump("envoy-err", () -> EnvoyLog.pass(process.getErrorStream(), err)));
    }

    /**
     * Starts Envoy; it is ready when port 15021 answers {@code /healthz/ready} with 200. To be called on a thread that
     * lives as long as Envoy shall.
     *
     * @param binary an Envoy that this user may run
     * @param folder only this user can enter it; the bootstrap is put there
     * @param socket where an {@link AgentServer} listens
     * @param workers event loops
     * @param out gets the access log, {@code err} Envoy's own log; neither is closed
     * @throws IOException when it cannot be started
     */
    public static Envoy start(
            Path binary, Path folder, Path socket, NodeIdentity node, int workers, OutputStream out, OutputStream err)
            throws IOException {
        Path bootstrap = folder.resolve("bootstrap.json");
        Files.writeString(bootstrap, new EnvoyBootstrap(node, socket).json().toString());
        Files.setPosixFilePermissions(bootstrap, PosixFilePermissions.fromString("rw-------"));
        ProcessBuilder builder = new ProcessBuilder(command(binary, bootstrap, workers)).directory(folder.toFile());
        builder.environment().keySet().retainAll(List.of("PATH", "LANG", "TZ"));
        Process process = builder.start();
        process.getOutputStream().close();
        return new Envoy(process, out, err);
    }

    private static List<String> command(Path binary, Path bootstrap, int workers) {
        List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig=KILL", "--", binary.toString()));
        command.addAll(List.of("-c", bootstrap.toString(), "--concurrency", Integer.toString(workers)));
        // Its shared memory would be the same for all Envoys of a machine.
        command.add("--disable-hot-restart");
        command.addAll(List.of("--log-level", "warning", "--log-format", "%Y-%m-%dT%T.%e %l %n: %v"));
        // Ten seconds by default: longer than anybody watches a log.
        command.addAll(List.of("--file-flush-interval-msec", "200"));
        // As Istio starts it.
        command.addAll(List.of("--drain-time-s", "45", "--drain-strategy", "immediate"));
        return command;
    }

    public long pid() {
        return process.pid();
    }

    /** Completed with its exit status when it has ended and its output is passed on. */
    public CompletionStage<Integer> onExit() {
        return process.onExit().thenApply(ended -> {
            join();
            return ended.exitValue();
        });
    }

    /**
     * Each answer ends its connection, until nothing is going on or {@code limit} has passed; then Envoy is ended. New
     * connections are taken meanwhile, and it says that it is not ready. Blocks.
     */
    public void drain(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            admin.post("/healthcheck/fail");
            admin.post("/drain_listeners?graceful");
            while (process.isAlive() && System.nanoTime() < deadline && admin.busy()) {
                LockSupport.parkNanos(POLL_NANOS);
            }
        } catch (IOException e) {
            LOG.warn("Envoy is ended without draining: {}", e.getMessage());
        }
        close();
    }

    /** Ends it at once, by force when it does not. Blocks for at most two seconds. */
    @Override
    public void close() {
        // By its handle: Process.destroy() would also close the pipes, and what it says last would be lost.
        process.toHandle().destroy();
        try {
            if (!process.waitFor(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("Envoy did not end within {} ms; killed", LAST_WORDS.toMillis());
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        join();
    }

    private void join() {
        try {
            for (Thread pump : pumps) {
                pump.join(LAST_WORDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private interface Pump {
        void run() throws IOException;
    }

    private static Thread pump(String name, Pump pump) {
        return Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                pump.run();
            } catch (IOException e) {
                LOG.warn("{}: what Envoy writes is no longer passed on: {}", name, e.getMessage());
            }
        });
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[16 * 1024];
        for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
            to.write(buffer, 0, read);
            to.flush();
        }
    }
}
