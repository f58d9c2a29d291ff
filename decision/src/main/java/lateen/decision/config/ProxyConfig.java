package lateen.decision.config;

import java.util.Map;

/**
 * All that a proxy is told at one moment. Whatever a listener or cluster in here refers to (routes, endpoints) has
 * arrived: a resource that still waits for another is held back, and its predecessor stays.
 *
 * <p>A resource that did not change between two configurations is the same object in both, so that a consumer may
 * compare by identity and recompile only what is new.
 *
 * @param listeners by name
 * @param routes by name; those that a listener of this configuration asks for
 * @param clusters by name
 * @param endpoints by the name under which a cluster asks for them ({@link ClusterConfig#endpointsName()})
 */
public record ProxyConfig(
        Map<String, ListenerConfig> listeners,
        Map<String, RouteConfig> routes,
        Map<String, ClusterConfig> clusters,
        Map<String, ClusterEndpoints> endpoints) {

    public static final ProxyConfig EMPTY = new ProxyConfig(Map.of(), Map.of(), Map.of(), Map.of());

    public ProxyConfig {
        listeners = Map.copyOf(listeners);
        routes = Map.copyOf(routes);
        clusters = Map.copyOf(clusters);
        endpoints = Map.copyOf(endpoints);
    }
}
