package lateen.control.translate;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.UpstreamProtocolOptionsCase;
import java.util.List;
import lateen.control.registry.Load;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Http2PortsTest {

    private static final String UPGRADE = """
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: catalog, namespace: shop}
            spec:
              host: catalog
              trafficPolicy: {connectionPool: {http: {h2UpgradePolicy: UPGRADE}}}
            """;

    private static Cluster named(List<Cluster> clusters, String name) {
        return clusters.stream()
                .filter(c -> c.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Cluster outbound(String yaml) {
        return named(
                Translation.outbound(Shop.catalog(yaml).outbound()).clusters(),
                "outbound|80||catalog.shop.svc.cluster.local");
    }

    private static Cluster inbound(String yaml, String name) {
        return named(Translation.inbound(Shop.catalog(yaml).inbound()).clusters(), name);
    }

    private static UpstreamProtocolOptionsCase spoken(Cluster cluster) throws Exception {
        return cluster.getTypedExtensionProtocolOptionsOrThrow("envoy.extensions.upstreams.http.v3.HttpProtocolOptions")
                .unpack(HttpProtocolOptions.class)
                .getUpstreamProtocolOptionsCase();
    }

    private static boolean http2(Cluster cluster) throws Exception {
        return cluster.containsTypedExtensionProtocolOptions("envoy.extensions.upstreams.http.v3.HttpProtocolOptions")
                && cluster.getTypedExtensionProtocolOptionsOrThrow(
                                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions")
                        .unpack(HttpProtocolOptions.class)
                        .getExplicitHttpConfig()
                        .hasHttp2ProtocolOptions();
    }

    private static List<String> offered(Cluster cluster) throws Exception {
        return cluster.getTransportSocketMatches(0)
                .getTransportSocket()
                .getTypedConfig()
                .unpack(UpstreamTlsContext.class)
                .getCommonTlsContext()
                .getAlpnProtocolsList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"grpc", "http2", "grpc-web", "grpc-shop"})
    void aPortNamedSoSpeaksHttp2OnBothSides(String name) throws Exception {
        String yaml = Shop.MESH.replaceFirst("name: http,", "name: " + name + ",");
        Cluster caller = outbound(yaml);
        assertThat(http2(caller)).isTrue();
        assertThat(offered(caller)).containsExactly("istio-h2", "istio", "h2");
        assertThat(http2(inbound(yaml, "inbound|8080||"))).isTrue();
        assertThat(Load.load(yaml).errors()).isEmpty();
    }

    @Test
    void aPortOfHttpSpeaksHttp1() throws Exception {
        assertThat(http2(outbound(Shop.MESH))).isFalse();
        assertThat(offered(outbound(Shop.MESH))).containsExactly("istio-http/1.1", "istio", "http/1.1");
        assertThat(http2(inbound(Shop.MESH, "inbound|8080||"))).isFalse();
    }

    @Test
    void anUpgradeIsBetweenTheSidecarsOnly() throws Exception {
        Cluster caller = outbound(Shop.MESH + UPGRADE);
        assertThat(http2(caller)).isTrue();
        assertThat(offered(caller)).containsExactly("istio-h2", "istio", "h2");
        assertThat(http2(inbound(Shop.MESH + UPGRADE, "inbound|8080||"))).isFalse();
    }

    @Test
    void theServersSidecarOffersBoth() throws Exception {
        DownstreamTlsContext tls = Translation.inbound(
                        Shop.catalog(Shop.MESH + Shop.mtls("STRICT")).inbound())
                .listeners()
                .getFirst()
                .getFilterChainsList()
                .get(1)
                .getTransportSocket()
                .getTypedConfig()
                .unpack(DownstreamTlsContext.class);
        assertThat(tls.getCommonTlsContext().getAlpnProtocolsList()).containsExactly("h2", "http/1.1");
    }

    @Test
    void whatNobodyHasNamedFollowsTheClient() throws Exception {
        assertThat(spoken(inbound(Shop.MESH, "InboundPassthroughCluster")))
                .isEqualTo(UpstreamProtocolOptionsCase.USE_DOWNSTREAM_PROTOCOL_CONFIG);
        assertThat(spoken(named(
                        Translation.outbound(Shop.catalog(Shop.MESH).outbound()).clusters(), "PassthroughCluster")))
                .isEqualTo(UpstreamProtocolOptionsCase.USE_DOWNSTREAM_PROTOCOL_CONFIG);
    }
}
