package lateen.decision.config;

import java.util.List;
import lateen.decision.net.SocketAddr;

/**
 * Envoy: {@code config.endpoint.v3.ClusterLoadAssignment}.
 *
 * @param localities in the order given; a locality without endpoints is left out
 */
public record ClusterEndpoints(String name, List<Locality> localities) {

    public ClusterEndpoints {
        localities = List.copyOf(localities);
    }

    /**
     * @param priority 0 is tried first
     * @param weight relative to the localities of the same priority; 0 or more
     */
    public record Locality(
            String region, String zone, String subZone, int priority, int weight, List<Endpoint> endpoints) {
        public Locality {
            endpoints = List.copyOf(endpoints);
        }
    }

    /**
     * @param hostname what {@code auto_host_rewrite} puts into a request's authority; empty: nothing
     * @param weight 1 or more
     * @param tlsMode the endpoint's {@code envoy.transport_socket_match.tlsMode}; empty: none
     * @param workload Istio's {@code filter_metadata.istio.workload}: {@code name;namespace;canonical name;canonical
     *     revision;cluster}; empty: unknown
     */
    public record Endpoint(
            SocketAddr address, String hostname, Health health, int weight, String tlsMode, String workload) {}

    /** Envoy: {@code HealthStatus}, folded to what a balancer asks. */
    public enum Health {
        HEALTHY,
        DRAINING,
        UNHEALTHY
    }
}
