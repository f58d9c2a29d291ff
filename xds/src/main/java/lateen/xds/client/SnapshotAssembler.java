package lateen.xds.client;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterConfig.Discovery;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ProxyConfig;
import lateen.decision.config.RouteConfig;

/**
 * Puts together what has arrived so that nothing refers to what has not (warming).
 *
 * <ul>
 *   <li>A cluster waits for its endpoints, and for the secrets that it names.
 *   <li>A route configuration waits for clusters of its that still wait. A cluster that nobody has heard of is no
 *       reason: the route answers 503 then, as in Envoy.
 *   <li>A listener waits for its route configurations and secrets, and for clusters as above.
 *   <li>No listener opens before the first set of clusters is complete (Envoy: initialization).
 *   <li>While a new version waits, its predecessor stays; what was taken away goes at once.
 * </ul>
 *
 * Owned by the client's thread.
 */
final class SnapshotAssembler {

    private final Set<String> waiting = new TreeSet<>();
    private boolean clustersComplete;

    /**
     * What has arrived; listeners and clusters by name, the newest accepted version each.
     *
     * @param secretsThere whether nothing is missing that this listener or cluster shows or trusts
     */
    record Arrived(
            Map<String, ListenerConfig> listeners,
            Map<String, RouteConfig> routes,
            Map<String, ClusterConfig> clusters,
            Map<String, ClusterEndpoints> endpoints,
            Predicate<Object> secretsThere,
            boolean clustersAnswered) {}

    /** The configuration that may follow {@code before}; resources that did not change are the same objects. */
    ProxyConfig assemble(Arrived arrived, ProxyConfig before) {
        waiting.clear();
        Map<String, ClusterConfig> clusters = clusters(arrived, before);
        Set<String> cold = new HashSet<>(arrived.clusters().keySet());
        cold.removeAll(clusters.keySet());
        clustersComplete |= arrived.clustersAnswered() && cold.isEmpty();
        Map<String, RouteConfig> routes = routes(arrived, before, cold);
        Map<String, ListenerConfig> listeners = clustersComplete ? listeners(arrived, before, routes, cold) : Map.of();
        if (!clustersComplete) {
            waiting.addAll(arrived.listeners().keySet());
        }
        Set<String> usedRoutes = new HashSet<>();
        listeners.values().forEach(listener -> usedRoutes.addAll(References.routes(listener)));
        routes.keySet().retainAll(usedRoutes);
        Map<String, ClusterEndpoints> endpoints = new HashMap<>();
        for (ClusterConfig cluster : clusters.values()) {
            if (cluster.discovery() == Discovery.EDS) {
                ClusterEndpoints found = arrived.endpoints().get(cluster.endpointsName());
                ClusterEndpoints known =
                        found != null ? found : before.endpoints().get(cluster.endpointsName());
                if (known != null) {
                    endpoints.put(cluster.endpointsName(), known);
                }
            }
        }
        return new ProxyConfig(listeners, routes, clusters, endpoints);
    }

    /** Names of what waits after the last {@link #assemble}. */
    Set<String> waiting() {
        return Collections.unmodifiableSet(waiting);
    }

    private Map<String, ClusterConfig> clusters(Arrived arrived, ProxyConfig before) {
        Map<String, ClusterConfig> active = new HashMap<>();
        arrived.clusters().forEach((name, cluster) -> {
            boolean warm =
                    (cluster.discovery() != Discovery.EDS || arrived.endpoints().containsKey(cluster.endpointsName()))
                            && arrived.secretsThere().test(cluster);
            choose(name, cluster, warm, before.clusters(), active);
        });
        return active;
    }

    private Map<String, RouteConfig> routes(Arrived arrived, ProxyConfig before, Set<String> cold) {
        Map<String, RouteConfig> active = new HashMap<>();
        arrived.routes().forEach((name, routes) -> {
            boolean warm = cold.isEmpty() || Collections.disjoint(References.clusters(routes), cold);
            choose(name, routes, warm, before.routes(), active);
        });
        return active;
    }

    private Map<String, ListenerConfig> listeners(
            Arrived arrived, ProxyConfig before, Map<String, RouteConfig> routes, Set<String> cold) {
        Map<String, ListenerConfig> active = new HashMap<>();
        arrived.listeners().forEach((name, listener) -> {
            boolean warm = routes.keySet().containsAll(References.routes(listener))
                    && arrived.secretsThere().test(listener)
                    && (cold.isEmpty() || Collections.disjoint(References.clusters(listener), cold));
            choose(name, listener, warm, before.listeners(), active);
        });
        // A predecessor that stays keeps the routes that it was accepted with.
        active.values()
                .forEach(listener -> References.routes(listener).forEach(name -> {
                    RouteConfig known = before.routes().get(name);
                    if (known != null) {
                        routes.putIfAbsent(name, known);
                    }
                }));
        return active;
    }

    private <T> void choose(String name, T newest, boolean warm, Map<String, T> before, Map<String, T> active) {
        T predecessor = before.get(name);
        if (warm) {
            active.put(name, newest);
            return;
        }
        waiting.add(name);
        if (predecessor != null) {
            active.put(name, predecessor);
        }
    }
}
