package lateen.services.authz;

import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers Envoy's external authorization checks (plaintext gRPC; the mesh encrypts) with OPA's decisions, and gRPC's
 * health checks. All methods may be called by any thread.
 */
public final class AuthzServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AuthzServer.class);
    /** Headers and a buffered body; Envoy sends at most what its {@code max_request_bytes} says. */
    private static final int MAX_CHECK_BYTES = 4 << 20;

    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Server server;
    private final OpaClient opa;
    private final HealthStatusManager health;
    private final AuthzMetrics metrics;
    private final Duration timeout;

    private AuthzServer(
            Server server, OpaClient opa, HealthStatusManager health, AuthzMetrics metrics, Duration timeout) {
        this.server = server;
        this.opa = opa;
        this.health = health;
        this.metrics = metrics;
        this.timeout = timeout;
    }

    /**
     * Opens the port. OPA need not be there yet: until it is, checks are refused.
     *
     * @throws IOException when the port cannot be had
     */
    public static AuthzServer start(AuthzSettings settings) throws IOException {
        OpaClient opa = new OpaClient(settings);
        AuthzMetrics metrics = new AuthzMetrics();
        HealthStatusManager health = new HealthStatusManager();
        Server server = NettyServerBuilder.forAddress(settings.listen())
                .maxInboundMessageSize(MAX_CHECK_BYTES)
                // Nothing here blocks: no hand-over to another thread.
                .directExecutor()
                .addService(new CheckService(opa, settings, metrics))
                .addService(health.getHealthService())
                .build();
        try {
            server.start();
        } catch (IOException e) {
            opa.close();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(
                    "cannot listen on " + settings.listen().getHostString() + ":"
                            + settings.listen().getPort() + ": " + cause.getMessage(),
                    e);
        }
        health.setStatus(AuthorizationGrpc.SERVICE_NAME, io.grpc.health.v1.HealthCheckResponse.ServingStatus.SERVING);
        LOG.info(
                "authorization on {}:{}, decided at {}",
                settings.listen().getHostString(),
                server.getPort(),
                settings.question());
        return new AuthzServer(server, opa, health, metrics, settings.timeout());
    }

    public int port() {
        return server.getPort();
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.getListenSockets().getFirst();
    }

    /** Counters in Prometheus' text format. */
    public String metrics() {
        return metrics.render();
    }

    /** Says so to health checks, lets checks that are being answered end, then closes. */
    @Override
    public void close() {
        health.enterTerminalState();
        server.shutdown();
        try {
            if (!server.awaitTermination(timeout.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        opa.close();
    }
}
