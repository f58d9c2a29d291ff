package lateen.control.translate;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.ApiListener;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lateen.control.registry.Service;
import lateen.control.source.DestinationRule;

/**
 * What gRPC's own xDS client is given ({@code xds:///host:port}; node metadata {@code GENERATOR: grpc}), as Istio serves
 * it: a listener for each name by which a service's port may be called, the routes and the cluster of that port. There
 * is no sidecar on this side: calls go to the workloads as plaintext, which a sidecar over there takes unless mTLS is
 * strict. Listeners of gRPC servers are not served yet.
 */
final class Proxyless {

    private Proxyless() {}

    static ProxyResources resources(TranslationInput.Outbound input) {
        List<Cluster> clusters = new ArrayList<>();
        List<Listener> listeners = new ArrayList<>();
        List<RouteConfiguration> routes = new ArrayList<>();
        var endpoints = new ArrayList<io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment>();
        OutboundRoutes outbound = new OutboundRoutes(input, new Destinations(input.routing(), input.services()));
        for (Service service : input.services()) {
            DestinationRule rule = input.routing().destinationRule(service, input.namespace());
            for (Service.Port port : service.ports()) {
                String name = XdsNames.outbound(service, port);
                clusters.add(Clusters.proxyless(name));
                endpoints.add(Endpoints.of(service, port, "", Map.of()));
                for (DestinationRule.Subset subset :
                        rule == null ? List.<DestinationRule.Subset>of() : rule.subsets()) {
                    clusters.add(Clusters.proxyless(XdsNames.outbound(service.host(), port.port(), subset.name())));
                    endpoints.add(Endpoints.of(service, port, subset.name(), subset.labels()));
                }
                List<String> hosts = outbound.names(service);
                hosts.forEach(host -> listeners.add(listener(host + ":" + port.port(), name)));
                routes.add(routes(name, outbound.host(service, port), hosts, port.port()));
            }
        }
        return new ProxyResources(clusters, endpoints, listeners, routes);
    }

    private static Listener listener(String name, String routes) {
        HttpConnectionManager manager = HttpConnectionManager.newBuilder()
                .setStatPrefix(name)
                .setRds(Rds.newBuilder().setConfigSource(Clusters.ads()).setRouteConfigName(routes))
                .addHttpFilters(Filters.httpFilter("envoy.filters.http.router", Router.getDefaultInstance()))
                .build();
        return Listener.newBuilder()
                .setName(name)
                .setApiListener(ApiListener.newBuilder().setApiListener(Pack.any(manager)))
                .build();
    }

    /** A client looks for the name that it called, with the port; that a port may be ignored it does not know. */
    private static RouteConfiguration routes(String name, VirtualHost.Builder host, List<String> hosts, int port) {
        host.clearDomains();
        hosts.forEach(h -> host.addDomains(h).addDomains(h + ":" + port));
        return RouteConfiguration.newBuilder()
                .setName(name)
                .addVirtualHosts(host)
                .build();
    }
}
