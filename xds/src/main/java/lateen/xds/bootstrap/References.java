package lateen.xds.bootstrap;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lateen.decision.config.FilterChainConfig;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.RouteAction;
import lateen.decision.config.WeightedCluster;
import lateen.decision.net.SocketAddr;
import lateen.xds.text.KnownTypes;

/** What static resources say of each other must be true from the beginning, as Envoy has it. */
final class References {

    private final BiConsumer<String, String> problem;
    private final Set<String> clusters;

    private References(Set<String> clusters, BiConsumer<String, String> problem) {
        this.clusters = clusters;
        this.problem = problem;
    }

    /** @param listeners those of them that could be read, by name */
    static void check(
            Bootstrap.StaticResources resources,
            Map<String, ListenerConfig> listeners,
            BiConsumer<String, String> problem) {
        // One that could not be read was told of already.
        Set<String> clusters =
                resources.getClustersList().stream().map(Cluster::getName).collect(Collectors.toSet());
        References references = new References(clusters, problem);
        Map<SocketAddr, String> bound = new HashMap<>();
        for (int i = 0; i < resources.getListenersCount(); i++) {
            String path = "static_resources.listeners[" + i + "]";
            ListenerConfig listener = listeners.get(
                    StaticResources.named(resources.getListeners(i)).getName());
            if (listener == null) {
                continue;
            }
            references.listener(listener, unvalidated(resources.getListeners(i)), path);
            for (SocketAddr address : listener.bindToPort() ? listener.addresses() : List.<SocketAddr>of()) {
                String other = address.port() == 0 && !address.isUnix() ? null : bound.put(address, listener.name());
                if (other != null && !other.equals(listener.name())) {
                    problem.accept(path + ".address", address + " is the address of '" + other + "' too");
                }
            }
        }
    }

    private void listener(ListenerConfig listener, Set<String> unvalidated, String path) {
        Stream.concat(listener.filterChains().stream(), Stream.ofNullable(listener.defaultFilterChain()))
                .map(FilterChainConfig::filters)
                .flatMap(List::stream)
                .forEach(filter -> {
                    switch (filter) {
                        case NetworkFilter.HttpConnectionManager manager -> {
                            if (manager.routes() instanceof NetworkFilter.RouteSource.Inline(RouteConfig routes)
                                    && !unvalidated.contains(routes.name())) {
                                routes(routes, path);
                            }
                            manager.filters().forEach(each -> {
                                if (each instanceof HttpFilter.ExtAuthz(var external)) {
                                    known(external.cluster(), path, "ext_authz");
                                }
                            });
                        }
                        case NetworkFilter.ExtAuthz(var _, var external) ->
                            known(external.cluster(), path, "ext_authz");
                        // Envoy lets a TCP proxy name what is not there yet.
                        case NetworkFilter.TcpProxy _, NetworkFilter.Rbac _ -> {}
                    }
                });
    }

    private void routes(RouteConfig routes, String path) {
        Set<String> told = new HashSet<>();
        for (RouteConfig.VirtualHost host : routes.virtualHosts()) {
            for (RouteConfig.Route route : host.routes()) {
                if (route.action() instanceof RouteAction.Forward forward) {
                    for (WeightedCluster each : forward.clusters()) {
                        if (told.add(each.name())) {
                            known(
                                    each.name(),
                                    path,
                                    "routes '" + routes.name() + "', virtual host '" + host.name() + "'");
                        }
                    }
                }
            }
        }
    }

    private void known(String cluster, String path, String who) {
        if (!clusters.contains(cluster)) {
            problem.accept(
                    path, who + ": unknown cluster '" + cluster + "' (expected: one of static_resources.clusters)");
        }
    }

    /** Names of route configurations with {@code validate_clusters: false}. */
    private static Set<String> unvalidated(Message listener) {
        Set<String> names = new HashSet<>();
        MessageWalk walk = new MessageWalk() {
            @Override
            Message visit(Message message, String path) {
                if (message.getDescriptorForType().getFullName().equals("envoy.config.route.v3.RouteConfiguration")) {
                    try {
                        RouteConfiguration routes = RouteConfiguration.parseFrom(message.toByteString());
                        if (routes.hasValidateClusters()
                                && !routes.getValidateClusters().getValue()) {
                            names.add(routes.getName());
                        }
                    } catch (InvalidProtocolBufferException e) {
                        throw new IllegalStateException("it was read before", e);
                    }
                    return message;
                }
                return inside(message, path);
            }
        };
        var _ = walk.visit(KnownTypes.byDescriptor(listener), "");
        return names;
    }
}
