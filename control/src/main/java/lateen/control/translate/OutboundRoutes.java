package lateen.control.translate;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import lateen.control.registry.Service;
import lateen.decision.net.IpAddress;

/** One route configuration for each HTTP port, named after it, with a virtual host for each service. */
final class OutboundRoutes {

    /**
     * Istio's default. All of these say that the server has not acted on the request, or (gRPC) that it may be sent
     * again; a 503 of the application itself is not among them.
     */
    private static final RetryPolicy RETRY = RetryPolicy.newBuilder()
            .setRetryOn("connect-failure,refused-stream,unavailable,cancelled")
            .setNumRetries(Pack.number(2))
            .build();

    private final String namespace;
    private final String domain;

    OutboundRoutes(String namespace, String domain) {
        this.namespace = namespace;
        this.domain = domain;
    }

    List<RouteConfiguration> build(List<Service> services) {
        SortedMap<Integer, RouteConfiguration.Builder> byPort = new TreeMap<>();
        for (Service service : services) {
            for (Service.Port port : service.ports()) {
                if (port.protocol().isHttp()) {
                    byPort.computeIfAbsent(port.port(), OutboundRoutes::empty)
                            .addVirtualHosts(host(service, port).addAllDomains(domains(service)));
                }
            }
        }
        List<RouteConfiguration> out = new ArrayList<>();
        byPort.values()
                .forEach(
                        routes -> out.add(routes.addVirtualHosts(anythingElse()).build()));
        return out;
    }

    /** Without domains. */
    VirtualHost.Builder host(Service service, Service.Port port) {
        return VirtualHost.newBuilder()
                .setName(service.host() + ":" + port.port())
                .addRoutes(route(XdsNames.outbound(service, port)).setName("default"));
    }

    /** A port in the authority is ignored, so that each name stands here once. */
    private static RouteConfiguration.Builder empty(int port) {
        return RouteConfiguration.newBuilder().setName(String.valueOf(port)).setIgnorePortInHostMatching(true);
    }

    private List<String> domains(Service service) {
        List<String> domains = names(service);
        for (IpAddress address : service.addresses()) {
            domains.add(address.v6() ? "[" + AddressText.of(address) + "]" : AddressText.of(address));
        }
        return domains;
    }

    /** Every form in which a resolver's search list lets an application write the name. */
    List<String> names(Service service) {
        List<String> domains = new ArrayList<>();
        domains.add(service.host());
        if (service.namespace().equals(namespace)) {
            domains.add(service.name());
        }
        String qualified = service.name() + "." + service.namespace();
        domains.add(qualified);
        domains.add(qualified + ".svc");
        if (!service.host().equals(qualified + ".svc." + domain)) {
            domains.add(qualified + ".svc." + domain);
        }
        return domains;
    }

    /** Istio's ALLOW_ANY: a name that is no service goes where the application wanted it to go. */
    private static VirtualHost anythingElse() {
        return VirtualHost.newBuilder()
                .setName("allow_any")
                .addDomains("*")
                .addRoutes(Route.newBuilder()
                        .setName("allow_any")
                        .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                        .setRoute(RouteAction.newBuilder()
                                .setCluster(XdsNames.PASSTHROUGH)
                                .setTimeout(Duration.getDefaultInstance())))
                .build();
    }

    private static Route.Builder route(String cluster) {
        return Route.newBuilder()
                .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                .setRoute(RouteAction.newBuilder()
                        .setCluster(cluster)
                        .setTimeout(Duration.getDefaultInstance())
                        .setRetryPolicy(RETRY));
    }
}
