package lateen.xdsserver;

import static lateen.xds.ResourceType.CLUSTER;
import static lateen.xds.ResourceType.ENDPOINT;
import static lateen.xds.ResourceType.LISTENER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import lateen.decision.config.ProxyConfig;
import lateen.xds.ResourceType;
import lateen.xds.bootstrap.StandaloneBootstrap;
import lateen.xds.client.ConfigSink.Outcome;
import lateen.xds.client.ResourceClient;
import lateen.xds.client.SecretSink;
import lateen.xds.decode.SecretConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our own server and the client of a bootstrap, in both dialects. */
class StandaloneClientTest {

    @TempDir
    Path folder;

    private final SampleMesh mesh = new SampleMesh();
    private final List<ProxyConfig> accepted = new CopyOnWriteArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private volatile ResourceView view = mesh.view();
    private AdsService service;
    private Server server;
    private ResourceClient client;

    private void startServer(int port) throws Exception {
        service = new AdsService(node -> view, NodeCheck.anonymousAllowed(), new Events());
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(service)
                .build()
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.shutdownNow().awaitTermination();
        service.close();
    }

    private void serve() {
        view = mesh.view();
        service.configChanged();
    }

    private ProxyConfig latest() {
        return accepted.isEmpty() ? ProxyConfig.EMPTY : accepted.getLast();
    }

    private void shop(String api) throws Exception {
        startServer(0);
        mesh.cluster("catalog")
                .cluster("old")
                .endpoints("catalog", 80)
                .endpoints("old", 80)
                .listener("http", 8080, "80")
                .route("80", "catalog");
        serve();
        Path file = Files.writeString(folder.resolve("b.yaml"), """
                node: {id: "sidecar~10.0.0.1~web-1.shop~shop.svc.cluster.local", cluster: web, metadata: {NAMESPACE: shop}}
                dynamic_resources:
                  ads_config: {api_type: %s, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: xds}}]}
                  cds_config: {ads: {}, resource_api_version: V3}
                  lds_config: {ads: {}, resource_api_version: V3}
                static_resources:
                  clusters:
                    - {name: xds, load_assignment: {cluster_name: xds, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}}
                """.formatted(api, server.getPort()));
        client = StandaloneBootstrap.usable(file)
                .client(
                        config -> {
                            accepted.add(config);
                            return new Outcome.Accepted();
                        },
                        new SecretSink() {
                            @Override
                            public void put(SecretConfig secret) {}

                            @Override
                            public void forget(String name) {}
                        });
        client.start();
        await().until(() -> client.status().ready());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GRPC", "DELTA_GRPC"})
    void a_whole_configuration_arrives_beside_what_is_static(String api) throws Exception {
        shop(api);
        assertThat(latest().listeners()).containsOnlyKeys("http");
        assertThat(latest().routes()).containsOnlyKeys("80");
        assertThat(latest().clusters()).containsOnlyKeys("catalog", "old", "xds");
        assertThat(latest().endpoints()).containsOnlyKeys("catalog", "old");
        await().untilAsserted(() ->
                assertThat(events).contains("acked CLUSTER", "acked ENDPOINT", "acked LISTENER", "acked ROUTE"));
        for (ProxyConfig config : accepted) {
            assertThat(config.listeners().isEmpty() || config.routes().containsKey("80"))
                    .as("no listener without its routes")
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GRPC", "DELTA_GRPC"})
    void what_is_gone_is_removed_and_what_did_not_change_is_the_same_object(String api) throws Exception {
        shop(api);
        ProxyConfig before = latest();
        mesh.remove(CLUSTER, "old").remove(ENDPOINT, "old").endpoints("catalog", 81);
        serve();
        await().until(() -> !latest().clusters().containsKey("old")
                && latest().endpoints().get("catalog") != before.endpoints().get("catalog"));
        assertThat(latest().clusters()).containsOnlyKeys("catalog", "xds");
        assertThat(latest().listeners().get("http")).isSameAs(before.listeners().get("http"));
        assertThat(latest().clusters().get("catalog"))
                .isSameAs(before.clusters().get("catalog"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GRPC", "DELTA_GRPC"})
    void a_bad_resource_is_refused_alone_and_its_last_good_version_stays(String api) throws Exception {
        shop(api);
        ProxyConfig before = latest();
        mesh.put(
                        LISTENER,
                        "http",
                        SampleMesh.listenerMessage("http", 8080, "80").toBuilder()
                                .setEnableMptcp(true)
                                .build())
                .listener("good", 8082, "80");
        serve();
        await().until(() -> latest().listeners().containsKey("good"));
        assertThat(latest().listeners().get("http")).isSameAs(before.listeners().get("http"));
        await().untilAsserted(() ->
                assertThat(events).anyMatch(each -> each.startsWith("nacked LISTENER listener 'http': enable_mptcp")));
        mesh.listener("http", 8090, "80");
        serve();
        await().until(() -> client.status().rejections().isEmpty());
        assertThat(latest().listeners().get("http").addresses().getFirst().port())
                .isEqualTo(8090);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GRPC", "DELTA_GRPC"})
    void without_the_server_all_stays_and_its_return_is_noticed(String api) throws Exception {
        shop(api);
        int port = server.getPort();
        server.shutdownNow().awaitTermination();
        service.close();
        await().until(() -> !client.status().connected());
        assertThat(latest().listeners()).containsOnlyKeys("http");
        mesh.endpoints("catalog", 90);
        view = mesh.view();
        startServer(port);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> latest().endpoints()
                                .get("catalog")
                                .localities()
                                .getFirst()
                                .endpoints()
                                .getFirst()
                                .address()
                                .port()
                        == 90);
        assertThat(latest().clusters()).containsOnlyKeys("catalog", "old", "xds");
    }

    private final class Events implements Observer {
        @Override
        public void acked(ProxyNode node, ResourceType type, String version, Duration sincePush) {
            events.add("acked " + type);
        }

        @Override
        public void nacked(ProxyNode node, ResourceType type, String version, String reason) {
            events.add("nacked " + type + " " + reason);
        }
    }
}
