package lateen.control.translate;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import lateen.control.registry.Service;
import lateen.control.source.VirtualService;
import lateen.decision.net.IpAddress;

/**
 * One route configuration for each HTTP port, named after it, with a virtual host for each service, and for each host
 * that exists through a VirtualService only.
 */
final class OutboundRoutes {

    /** As in Istio, where hosts are served that are nobody's service. */
    private static final int DEFAULT_PORT = 80;

    private final TranslationInput.Outbound input;
    private final HttpRoutes routes;
    private final SortedMap<Integer, RouteConfiguration.Builder> byPort = new TreeMap<>();

    /** By port; Envoy takes no domain twice. */
    private final Map<Integer, Set<String>> taken = new HashMap<>();

    OutboundRoutes(TranslationInput.Outbound input, Destinations destinations) {
        this.input = input;
        this.routes = new HttpRoutes(destinations, input.namespace(), input.labels());
    }

    List<RouteConfiguration> build() {
        for (Service service : input.services()) {
            for (Service.Port port : service.ports()) {
                if (port.protocol().isHttp()) {
                    add(port.port(), domains(service), host(service, port));
                }
            }
        }
        otherHosts();
        List<RouteConfiguration> out = new ArrayList<>();
        byPort.values()
                .forEach(each -> out.add(each.addVirtualHosts(anythingElse()).build()));
        return out;
    }

    /** Without domains. */
    VirtualHost.Builder host(Service service, Service.Port port) {
        return host(service.host(), port.port(), routes(service, port));
    }

    private static VirtualHost.Builder host(String host, int port, List<Route> all) {
        return VirtualHost.newBuilder().setName(host + ":" + port).addAllRoutes(all);
    }

    private List<Route> routes(Service service, Service.Port port) {
        VirtualService own = input.routing().virtualService(service.host(), input.namespace());
        List<Route> all = own == null ? List.of() : routes.of(own, port.port());
        return all.isEmpty() ? List.of(route(XdsNames.outbound(service, port))) : all;
    }

    /** On the ports of the services that the VirtualService has beside them; without any, on 80 where that is listened on. */
    private void otherHosts() {
        Map<String, Service> services = new HashMap<>();
        input.services().forEach(s -> services.put(s.host(), s));
        new TreeMap<>(input.routing().otherHosts(services.keySet(), input.namespace())).forEach((host, from) -> {
            Set<Integer> ports = new TreeSet<>();
            for (String other : input.routing().hosts(from)) {
                Service service = services.get(other);
                if (service != null) {
                    service.ports().stream().filter(p -> p.protocol().isHttp()).forEach(p -> ports.add(p.port()));
                }
            }
            for (int port : ports.isEmpty() ? Set.of(DEFAULT_PORT) : ports) {
                List<Route> all = byPort.containsKey(port) ? routes.of(from, port) : List.of();
                if (!all.isEmpty()) {
                    add(port, List.of(host), host(host, port, all));
                }
            }
        });
    }

    private void add(int port, List<String> domains, VirtualHost.Builder host) {
        Set<String> used = taken.computeIfAbsent(port, _ -> new HashSet<>(Set.of("*")));
        List<String> free = domains.stream().filter(used::add).toList();
        if (!free.isEmpty()) {
            byPort.computeIfAbsent(port, OutboundRoutes::empty).addVirtualHosts(host.addAllDomains(free));
        }
    }

    /** A port in the authority is ignored, so that each name stands here once. */
    private static RouteConfiguration.Builder empty(int port) {
        return RouteConfiguration.newBuilder().setName(String.valueOf(port)).setIgnorePortInHostMatching(true);
    }

    private List<String> domains(Service service) {
        List<String> domains = names(service);
        for (IpAddress address : service.addresses()) {
            domains.add(address.v6() ? "[" + address.canonical() + "]" : address.canonical());
        }
        return domains;
    }

    /** Every form in which a resolver's search list lets an application write the name. */
    List<String> names(Service service) {
        List<String> domains = new ArrayList<>();
        domains.add(service.host());
        if (service.namespace().equals(input.namespace())) {
            domains.add(service.name());
        }
        String qualified = service.name() + "." + service.namespace();
        domains.add(qualified);
        domains.add(qualified + ".svc");
        return domains;
    }

    /** Istio's ALLOW_ANY: a name that is no service goes where the application wanted it to go. */
    private static VirtualHost anythingElse() {
        return VirtualHost.newBuilder()
                .setName("allow_any")
                .addDomains("*")
                .addRoutes(Route.newBuilder()
                        .setName("allow_any")
                        .setMatch(RouteMatches.ANY)
                        .setRoute(RouteAction.newBuilder()
                                .setCluster(XdsNames.PASSTHROUGH)
                                .setTimeout(Duration.getDefaultInstance())))
                .build();
    }

    private static Route route(String cluster) {
        return Route.newBuilder()
                .setName("default")
                .setMatch(RouteMatches.ANY)
                .setRoute(RouteAction.newBuilder()
                        .setCluster(cluster)
                        .setTimeout(Duration.getDefaultInstance())
                        .setRetryPolicy(RetryPolicies.DEFAULT))
                .build();
    }
}
