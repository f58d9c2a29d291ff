package lateen.xds.client;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import lateen.decision.config.FilterChainConfig;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.NetworkFilter.HttpConnectionManager;
import lateen.decision.config.NetworkFilter.RouteSource;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.RouteAction;
import lateen.decision.config.WeightedCluster;

/** Which other resources a resource names. */
final class References {

    private References() {}

    /** Names of route configurations. */
    static Set<String> routes(ListenerConfig listener) {
        Set<String> names = new HashSet<>();
        filters(listener).forEach(filter -> {
            if (filter instanceof HttpConnectionManager manager
                    && manager.routes() instanceof RouteSource.Named(String name)) {
                names.add(name);
            }
        });
        return names;
    }

    /** Names of clusters, those of routes by name not included. */
    static Set<String> clusters(ListenerConfig listener) {
        Set<String> names = new HashSet<>();
        filters(listener).forEach(filter -> {
            switch (filter) {
                case NetworkFilter.TcpProxy proxy -> add(proxy.clusters(), names);
                case HttpConnectionManager manager -> {
                    if (manager.routes() instanceof RouteSource.Inline(RouteConfig routes)) {
                        names.addAll(clusters(routes));
                    }
                    manager.filters().forEach(each -> {
                        if (each instanceof HttpFilter.ExtAuthz(var external)) {
                            names.add(external.cluster());
                        }
                    });
                }
                case NetworkFilter.ExtAuthz(var _, var external) -> names.add(external.cluster());
                case NetworkFilter.Rbac _ -> {}
            }
        });
        return names;
    }

    static Set<String> clusters(RouteConfig routes) {
        Set<String> names = new HashSet<>();
        for (RouteConfig.VirtualHost host : routes.virtualHosts()) {
            for (RouteConfig.Route route : host.routes()) {
                if (route.action() instanceof RouteAction.Forward forward) {
                    add(forward.clusters(), names);
                }
            }
        }
        return names;
    }

    private static void add(List<WeightedCluster> clusters, Set<String> names) {
        clusters.forEach(cluster -> names.add(cluster.name()));
    }

    private static Stream<NetworkFilter> filters(ListenerConfig listener) {
        return Stream.concat(listener.filterChains().stream(), Stream.ofNullable(listener.defaultFilterChain()))
                .map(FilterChainConfig::filters)
                .flatMap(List::stream);
    }
}
