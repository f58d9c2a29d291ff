package lateen.xds.decode;

import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.ClusterEndpoints.Endpoint;
import lateen.decision.config.ClusterEndpoints.Health;
import lateen.decision.config.ClusterEndpoints.Locality;

/** Envoy: {@code config.endpoint.v3}. */
final class EndpointDecoder {

    private static final int LOWEST_PRIORITY = 128;

    private EndpointDecoder() {}

    static ClusterEndpoints endpoints(ClusterLoadAssignment assignment, FieldPath at) {
        // Envoy weighs localities only where the control plane gave weights; without any, each endpoint counts alike.
        boolean weighed = assignment.getEndpointsList().stream().anyMatch(LocalityLbEndpoints::hasLoadBalancingWeight);
        List<Locality> localities = new ArrayList<>();
        for (int i = 0; i < assignment.getEndpointsCount(); i++) {
            LocalityLbEndpoints locality = assignment.getEndpoints(i);
            if (locality.getLbEndpointsCount() > 0) {
                localities.add(locality(locality, weighed, at.at("endpoints", i)));
            }
        }
        return new ClusterEndpoints(assignment.getClusterName(), localities);
    }

    private static Locality locality(LocalityLbEndpoints locality, boolean weighed, FieldPath at) {
        int priority = locality.getPriority();
        if (priority < 0 || priority > LOWEST_PRIORITY) {
            throw at.at("priority").refuse(Integer.toUnsignedString(priority), "0.." + LOWEST_PRIORITY);
        }
        List<Endpoint> endpoints = at.each(locality.getLbEndpointsList(), "lb_endpoints", EndpointDecoder::endpoint);
        int weight = weighed
                ? Values.count(locality.getLoadBalancingWeight().getValue(), at.at("load_balancing_weight"))
                : (int) Math.min(
                        Integer.MAX_VALUE,
                        endpoints.stream().mapToLong(Endpoint::weight).sum());
        return new Locality(
                locality.getLocality().getRegion(),
                locality.getLocality().getZone(),
                locality.getLocality().getSubZone(),
                priority,
                weight,
                endpoints);
    }

    private static Endpoint endpoint(LbEndpoint endpoint, FieldPath at) {
        if (!endpoint.hasEndpoint()) {
            throw at.missing("endpoint", "an address");
        }
        int weight = endpoint.hasLoadBalancingWeight()
                ? Values.count(endpoint.getLoadBalancingWeight().getValue(), at.at("load_balancing_weight"))
                : 1;
        if (weight == 0) {
            throw at.at("load_balancing_weight").refuse(0, "1 or more");
        }
        return new Endpoint(
                Values.address(
                        endpoint.getEndpoint().getAddress(), at.at("endpoint").at("address")),
                Values.inHead(
                        endpoint.getEndpoint().getHostname(), at.at("endpoint").at("hostname")),
                health(endpoint.getHealthStatus(), at.at("health_status")),
                weight,
                Values.metadataText(at.at("metadata"), "envoy.transport_socket_match", "tlsMode"),
                Values.metadataText(at.at("metadata"), "istio", "workload"));
    }

    private static Health health(HealthStatus status, FieldPath at) {
        return switch (status) {
            case UNKNOWN, HEALTHY, DEGRADED -> Health.HEALTHY;
            case DRAINING -> Health.DRAINING;
            case UNHEALTHY, TIMEOUT -> Health.UNHEALTHY;
            case UNRECOGNIZED -> throw at.refuse(status, "a health status that Envoy defines");
        };
    }
}
