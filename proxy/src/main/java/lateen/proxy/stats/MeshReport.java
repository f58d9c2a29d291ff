package lateen.proxy.stats;

import java.util.List;
import lateen.decision.config.ClusterConfig;
import lateen.proxy.stats.MeshLabels.Reporter;
import org.jspecify.annotations.Nullable;

/**
 * Finds the labels of Istio's metrics: who this proxy serves, and what cluster names, their metadata and certificates
 * say. What cannot be known stays unknown. Immutable; asked once for each connection, never for a request.
 */
public final class MeshReport {
    private static final ClusterConfig.ServiceRef NO_SERVICE = new ClusterConfig.ServiceRef("", "", "");
    private static final List<String> WITHOUT_SERVICE =
            List.of("PassthroughCluster", "BlackHoleCluster", "InboundPassthroughCluster");

    private final MeshMetrics metrics;
    private final MeshPeer self;

    public MeshReport(MeshMetrics metrics, MeshPeer self) {
        this.metrics = metrics;
        this.self = self;
    }

    /**
     * Requests that this workload makes.
     *
     * @param cluster null: none was found for the request
     * @param workload the host's, as {@link MeshPeer#ofEndpoint} reads it; empty: unknown, or no host was found
     * @param ownPrincipal SPIFFE id shown to the host; empty: plaintext
     * @param peerPrincipal the host's own; empty: plaintext
     */
    public RequestMetrics sourceRequests(
            @Nullable ClusterConfig cluster, String workload, String ownPrincipal, String peerPrincipal) {
        return metrics.requests(source(cluster, workload, ownPrincipal, peerPrincipal));
    }

    /** As {@link #sourceRequests}, for TCP. */
    public TcpMetrics sourceTcp(
            @Nullable ClusterConfig cluster, String workload, String ownPrincipal, String peerPrincipal) {
        return metrics.tcp(source(cluster, workload, ownPrincipal, peerPrincipal));
    }

    /**
     * Requests made to this workload.
     *
     * @param cluster null: none is known
     * @param ownPrincipal SPIFFE id shown to the client; empty: plaintext
     * @param peerPrincipal the client's, verified; empty: none
     */
    public RequestMetrics destinationRequests(
            @Nullable ClusterConfig cluster, String ownPrincipal, String peerPrincipal) {
        return metrics.requests(destination(cluster, ownPrincipal, peerPrincipal));
    }

    /** As {@link #destinationRequests}, for TCP. */
    public TcpMetrics destinationTcp(@Nullable ClusterConfig cluster, String ownPrincipal, String peerPrincipal) {
        return metrics.tcp(destination(cluster, ownPrincipal, peerPrincipal));
    }

    private MeshLabels source(
            @Nullable ClusterConfig cluster, String workload, String ownPrincipal, String peerPrincipal) {
        ClusterConfig.ServiceRef service = service(cluster);
        MeshPeer peer = MeshPeer.ofEndpoint(workload).withPrincipal(peerPrincipal);
        return new MeshLabels(
                Reporter.SOURCE,
                self.withPrincipal(ownPrincipal),
                peer,
                service.host(),
                service.name(),
                service.namespace().isEmpty() ? peer.namespace() : service.namespace(),
                !peerPrincipal.isEmpty());
    }

    private MeshLabels destination(@Nullable ClusterConfig cluster, String ownPrincipal, String peerPrincipal) {
        ClusterConfig.ServiceRef service = service(cluster);
        return new MeshLabels(
                Reporter.DESTINATION,
                MeshPeer.of(peerPrincipal),
                self.withPrincipal(ownPrincipal),
                service.host(),
                service.name().isEmpty() ? self.canonicalService() : service.name(),
                service.namespace().isEmpty() ? self.namespace() : service.namespace(),
                !peerPrincipal.isEmpty());
    }

    /** Istio's metadata first; else the host in {@code outbound|port|subset|host}. */
    static ClusterConfig.ServiceRef service(@Nullable ClusterConfig cluster) {
        if (cluster == null) {
            return NO_SERVICE;
        }
        if (!cluster.services().isEmpty()) {
            return cluster.services().getFirst();
        }
        if (WITHOUT_SERVICE.contains(cluster.name())) {
            return new ClusterConfig.ServiceRef("", cluster.name(), "");
        }
        String[] parts = cluster.name().split("\\|", -1);
        if (parts.length != 4 || parts[3].isEmpty()) {
            return NO_SERVICE;
        }
        String host = parts[3];
        String[] labels = host.split("\\.", 4);
        boolean kubernetes = labels.length >= 3 && labels[2].equals("svc");
        return new ClusterConfig.ServiceRef(host, kubernetes ? labels[0] : host, kubernetes ? labels[1] : "");
    }
}
