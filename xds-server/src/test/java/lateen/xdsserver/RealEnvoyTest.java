package lateen.xdsserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.BoolValue;
import com.sun.net.httpserver.HttpServer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import lateen.testing.RealProgram;
import lateen.xds.ResourceType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real Envoy, configured over both variants of ADS, routes as told. */
@Tag("kernel")
class RealEnvoyTest {

    /** Less than the 15 s after which Envoy warms a cluster without endpoints. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<String> refusals = new CopyOnWriteArrayList<>();
    private final SampleMesh mesh = new SampleMesh();
    private volatile ResourceView view;
    private AdsService service;

    @AfterEach
    void stop() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GRPC", "DELTA_GRPC"})
    void envoy_takes_listeners_routes_clusters_and_endpoints_and_every_change_of_them(String apiType) throws Exception {
        int first = application("first");
        int second = application("second");
        publish(listener().route("web", "a").cluster("a").endpoints("a", "127.0.0.1", first));
        int admin = envoy(apiType);
        int port = await().atMost(PATIENCE).until(() -> listening(admin), p -> p > 0);
        await().atMost(PATIENCE).until(() -> get(port, "/").equals("first"));

        publish(mesh.endpoints("a", "127.0.0.1", second));
        await().atMost(PATIENCE).until(() -> get(port, "/").equals("second"));

        // A changed cluster warms only when its endpoints, which did not change, come again.
        publish(mesh.put(
                ResourceType.CLUSTER,
                "a",
                SampleMesh.clusterMessage("a").toBuilder()
                        .setLbPolicy(Cluster.LbPolicy.LEAST_REQUEST)
                        .build()));
        await().atMost(PATIENCE)
                .until(() -> get(admin, "/config_dump?resource=dynamic_active_clusters")
                        .contains("LEAST_REQUEST"));
        assertThat(get(port, "/")).isEqualTo("second");

        publish(mesh.cluster("b")
                .endpoints("b", "127.0.0.1", first)
                .route("web", "b")
                .remove(ResourceType.CLUSTER, "a")
                .remove(ResourceType.ENDPOINT, "a"));
        await().atMost(PATIENCE).until(() -> {
            assertThat(get(port, "/")).as("no request fails on the way").isIn("first", "second");
            return !get(admin, "/clusters").contains("\na::");
        });
        assertThat(get(port, "/")).isEqualTo("first");
        assertThat(get(admin, "/stats?filter=update_rejected").lines()).allMatch(l -> l.endsWith(": 0"));
        assertThat(refusals).isEmpty();
    }

    private SampleMesh listener() {
        Listener listener = SampleMesh.listenerMessage("web", 0, "web").toBuilder()
                .setBindToPort(BoolValue.of(true))
                .build();
        return mesh.put(
                ResourceType.LISTENER,
                "web",
                listener.toBuilder()
                        .setAddress(SampleMesh.address("127.0.0.1", 0))
                        .build());
    }

    private void publish(SampleMesh next) {
        view = next.view();
        if (service != null) {
            service.configChanged();
        }
    }

    private int application(String answer) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = answer.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        open.push(() -> server.stop(0));
        return server.getAddress().getPort();
    }

    /** Starts the server and Envoy; the port of Envoy's admin interface. */
    private int envoy(String apiType) throws Exception {
        service = new AdsService(_ -> view, NodeCheck.anonymousAllowed(), new Observer() {
            @Override
            public void nacked(ProxyNode node, ResourceType type, String version, String reason) {
                refusals.add(type + ": " + reason);
            }
        });
        open.push(service);
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(service)
                .build()
                .start();
        open.push(server::shutdownNow);
        Path bootstrap = Files.writeString(folder.resolve("envoy.yaml"), bootstrap(apiType, server.getPort()));
        Path address = folder.resolve("admin");
        Process envoy = new ProcessBuilder(
                        RealProgram.envoy().toString(),
                        "-c",
                        bootstrap.toString(),
                        "--admin-address-path",
                        address.toString(),
                        "--use-dynamic-base-id",
                        "--log-level",
                        "warning")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("envoy.log").toFile())
                .start();
        open.push(() -> {
            envoy.destroyForcibly().waitFor();
        });
        await().atMost(PATIENCE).until(() -> Files.exists(address) && Files.size(address) > 0);
        String text = Files.readString(address);
        return Integer.parseInt(text.substring(text.lastIndexOf(':') + 1).strip());
    }

    private static String bootstrap(String apiType, int port) {
        return """
            node: {id: "sidecar~127.0.0.1~web-1.shop~shop.svc.cluster.local", cluster: web, metadata: {NAMESPACE: shop}}
            admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
            dynamic_resources:
              ads_config:
                api_type: %s
                transport_api_version: V3
                grpc_services: [{envoy_grpc: {cluster_name: xds}}]
              cds_config: {ads: {}, resource_api_version: V3}
              lds_config: {ads: {}, resource_api_version: V3}
            static_resources:
              clusters:
                - name: xds
                  type: STATIC
                  typed_extension_protocol_options:
                    envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                      "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                      explicit_http_config: {http2_protocol_options: {}}
                  load_assignment:
                    cluster_name: xds
                    endpoints:
                      - lb_endpoints:
                          - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
            """.formatted(apiType, port);
    }

    /** The port on which the dynamic listener waits; 0: not yet. */
    private static int listening(int admin) throws Exception {
        return get(admin, "/listeners")
                .lines()
                .filter(l -> l.startsWith("web::"))
                .map(l -> Integer.valueOf(l.substring(l.lastIndexOf(':') + 1)))
                .findFirst()
                .orElse(0);
    }

    private static String get(int port, String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }
}
