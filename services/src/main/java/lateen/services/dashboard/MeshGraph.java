package lateen.services.dashboard;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The picture's content: who talks to whom, how much, how well, and as whom.
 *
 * @param problems sidecars that did not answer, with the reason
 * @param measured whether there are rates yet: they take two readings
 */
record MeshGraph(List<Node> nodes, List<Edge> edges, Map<String, String> problems, boolean measured) {

    /** What a node is. */
    enum Kind {
        /** Has a sidecar and an identity. */
        WORKLOAD,
        /** A service of which no workload answered. */
        SERVICE,
        /** A plain host beside the mesh, or whatever it is that traffic without identity comes from or goes to. */
        OUTSIDE
    }

    /** How the bytes of an edge travel. */
    enum Security {
        MUTUAL_TLS,
        PLAINTEXT,
        /** Some of both. */
        MIXED,
        UNKNOWN
    }

    /**
     * @param id unique in the graph
     * @param identity SPIFFE id; empty: none, or not known
     */
    record Node(String id, String name, String namespace, String version, String identity, Kind kind) {}

    /**
     * All traffic from one node to another.
     *
     * @param sourceIdentity SPIFFE id that the caller showed; empty: none, or not known
     * @param services host names that were called
     * @param requests of HTTP and gRPC; null: there never were any
     * @param tcp null: there never was any
     */
    record Edge(
            String from,
            String to,
            String sourceIdentity,
            String destinationIdentity,
            Security security,
            List<String> services,
            List<String> protocols,
            @Nullable Requests requests,
            @Nullable Tcp tcp) {}

    /**
     * @param total since the sidecar's start
     * @param perSecond all of them
     * @param refusedPerSecond with 4xx
     * @param failedPerSecond with 5xx, a gRPC status other than OK, or no answer
     * @param p50 of milliseconds; empty: no request in the time looked at
     */
    record Requests(
            double total,
            double perSecond,
            double refusedPerSecond,
            double failedPerSecond,
            OptionalDouble p50,
            OptionalDouble p99) {}

    /**
     * @param open connections now
     * @param sentPerSecond bytes to the destination
     * @param receivedPerSecond bytes from it
     */
    record Tcp(double total, double open, double openedPerSecond, double sentPerSecond, double receivedPerSecond) {}
}
