package lateen.control.translate;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import lateen.control.registry.MeshSettings;
import lateen.control.registry.Service;
import lateen.control.source.ConnectionPool;
import lateen.control.source.TcpRoute;
import lateen.control.source.TrafficPolicy;
import lateen.control.source.VirtualService;
import lateen.decision.net.Cidr;
import org.jspecify.annotations.Nullable;

/** The filter chains of a TCP service: those of its VirtualService, then the service itself. */
final class TcpRoutes {

    private final TranslationInput.Outbound input;
    private final Destinations destinations;
    private final MeshSettings.AccessLog log;

    TcpRoutes(TranslationInput.Outbound input, Destinations destinations) {
        this.input = input;
        this.destinations = destinations;
        this.log = input.settings().accessLog();
    }

    /** At least one; the last has no condition. */
    List<FilterChain> chains(Service service, Service.Port port) {
        List<FilterChain> chains = new ArrayList<>();
        Duration idle = idleTimeout(service, port);
        VirtualService routes = input.routing().virtualService(service.host(), input.namespace());
        if (routes == null || !add(routes, port, idle, chains)) {
            String cluster = XdsNames.outbound(service, port);
            TcpProxy.Builder proxy =
                    TcpProxy.newBuilder().setStatPrefix(cluster).setCluster(cluster);
            chains.add(chain(proxy, idle, List.of()));
        }
        return chains;
    }

    /** Whether one of them takes every connection; what comes after it is left out. */
    private boolean add(VirtualService from, Service.Port port, @Nullable Duration idle, List<FilterChain> chains) {
        // Envoy takes no two chains with one condition; the first to ask for a range has it.
        Set<Cidr> taken = new HashSet<>();
        for (TcpRoute route : from.tcp()) {
            List<TcpRoute.Match> matches = route.matches().stream()
                    .filter(m -> m.port() == null || m.port() == port.port())
                    .filter(m -> m.source().matches(input.namespace(), input.labels()))
                    .toList();
            if (route.matches().isEmpty()
                    || matches.stream().anyMatch(m -> m.subnets().isEmpty())) {
                chains.add(chain(from, route, port, idle, List.of()));
                return true;
            }
            List<Cidr> subnets = matches.stream()
                    .flatMap(m -> m.subnets().stream())
                    .filter(taken::add)
                    .toList();
            if (!subnets.isEmpty()) {
                chains.add(chain(from, route, port, idle, subnets));
            }
        }
        return false;
    }

    private FilterChain chain(
            VirtualService from, TcpRoute route, Service.Port port, @Nullable Duration idle, List<Cidr> subnets) {
        TcpProxy.Builder proxy = TcpProxy.newBuilder();
        if (route.destinations().size() == 1) {
            String cluster =
                    destinations.cluster(from, route.destinations().getFirst().destination(), port.port());
            proxy.setStatPrefix(cluster).setCluster(cluster);
        } else {
            TcpProxy.WeightedCluster.Builder weighted = TcpProxy.WeightedCluster.newBuilder();
            for (TcpRoute.Weighted each : route.destinations()) {
                if (each.weight() > 0) {
                    weighted.addClusters(TcpProxy.WeightedCluster.ClusterWeight.newBuilder()
                            .setName(destinations.cluster(from, each.destination(), port.port()))
                            .setWeight(each.weight()));
                }
            }
            proxy.setStatPrefix(from.meta().name() + "." + from.meta().namespace())
                    .setWeightedClusters(weighted);
        }
        return chain(proxy, idle, subnets);
    }

    private FilterChain chain(TcpProxy.Builder proxy, @Nullable Duration idle, List<Cidr> subnets) {
        if (idle != null) {
            proxy.setIdleTimeout(idle);
        }
        FilterChain.Builder chain = FilterChain.newBuilder().addFilters(Filters.tcpProxy(proxy, log));
        if (!subnets.isEmpty()) {
            FilterChainMatch.Builder match = FilterChainMatch.newBuilder();
            subnets.forEach(s -> match.addPrefixRanges(Pack.range(s)));
            chain.setFilterChainMatch(match);
        }
        return chain.build();
    }

    private @Nullable Duration idleTimeout(Service service, Service.Port port) {
        TrafficPolicy policy =
                TrafficPolicies.of(input.routing().destinationRule(service, input.namespace()), null, port.port());
        ConnectionPool pool = policy.pool();
        return pool == null || pool.tcpIdleTimeout() == null ? null : Pack.duration(pool.tcpIdleTimeout());
    }
}
