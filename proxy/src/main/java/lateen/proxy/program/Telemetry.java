package lateen.proxy.program;

import java.util.Objects;
import lateen.decision.config.ListenerConfig.Direction;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.connection.Downstream;
import lateen.proxy.stats.MeshMetrics;
import lateen.proxy.stats.MeshPeer;
import lateen.proxy.stats.MeshReport;
import lateen.proxy.stats.ProxyMetrics;
import lateen.proxy.stats.RequestMetrics;
import lateen.proxy.stats.Stats;
import lateen.proxy.stats.TcpMetrics;
import lateen.proxy.tls.TlsFacts;
import org.jspecify.annotations.Nullable;

/** What a proxy counts. One for each proxy; any loop. */
public final class Telemetry {
    /** Series that peers can cause: some hundred outcomes of requests, a few hundred kilobytes. */
    private static final int SERIES = 50_000;

    private final Stats stats = new Stats(SERIES);
    private final MeshReport mesh;
    private final ProxyMetrics proxy;
    private volatile boolean live = true;

    /** @param self the workload that this proxy serves */
    public Telemetry(MeshPeer self) {
        long started = System.nanoTime();
        mesh = new MeshReport(new MeshMetrics(stats), self);
        proxy = new ProxyMetrics(stats, () -> (System.nanoTime() - started) / 1_000_000_000L, () -> live ? 1 : 0);
    }

    public Stats stats() {
        return stats;
    }

    public ProxyMetrics proxy() {
        return proxy;
    }

    /** No longer live, for {@code envoy_server_live}. */
    public void draining() {
        live = false;
    }

    /** Whether the side that serves the destination counts; a listener that does not say so belongs to the source. */
    public static boolean atDestination(ListenerProgram listener) {
        return listener.config().direction() == Direction.INBOUND;
    }

    /**
     * At the source. Keep it with the connection to the host.
     *
     * @param cluster null: there is none
     * @param host null: none was found
     * @param tls of the connection to the host; null: plaintext, or there was no connection
     */
    public RequestMetrics sourceRequests(@Nullable Cluster cluster, @Nullable Host host, @Nullable TlsFacts tls) {
        return mesh.sourceRequests(cluster == null ? null : cluster.config(), workload(host), own(tls), peer(tls));
    }

    /** As {@link #sourceRequests}, for TCP. */
    public TcpMetrics sourceTcp(@Nullable Cluster cluster, @Nullable Host host, @Nullable TlsFacts tls) {
        return mesh.sourceTcp(cluster == null ? null : cluster.config(), workload(host), own(tls), peer(tls));
    }

    /**
     * At the destination. Keep it with the connection of the client.
     *
     * @param cluster null: the request did not get as far; then the one of the port that was asked for counts
     */
    public RequestMetrics destinationRequests(Program program, @Nullable Cluster cluster, Downstream from) {
        Cluster known = orByPort(program, cluster, from);
        return mesh.destinationRequests(known == null ? null : known.config(), own(from.tls()), verified(from));
    }

    /** As {@link #destinationRequests}, for TCP. */
    public TcpMetrics destinationTcp(Program program, @Nullable Cluster cluster, Downstream from) {
        Cluster known = orByPort(program, cluster, from);
        return mesh.destinationTcp(known == null ? null : known.config(), own(from.tls()), verified(from));
    }

    /** Istio names the cluster of a port {@code inbound|port||}. */
    private static @Nullable Cluster orByPort(Program program, @Nullable Cluster cluster, Downstream from) {
        return cluster != null ? cluster : program.cluster("inbound|" + from.destinationPort() + "||");
    }

    private static String workload(@Nullable Host host) {
        return host == null ? "" : host.workload();
    }

    private static String own(@Nullable TlsFacts tls) {
        return tls == null ? "" : tls.localUriSan();
    }

    private static String peer(@Nullable TlsFacts tls) {
        return tls == null ? "" : tls.peerUriSan();
    }

    private static String verified(Downstream from) {
        return from.peerAuthenticated() ? Objects.requireNonNull(from.tls()).peerUriSan() : "";
    }
}
