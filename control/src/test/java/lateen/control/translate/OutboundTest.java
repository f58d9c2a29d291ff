package lateen.control.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import org.junit.jupiter.api.Test;

class OutboundTest {

    private final ProxyResources out = Translation.outbound(Shop.catalog(Shop.MESH).outbound());

    @Test
    void listeners_are_the_captured_port_one_for_each_tcp_service_and_one_for_each_http_port() {
        assertThat(out.listeners())
                .extracting(Listener::getName)
                .containsExactly("virtualOutbound", "10.33.1.7_9000", "0.0.0.0_80");
        Listener virtual = out.listeners().getFirst();
        assertThat(virtual.getUseOriginalDst().getValue()).isTrue();
        assertThat(virtual.getFilterChains(0).getName()).isEqualTo("virtualOutbound-blackhole");
        assertThat(virtual.getDefaultFilterChain().getName()).isEqualTo("virtualOutbound-catchall-tcp");
        assertThat(virtual.getAdditionalAddresses(0).getAddress().getSocketAddress().getAddress()).isEqualTo("::");
        assertThat(out.listeners().subList(1, 3)).noneMatch(l -> l.getBindToPort().getValue());
    }

    @Test
    void a_tcp_service_is_forwarded_by_each_of_its_addresses_and_an_http_port_by_its_routes() throws Exception {
        Listener tcp = out.listeners().get(1);
        assertThat(tcp.getAdditionalAddresses(0).getAddress().getSocketAddress().getAddress())
                .isEqualTo("fd33:0:0:1::7");
        assertThat(terminal(tcp, TcpProxy.class).getCluster()).isEqualTo("outbound|9000||catalog.shop.svc.cluster.local");
        assertThat(terminal(out.listeners().get(2), HttpConnectionManager.class).getRds().getRouteConfigName())
                .isEqualTo("80");
    }

    @Test
    void a_service_answers_to_every_form_of_its_name_and_the_short_one_only_in_its_namespace() {
        RouteConfiguration routes = out.routes().getFirst();
        assertThat(routes.getName()).isEqualTo("80");
        assertThat(routes.getIgnorePortInHostMatching()).isTrue();
        assertThat(routes.getVirtualHostsList())
                .extracting(VirtualHost::getName)
                .containsExactly(
                        "catalog.shop.svc.cluster.local:80", "ratings.other.svc.cluster.local:80", "allow_any");
        assertThat(routes.getVirtualHosts(0).getDomainsList())
                .containsExactly(
                        "catalog.shop.svc.cluster.local", "catalog", "catalog.shop", "catalog.shop.svc",
                        "10.33.1.7", "[fd33:0:0:1::7]");
        assertThat(routes.getVirtualHosts(1).getDomainsList()).contains("ratings.other").doesNotContain("ratings");
        assertThat(routes.getVirtualHosts(2).getRoutes(0).getRoute().getCluster()).isEqualTo("PassthroughCluster");
    }

    @Test
    void mtls_takes_only_the_accounts_of_the_service_and_goes_to_endpoints_that_say_so() throws Exception {
        Cluster cluster = out.clusters().getFirst();
        assertThat(cluster.getName()).isEqualTo("outbound|80||catalog.shop.svc.cluster.local");
        assertThat(cluster.getLbPolicy()).isEqualTo(Cluster.LbPolicy.LEAST_REQUEST);
        UpstreamTlsContext tls = cluster.getTransportSocketMatches(0)
                .getTransportSocket()
                .getTypedConfig()
                .unpack(UpstreamTlsContext.class);
        assertThat(tls.getSni()).isEqualTo("outbound_.80_._.catalog.shop.svc.cluster.local");
        assertThat(tls.getCommonTlsContext().getAlpnProtocolsList())
                .containsExactly("istio-http/1.1", "istio", "http/1.1");
        assertThat(tls.getCommonTlsContext()
                        .getCombinedValidationContext()
                        .getDefaultValidationContext()
                        .getMatchTypedSubjectAltNamesList())
                .singleElement()
                .satisfies(m -> assertThat(m.getMatcher().getExact())
                        .isEqualTo("spiffe://cluster.local/ns/shop/sa/catalog"));
        assertThat(cluster.getTransportSocketMatches(1).getName()).isEqualTo("tlsMode-disabled");
        LbEndpoint endpoint = out.endpoints().getFirst().getEndpoints(0).getLbEndpoints(0);
        assertThat(endpoint.getEndpoint().getAddress().getSocketAddress().getAddress()).isEqualTo("10.33.0.4");
        assertThat(endpoint.getEndpoint().getAddress().getSocketAddress().getPortValue()).isEqualTo(8080);
        assertThat(endpoint.getMetadata().getFilterMetadataMap()).containsKeys("envoy.transport_socket_match", "istio");
    }

    @Test
    void a_workload_without_a_sidecar_gets_plaintext() {
        String bare = Shop.MESH.replace(", security.istio.io/tlsMode: istio", "");
        LbEndpoint endpoint = Translation.outbound(Shop.catalog(bare).outbound())
                .endpoints().getFirst().getEndpoints(0).getLbEndpoints(0);
        assertThat(endpoint.getMetadata().getFilterMetadataMap()).doesNotContainKey("envoy.transport_socket_match");
    }

    @Test
    void the_access_log_is_json_and_names_both_peers_when_asked() {
        String asked = Shop.MESH
                + """
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: istio, namespace: istio-system}
                data:
                  mesh: |
                    accessLogFile: /dev/stdout
                    accessLogEncoding: JSON
                    lateen: {accessLogIdentities: true}
                """;
        assertThat(out.listeners().toString()).contains("response_code_details").doesNotContain("DOWNSTREAM_PEER_URI_SAN");
        assertThat(Translation.outbound(Shop.catalog(asked).outbound()).listeners().toString())
                .contains("%DOWNSTREAM_PEER_URI_SAN%", "%UPSTREAM_TLS_VERSION%");
        String none = asked.replace("accessLogFile: /dev/stdout", "accessLogFile: \"\"");
        assertThat(Translation.outbound(Shop.catalog(none).outbound()).listeners().toString())
                .doesNotContain("FileAccessLog");
    }

    static <T extends com.google.protobuf.Message> T terminal(Listener listener, Class<T> type)
            throws InvalidProtocolBufferException {
        return listener.getFilterChains(0).getFilters(0).getTypedConfig().unpack(type);
    }
}
