package lateen.agent.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lateen.decision.net.IpAddress;
import lateen.xds.client.NodeIdentity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvoyBootstrapTest {
    private static final JsonFormat.Parser STRICT = JsonFormat.parser()
            .usingTypeRegistry(TypeRegistry.newBuilder()
                    .add(HttpProtocolOptions.getDescriptor())
                    .add(HttpConnectionManager.getDescriptor())
                    .add(Router.getDescriptor())
                    .add(DownstreamConnectionsConfig.getDescriptor())
                    .build());

    @Test
    void everyFieldIsOneOfEnvoysAndTheNodeSaysWhatIstioctlAndTheControlPlaneLookFor() throws Exception {
        Bootstrap bootstrap = bootstrap("10.0.0.7");

        assertThat(bootstrap.getNode().getId()).isEqualTo("sidecar~10.0.0.7~web-1.shop~shop.svc.cluster.local");
        assertThat(bootstrap.getNode().getCluster()).isEqualTo("web.shop");
        Map<String, com.google.protobuf.Value> metadata =
                bootstrap.getNode().getMetadata().getFieldsMap();
        assertThat(metadata).containsKeys("ISTIO_VERSION", "PROXY_CONFIG", "CLUSTER_ID");
        assertThat(metadata.get("NAMESPACE").getStringValue()).isEqualTo("shop");
        assertThat(metadata.get("SERVICE_ACCOUNT").getStringValue()).isEqualTo("web");
        assertThat(metadata.get("INSTANCE_IPS").getStringValue()).isEqualTo("10.0.0.7");
        assertThat(metadata.get("LABELS")
                        .getStructValue()
                        .getFieldsMap()
                        .get("app")
                        .getStringValue())
                .isEqualTo("web");
    }

    @Test
    void configurationAndSecretsComeOverTheAgentsSocket() throws Exception {
        Bootstrap bootstrap = bootstrap("10.0.0.7");

        assertThat(bootstrap.getDynamicResources().getAdsConfig().getApiType().name())
                .isEqualTo("DELTA_GRPC");
        assertThat(bootstrap.getStaticResources().getClustersList())
                .filteredOn(cluster -> List.of("xds-grpc", "sds-grpc").contains(cluster.getName()))
                .hasSize(2)
                .allMatch(cluster -> cluster.getLoadAssignment()
                        .getEndpoints(0)
                        .getLbEndpoints(0)
                        .getEndpoint()
                        .getAddress()
                        .getPipe()
                        .getPath()
                        .equals("/run/x/socket"));
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.7, 0", "fd00::7, 1"})
    void readinessAndMetricsListenOnBothFamiliesWhereTheWorkloadHasBoth(String address, int more) throws Exception {
        List<Listener> listeners = bootstrap(address).getStaticResources().getListenersList();

        assertThat(listeners)
                .extracting(each -> each.getAddress().getSocketAddress().getPortValue())
                .containsExactly(15021, 15090);
        assertThat(listeners).allMatch(each -> each.getAdditionalAddressesCount() == more);
    }

    @ParameterizedTest
    @CsvSource({
        "cluster.outbound|80||frontend.shop.svc.cluster.local.upstream_rq_200, cluster_name,"
                + " outbound|80||frontend.shop.svc.cluster.local",
        "cluster.outbound|80|v1|frontend.shop.svc.cluster.local.lb_healthy, cluster_name,"
                + " outbound|80|v1|frontend.shop.svc.cluster.local",
        "cluster.inbound|8080||.external.upstream_rq_time, cluster_name, inbound|8080||",
        "cluster.xds-grpc.http2.rx_reset, cluster_name, xds-grpc",
        "tcp.outbound|9000||ratings.shop.svc.cluster.local.downstream_cx_total, tcp_prefix,"
                + " outbound|9000||ratings.shop.svc.cluster.local",
        "http.outbound_0.0.0.0_80.downstream_rq_total, http_conn_manager_prefix, outbound_0.0.0.0_80",
        "http.inbound_inbound|8080||.downstream_rq_2xx, http_conn_manager_prefix, inbound_inbound|8080||",
        "listener.0.0.0.0_15006.ssl.handshake, listener_address, 0.0.0.0_15006",
        "listener.[__]_15001.no_filter_chain_match, listener_address, [__]_15001",
        "cluster.xds-grpc.upstream_rq_503, response_code, 503",
        "http.agent.downstream_rq_2xx, response_code_class, 2xx"
    })
    void partsOfNamesBecomeLabels(String statistic, String tag, String value) throws Exception {
        String regex = bootstrap("10.0.0.7").getStatsConfig().getStatsTagsList().stream()
                .filter(each -> each.getTagName().equals(tag))
                .findFirst()
                .orElseThrow()
                .getRegex();

        Matcher matcher = Pattern.compile(regex).matcher(statistic);
        assertThat(matcher.find()).isTrue();
        assertThat(matcher.group(2)).isEqualTo(value);
    }

    private static Bootstrap bootstrap(String address) throws Exception {
        NodeIdentity node = new NodeIdentity(
                "web-1",
                "shop",
                "web",
                List.of(IpAddress.parse(address)),
                Map.of("app", "web"),
                Map.of("CLUSTER_ID", "Kubernetes"));
        Bootstrap.Builder builder = Bootstrap.newBuilder();
        STRICT.merge(new EnvoyBootstrap(node, Path.of("/run/x/socket")).json().toString(), builder);
        return builder.build();
    }
}
