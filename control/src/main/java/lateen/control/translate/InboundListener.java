package lateen.control.translate;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lateen.control.source.PeerAuthentication.Mode;

/**
 * What takes connections that come in: one listener that holds every chain itself. A chain stands for a port of the
 * workload and a way of arriving there (mTLS of a sidecar, plaintext); which ways exist says the mTLS mode. A way that
 * is not there is refused by having no chain.
 */
final class InboundListener {

    private final TranslationInput.Inbound input;
    private final MeshTls tls;
    private final Authorization authorization;

    InboundListener(TranslationInput.Inbound input) {
        this.input = input;
        this.tls = new MeshTls(input.settings().trustDomain());
        this.authorization = new Authorization(input.settings().trustDomain(), input.policies(), input.providers());
    }

    Listener build() {
        Listener.Builder out = Listener.newBuilder()
                .setName("virtualInbound")
                .setAddress(Pack.address("0.0.0.0", XdsNames.INBOUND_PORT))
                .addAdditionalAddresses(OutboundListeners.more("::", XdsNames.INBOUND_PORT))
                .setTrafficDirection(TrafficDirection.INBOUND)
                // The destination is recovered, but the connection stays here: handing it over by destination would
                // give it to the outbound listener of the same port.
                .addListenerFilters(Filters.originalDestination())
                .addListenerFilters(Filters.tlsInspector())
                // A client that waits for the server to speak first shows nothing to look at.
                .setListenerFiltersTimeout(Duration.newBuilder().setSeconds(5))
                .setContinueOnListenerFiltersTimeout(true)
                .addAllAccessLog(AccessLogs.unmatched(input.settings().accessLog()))
                .addFilterChains(blackHole());
        for (TranslationInput.InboundPort port : input.ports()) {
            String name = "0.0.0.0_" + port.port();
            out.addAllFilterChains(
                    chains(name, name, port.port(), port.protocol().isHttp(), XdsNames.inbound(port.port())));
        }
        ports().forEach((port, http) -> {
            if (input.ports().stream().noneMatch(p -> p.port() == port)) {
                out.addAllFilterChains(catchAll(port));
            }
        });
        return out.addAllFilterChains(catchAll(0)).build();
    }

    /** Ports with a mode of their own, also those without a service. */
    private Map<Integer, Mode> ports() {
        return new TreeMap<>(input.mtls().portModes());
    }

    /** A connection made to our own port has no destination but us: forwarding it would be a loop. */
    private FilterChain blackHole() {
        return FilterChain.newBuilder()
                .setName("virtualInbound-blackhole")
                .setFilterChainMatch(
                        FilterChainMatch.newBuilder().setDestinationPort(Pack.number(XdsNames.INBOUND_PORT)))
                .addFilters(Filters.tcpProxy(
                        XdsNames.BLACK_HOLE,
                        XdsNames.BLACK_HOLE,
                        input.settings().accessLog()))
                .build();
    }

    /** Ports that no service names; what a sidecar says is HTTP is treated as such. */
    private List<FilterChain> catchAll(int port) {
        return chains("virtualInbound", "virtualInbound-catchall-http", port, false, XdsNames.INBOUND_PASSTHROUGH);
    }

    private List<FilterChain> chains(String tcpName, String httpName, int port, boolean http, String cluster) {
        boolean known = !cluster.equals(XdsNames.INBOUND_PASSTHROUGH);
        Mode mode = port == 0 ? input.mtls().mode() : input.mtls().on(port);
        List<FilterChain> out = new ArrayList<>();
        if (mode != Mode.DISABLE) {
            if (!known) {
                out.add(mtls(httpName, port, MeshTls.MATCH_HTTP, true, cluster));
                out.add(mtls(tcpName, port, mode == Mode.STRICT ? List.of() : MeshTls.MATCH_MESH, false, cluster));
            } else if (mode == Mode.STRICT) {
                out.add(mtls(tcpName, port, List.of(), http, cluster));
            } else {
                List<String> alpn = new ArrayList<>(MeshTls.MATCH_MESH);
                alpn.addAll(MeshTls.MATCH_HTTP);
                out.add(mtls(tcpName, port, alpn, http, cluster));
            }
        }
        if (mode != Mode.STRICT) {
            out.add(plaintext(tcpName, port, http, cluster));
            if (!http && mode == Mode.PERMISSIVE) {
                out.add(foreignTls(tcpName, port, cluster));
            }
        }
        return out;
    }

    private FilterChain mtls(String name, int port, List<String> alpn, boolean http, String cluster) {
        return chain(
                        name,
                        match(port).setTransportProtocol("tls").addAllApplicationProtocols(alpn),
                        http,
                        true,
                        cluster)
                .setTransportSocket(tls.server(http))
                .build();
    }

    /** Under DISABLE also TLS, which is the application's own then. */
    private FilterChain plaintext(String name, int port, boolean http, String cluster) {
        boolean disabled = (port == 0 ? input.mtls().mode() : input.mtls().on(port)) == Mode.DISABLE;
        FilterChainMatch.Builder match = match(port);
        return chain(name, disabled ? match : match.setTransportProtocol("raw_buffer"), http, false, cluster)
                .build();
    }

    /** TLS that no sidecar began is the application's own, and passes as it is. */
    private FilterChain foreignTls(String name, int port, String cluster) {
        return chain(name, match(port).setTransportProtocol("tls"), false, false, cluster)
                .build();
    }

    private FilterChain.Builder chain(
            String name, FilterChainMatch.Builder match, boolean http, boolean mtls, String cluster) {
        FilterChain.Builder chain = FilterChain.newBuilder().setName(name).setFilterChainMatch(match);
        if (http) {
            return chain.addFilters(Filters.http(manager(mtls, cluster)));
        }
        return chain.addAllFilters(authorization.tcp())
                .addFilters(Filters.tcpProxy(cluster, cluster, input.settings().accessLog()));
    }

    private HttpConnectionManager.Builder manager(boolean mtls, String cluster) {
        HttpConnectionManager.Builder manager = Filters.manager(
                        "inbound_" + cluster, input.settings().accessLog())
                .setServerName("istio-envoy")
                .setRouteConfig(routes(cluster));
        if (mtls) {
            manager.setForwardClientCertDetails(HttpConnectionManager.ForwardClientCertDetails.APPEND_FORWARD)
                    .setSetCurrentClientCertDetails(HttpConnectionManager.SetCurrentClientCertDetails.newBuilder()
                            .setSubject(Pack.bool(true))
                            .setDns(true)
                            .setUri(true));
        } else {
            // What a peer without a certificate says of certificates is worth nothing.
            manager.setForwardClientCertDetails(HttpConnectionManager.ForwardClientCertDetails.SANITIZE);
        }
        return manager.addAllHttpFilters(authorization.http());
    }

    /** The virtual host's name is Istio's, with the service's port; users' patches refer to it. */
    private RouteConfiguration routes(String cluster) {
        int servicePort = input.ports().stream()
                .filter(p -> XdsNames.inbound(p.port()).equals(cluster))
                .mapToInt(TranslationInput.InboundPort::servicePort)
                .findFirst()
                .orElse(0);
        return RouteConfiguration.newBuilder()
                .setName(cluster)
                .setValidateClusters(Pack.bool(false))
                .addVirtualHosts(VirtualHost.newBuilder()
                        .setName("inbound|http|" + servicePort)
                        .addDomains("*")
                        .addRoutes(Route.newBuilder()
                                .setName("default")
                                .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                                .setRoute(RouteAction.newBuilder()
                                        .setCluster(cluster)
                                        .setTimeout(Duration.getDefaultInstance()))))
                .build();
    }

    private static FilterChainMatch.Builder match(int port) {
        FilterChainMatch.Builder match = FilterChainMatch.newBuilder();
        return port == 0 ? match : match.setDestinationPort(Pack.number(port));
    }
}
