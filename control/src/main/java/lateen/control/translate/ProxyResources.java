package lateen.control.translate;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.List;
import java.util.Map;

/**
 * The messages of one side of a proxy, or of both. Immutable.
 *
 * @param applied how often each patch changed something, by the patch's name; also those that never did
 */
public record ProxyResources(
        List<Cluster> clusters,
        List<ClusterLoadAssignment> endpoints,
        List<Listener> listeners,
        List<RouteConfiguration> routes,
        Map<String, Integer> applied) {

    ProxyResources(
            List<Cluster> clusters,
            List<ClusterLoadAssignment> endpoints,
            List<Listener> listeners,
            List<RouteConfiguration> routes) {
        this(clusters, endpoints, listeners, routes, Map.of());
    }

    public ProxyResources {
        clusters = List.copyOf(clusters);
        endpoints = List.copyOf(endpoints);
        listeners = List.copyOf(listeners);
        routes = List.copyOf(routes);
        applied = Map.copyOf(applied);
    }
}
