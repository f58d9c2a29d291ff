package lateen.xdsserver;

import static lateen.xds.ResourceType.CLUSTER;
import static lateen.xds.ResourceType.ENDPOINT;
import static lateen.xds.ResourceType.LISTENER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import lateen.decision.config.ProxyConfig;
import lateen.decision.net.IpAddress;
import lateen.xds.ConfigDump;
import lateen.xds.ResourceType;
import lateen.xds.client.AdsClient;
import lateen.xds.client.ConfigSink;
import lateen.xds.client.ConfigSink.Outcome;
import lateen.xds.client.NodeIdentity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdsClientTest {

    private final SampleMesh mesh = new SampleMesh();
    private final List<ProxyConfig> accepted = new CopyOnWriteArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private volatile ResourceView view = mesh.view();
    private volatile ConfigSink sink = config -> {
        accepted.add(config);
        return new Outcome.Accepted();
    };
    private final AtomicInteger channelFailures = new AtomicInteger();
    private volatile int port;
    private AdsService service;
    private Server server;
    private AdsClient client;

    @BeforeEach
    void start() throws Exception {
        startServer(0);
        client = new AdsClient(
                this::channel,
                new NodeIdentity(
                        "web-1", "shop", "web", List.of(IpAddress.parse("10.0.0.1")), Map.of("app", "web"), Map.of()),
                config -> sink.accept(config));
    }

    private ManagedChannel channel() {
        if (channelFailures.getAndDecrement() > 0) {
            throw new IllegalStateException("no certificate yet");
        }
        return NettyChannelBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .usePlaintext()
                .build();
    }

    private void startServer(int on) throws Exception {
        service = new AdsService(node -> view, NodeCheck.anonymousAllowed(), new Events());
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), on))
                .addService(service)
                .build()
                .start();
        port = server.getPort();
    }

    private void stopServer() throws Exception {
        server.shutdownNow().awaitTermination();
        service.close();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        stopServer();
    }

    private void serve() {
        view = mesh.view();
        service.configChanged();
    }

    private ProxyConfig latest() {
        return accepted.isEmpty() ? ProxyConfig.EMPTY : accepted.getLast();
    }

    private void shop() {
        mesh.cluster("catalog")
                .endpoints("catalog", 80)
                .listener("http", 8080, "80")
                .route("80", "catalog");
        serve();
        client.start();
        await().until(() -> client.status().ready());
    }

    @Test
    void a_whole_configuration_arrives_and_is_acknowledged() {
        shop();
        assertThat(latest().listeners()).containsOnlyKeys("http");
        assertThat(latest().routes()).containsOnlyKeys("80");
        assertThat(latest().clusters()).containsOnlyKeys("catalog");
        assertThat(latest().endpoints()).containsOnlyKeys("catalog");
        await().untilAsserted(() ->
                assertThat(events).contains("acked CLUSTER", "acked ENDPOINT", "acked LISTENER", "acked ROUTE"));
        assertThat(client.status().connected()).isTrue();
        assertThat(client.status().rejections()).isEmpty();
    }

    @Test
    void every_configuration_that_the_sink_saw_was_complete() {
        shop();
        mesh.cluster("ratings").route("80", "ratings").listener("second", 8081, "81");
        serve();
        mesh.endpoints("ratings", 80).route("81", "ratings");
        serve();
        await().until(() -> latest().listeners().containsKey("second"));
        for (ProxyConfig config : accepted) {
            if (config.listeners().containsKey("http")) {
                assertThat(config.routes()).containsKey("80");
            }
            if (config.listeners().containsKey("second")) {
                assertThat(config.routes()).containsKey("81");
            }
            assertThat(config.endpoints().keySet()).isEqualTo(config.clusters().keySet());
        }
    }

    @Test
    void what_did_not_change_is_the_same_object() {
        shop();
        ProxyConfig before = latest();
        mesh.endpoints("catalog", 81);
        serve();
        await().until(() -> latest() != before);
        assertThat(latest().listeners().get("http")).isSameAs(before.listeners().get("http"));
        assertThat(latest().clusters().get("catalog"))
                .isSameAs(before.clusters().get("catalog"));
        assertThat(latest().endpoints().get("catalog"))
                .isNotSameAs(before.endpoints().get("catalog"));
    }

    @Test
    void a_bad_resource_is_refused_alone_and_its_last_good_version_stays() {
        shop();
        Listener bad = SampleMesh.listenerMessage("http", 8080, "80").toBuilder()
                .setEnableMptcp(true)
                .build();
        mesh.put(LISTENER, "http", bad).listener("good", 8082, "80");
        serve();
        await().until(() -> latest().listeners().containsKey("good"));
        assertThat(latest().listeners()).containsKey("http");
        await().untilAsserted(() -> assertThat(events)
                .anyMatch(event -> event.startsWith(
                        "nacked LISTENER listener 'http': enable_mptcp: unsupported field, set to 'true'")));
        assertThat(client.status().rejections().get(LISTENER)).contains("enable_mptcp");
        mesh.listener("http", 8090, "80");
        serve();
        await().until(() ->
                latest().listeners().get("http").addresses().getFirst().port() == 8090);
        await().until(() -> client.status().rejections().isEmpty());
    }

    @Test
    void a_configuration_that_the_sink_refuses_is_refused_with_its_reason() {
        shop();
        ProxyConfig before = latest();
        sink = config -> new Outcome.Refused("port 8099 is in use");
        mesh.listener("http", 8099, "80");
        serve();
        await().until(() -> events.contains("nacked LISTENER port 8099 is in use"));
        sink = config -> {
            accepted.add(config);
            return new Outcome.Accepted();
        };
        mesh.endpoints("catalog", 83);
        serve();
        await().until(() -> latest() != before);
        assertThat(latest().listeners().get("http")).isSameAs(before.listeners().get("http"));
    }

    @Test
    void without_the_control_plane_all_stays_and_afterwards_only_differences_come() throws Exception {
        mesh.cluster("old").endpoints("old", 80);
        shop();
        int free = port;
        stopServer();
        await().until(() -> !client.status().connected());
        assertThat(client.status().ready()).isTrue();
        assertThat(latest().clusters()).containsOnlyKeys("catalog", "old");
        mesh.remove(CLUSTER, "old").remove(ENDPOINT, "old").endpoints("catalog", 90);
        view = mesh.view();
        events.clear();
        startServer(free);
        await().until(() -> !latest().clusters().containsKey("old")
                && latest().endpoints()
                                .get("catalog")
                                .localities()
                                .getFirst()
                                .endpoints()
                                .getFirst()
                                .address()
                                .port()
                        == 90);
        assertThat(events)
                .contains("pushed CLUSTER 0 -1", "pushed ENDPOINT 1 -0")
                .doesNotContain("pushed ROUTE 1 -0");
    }

    @Test
    void missing_routes_and_endpoints_do_not_keep_a_listener_back_for_ever() {
        mesh.cluster("catalog").listener("http", 8080, "80");
        serve();
        client.start();
        await().until(() -> client.status().ready());
        assertThat(latest().listeners()).containsOnlyKeys("http");
        assertThat(latest().routes().get("80").virtualHosts()).isEmpty();
        assertThat(latest().endpoints().get("catalog").localities()).isEmpty();
    }

    @Test
    void a_channel_that_cannot_be_made_yet_is_tried_again() {
        channelFailures.set(2);
        shop();
        assertThat(latest().listeners()).containsOnlyKeys("http");
        assertThat(channelFailures.get()).isNegative();
    }

    @Test
    void an_empty_mesh_makes_the_client_ready() {
        client.start();
        await().until(() -> client.status().ready());
        assertThat(latest()).isEqualTo(ProxyConfig.EMPTY);
    }

    @Test
    void the_config_dump_shows_what_was_received_in_envoys_form() {
        shop();
        assertThat(ConfigDump.json(client.resources()))
                .contains(
                        "envoy.admin.v3.ListenersConfigDump",
                        "dynamic_active_clusters",
                        "\"route_config_name\": \"80\"");
    }

    private final class Events implements Observer {
        @Override
        public void pushed(
                ProxyNode node,
                ResourceType type,
                String version,
                int resources,
                int removed,
                long bytes,
                java.time.Duration sinceChange) {
            events.add("pushed " + type + " " + resources + " -" + removed);
        }

        @Override
        public void acked(ProxyNode node, ResourceType type, String version, java.time.Duration sincePush) {
            events.add("acked " + type);
        }

        @Override
        public void nacked(ProxyNode node, ResourceType type, String version, String reason) {
            events.add("nacked " + type + " " + reason);
        }
    }
}
