package lateen.control.translate;

import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.List;
import java.util.Map;
import lateen.control.registry.Service;
import lateen.control.registry.Workload;

/** Where a service's port is served. */
final class Endpoints {

    private Endpoints() {}

    /**
     * Each workload by its first address, whichever family the caller used: between sidecars it does not matter.
     *
     * @param subset empty: all of the service
     * @param labels of the subset's workloads; it may have none
     */
    static ClusterLoadAssignment of(Service service, Service.Port port, String subset, Map<String, String> labels) {
        ClusterLoadAssignment.Builder out = ClusterLoadAssignment.newBuilder()
                .setClusterName(XdsNames.outbound(service.host(), port.port(), subset));
        List<Service.Endpoint> chosen = port.endpoints().stream()
                .filter(e -> e.workload().matches(labels))
                .toList();
        if (chosen.isEmpty()) {
            return out.build();
        }
        LocalityLbEndpoints.Builder all = LocalityLbEndpoints.newBuilder().setLocality(Locality.getDefaultInstance());
        int weight = 0;
        for (Service.Endpoint endpoint : chosen) {
            all.addLbEndpoints(endpoint(endpoint));
            weight += endpoint.workload().weight();
        }
        return out.addEndpoints(all.setLoadBalancingWeight(Pack.number(weight))).build();
    }

    private static LbEndpoint endpoint(Service.Endpoint endpoint) {
        Workload workload = endpoint.workload();
        Metadata.Builder metadata = Metadata.newBuilder();
        if (workload.inMesh()) {
            metadata.putFilterMetadata("envoy.transport_socket_match", Pack.struct(Map.of("tlsMode", "istio")));
        }
        metadata.putFilterMetadata("istio", Pack.struct(Map.of("workload", label(workload))));
        return LbEndpoint.newBuilder()
                .setEndpoint(Endpoint.newBuilder()
                        .setAddress(Pack.address(workload.addresses().getFirst(), endpoint.port())))
                .setLoadBalancingWeight(Pack.number(workload.weight()))
                .setMetadata(metadata)
                .build();
    }

    /** Istio: {@code name;namespace;canonical name;canonical revision;cluster}. */
    private static String label(Workload workload) {
        return String.join(
                ";",
                workload.name(),
                workload.namespace(),
                workload.canonicalName(),
                workload.canonicalRevision(),
                "Kubernetes");
    }
}
