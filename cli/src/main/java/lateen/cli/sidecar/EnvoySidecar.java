package lateen.cli.sidecar;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import lateen.agent.envoy.AgentServer;
import lateen.agent.envoy.Envoy;
import lateen.agent.identity.IdentityListener;
import lateen.agent.identity.JoinCredential;
import lateen.agent.identity.RenewalTimer;
import lateen.agent.identity.WorkloadIdentity;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Agent of one workload with a real Envoy as its child: a certificate first, then Envoy, which is ready when it has its
 * configuration.
 *
 * <p>The two are one: when Envoy ends, so does the agent, with its status; when the agent ends, however it does, so does
 * Envoy. Between that and the start of another pair traffic fails closed. When the identity is lost for good both end
 * with {@link Sidecar#IDENTITY_LOST}. While the control plane is away all goes on as it was.
 */
final class EnvoySidecar {
    private static final Logger LOG = LoggerFactory.getLogger(EnvoySidecar.class);
    /**
     * gRPC sets TCP's SO_KEEPALIVE on every connection, and Netty says for each that a unix socket has none. Kept here:
     * java.util.logging forgets the level of a logger that nobody holds.
     */
    private static final java.util.logging.Logger NETTY =
            java.util.logging.Logger.getLogger("io.netty.bootstrap.ServerBootstrap");

    private static final Duration DRAIN = Duration.ofSeconds(4);

    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final CompletableFuture<Boolean> joined = new CompletableFuture<>();
    private final AtomicReference<@Nullable Envoy> envoy = new AtomicReference<>();
    private final RenewalTimer timer = RenewalTimer.onOwnThread();
    private final WorkloadIdentity identity;
    private final Path folder;
    private final Path socket;
    private final AgentServer server;

    private EnvoySidecar(SidecarEnvironment environment, JoinCredential credential) throws IOException {
        Undumpable.become();
        ColdPages.keepLettingGo();
        NETTY.setLevel(java.util.logging.Level.SEVERE);
        identity = ControlPlane.identity(environment, credential, new Secrets(), timer);
        folder = Files.createTempDirectory(
                "envoy", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        socket = folder.resolve("socket");
        server = AgentServer.start(
                socket,
                () -> ControlPlane.channel(environment.discovery(), identity).build());
    }

    /** Runs until it is told to stop or Envoy ends; returns the exit status. The calling thread is Envoy's life line. */
    static int run(SidecarEnvironment environment, JoinCredential credential, int workers, Path binary)
            throws IOException {
        if (!Files.isExecutable(binary)) {
            throw new IllegalArgumentException("--envoy: " + binary + " (expected: a program that this user may run)");
        }
        EnvoySidecar sidecar = new EnvoySidecar(environment, credential);
        Runtime.getRuntime().addShutdownHook(new Thread(sidecar::stop, "lateen-stop"));
        sidecar.identity.start();
        CompletableFuture.anyOf(sidecar.joined, sidecar.ended).join();
        if (!sidecar.ended.isDone()) {
            sidecar.startEnvoy(environment, workers, binary);
        }
        return sidecar.ended.join();
    }

    private void startEnvoy(SidecarEnvironment environment, int workers, Path binary) throws IOException {
        Envoy started = Envoy.start(
                binary,
                folder,
                socket,
                environment.node(),
                workers,
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err));
        envoy.set(started);
        var _ = started.onExit().thenAccept(status -> {
            LOG.info("Envoy ended with status {}", status);
            ended.complete(status);
        });
    }

    private void stop() {
        Envoy running = envoy.get();
        if (running != null && !ended.isDone()) {
            LOG.info("stopping: draining for at most {} s", DRAIN.toSeconds());
            running.drain(DRAIN);
        } else if (running != null) {
            running.close();
        }
        timer.close();
        server.close();
        remove();
    }

    private void remove() {
        try {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(folder.resolve("bootstrap.json"));
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            LOG.info("{} stays: {}", folder, e.getMessage());
        }
    }

    /** Hands certificates to Envoy; the first one lets it start. */
    private final class Secrets implements IdentityListener {
        @Override
        public void onIdentity(Svid svid, TrustBundle roots) {
            server.secrets(svid, roots);
            joined.complete(true);
        }

        @Override
        public void onLost(String reason) {
            LOG.error("{}", reason);
            ended.complete(Sidecar.IDENTITY_LOST);
        }
    }
}
