package lateen.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import lateen.control.ca.ServerIdentity;
import lateen.control.translate.Shop;
import lateen.identity.CertificateRequest;
import lateen.identity.KeyMaterial;
import lateen.identity.Pem;
import lateen.identity.ReloadingKeyManager;
import lateen.identity.ReloadingTrustManager;
import lateen.identity.SpiffeId;
import lateen.identity.TrustBundle;
import lateen.xds.ResourceType;
import lateen.xds.ca.IstioCertificateRequest;
import lateen.xds.ca.IstioCertificateServiceGrpc;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlPlaneTest {

    private static final SpiffeId CATALOG = new SpiffeId("cluster.local", "shop", "catalog");
    private static final String TOKEN = "one-time-token-of-catalog";

    @TempDir
    Path directory;

    private final ByteArrayOutputStream answers = new ByteArrayOutputStream();
    private ControlPlane plane;

    @BeforeEach
    void start() throws Exception {
        Files.createDirectory(directory.resolve("config"));
        save(Shop.MESH);
        plane = ControlPlane.start(settings());
    }

    @AfterEach
    void stop() {
        plane.close();
    }

    @Test
    void a_sidecar_joins_with_a_token_and_is_told_its_configuration_and_its_changes() throws Exception {
        ManagedChannel channel = channel(join());
        try {
            Stream stream = new Stream(channel);
            stream.subscribe(ResourceType.LISTENER);
            await().until(() -> stream.latest("virtualInbound") != null);
            String first = stream.latest("virtualInbound");

            save(Shop.MESH + Shop.mtls("STRICT"));
            await().until(() -> !first.equals(stream.latest("virtualInbound")));

            String strict = stream.latest("virtualInbound");
            save(Shop.MESH + Shop.mtls("STRICTER"));
            await().until(() -> !plane.problems().isEmpty());
            assertThat(plane.problems().getFirst().toString())
                    .startsWith("shop.yaml:")
                    .contains("spec.mtls.mode: \"STRICTER\" (expected: UNSET, DISABLE, PERMISSIVE, STRICT)");
            assertThat(stream.latest("virtualInbound")).isEqualTo(strict);
            assertThat(get("/metrics"))
                    .contains("pilot_total_rejected_configs 1\n", "pilot_xds 1\n", "pilot_services 2\n");

            save(Shop.MESH);
            await().until(() -> first.equals(stream.latest("virtualInbound")));
            assertThat(plane.problems()).isEmpty();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void without_a_certificate_there_is_no_configuration() throws Exception {
        ManagedChannel channel = channel(null);
        try {
            Stream stream = new Stream(channel);
            stream.subscribe(ResourceType.LISTENER);
            await().until(() -> stream.failure != null);
            assertThat(stream.failure.getMessage()).contains("UNAUTHENTICATED").contains("no client certificate");
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void the_registry_page_lists_names_and_addresses_and_other_methods_are_refused() throws Exception {
        assertThat(get("/debug/registryz"))
                .contains("{\"hostname\": \"catalog.shop.svc.cluster.local\", \"name\": \"catalog\","
                        + " \"namespace\": \"shop\", \"addresses\": [\"10.33.1.7\", \"fd33:0:0:1:0:0:0:7\"]}");
        HttpRequest post = HttpRequest.newBuilder(uri("/metrics"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(http.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(405);
        }
    }

    @Test
    void a_taken_port_is_named() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> ControlPlane.start(settings().withPorts(port, 0, 0)))
                    .isInstanceOf(PortInUse.class)
                    .hasMessageStartingWith("port " + port + " on 127.0.0.1 (xDS and certificates) cannot be opened");
            assertThatThrownBy(() -> ControlPlane.start(settings().withPorts(0, port, 0)))
                    .hasMessageContaining("port " + port + " on 127.0.0.1 (metrics)");
        }
    }

    @Test
    void a_first_configuration_with_problems_is_refused_with_all_of_them() throws Exception {
        save(Shop.MESH.replace("port: 80,", "port: 0,") + Shop.mtls("ON"));
        assertThatThrownBy(() -> ControlPlane.start(settings()))
                .isInstanceOf(ConfigRefused.class)
                .hasMessageContaining("2 problems")
                .hasMessageContaining("shop.yaml:8: spec.ports[0].port: 0 (expected: a number, 1..65535)");
    }

    private ControlPlaneSettings settings() throws Exception {
        String digest = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(TOKEN.getBytes(StandardCharsets.UTF_8)));
        String grant = "grant " + digest + " " + CATALOG + " 60\n";
        return ControlPlaneSettings.defaults(
                        directory.resolve("config"), directory.resolve("state"), InetAddress.getLoopbackAddress())
                .withPorts(0, 0, 0)
                .withGrants(new ByteArrayInputStream(grant.getBytes(StandardCharsets.UTF_8)), answers);
    }

    /** As editors do: a new file is renamed over the old one. */
    private void save(String yaml) throws IOException {
        Path fresh = Files.writeString(directory.resolve("fresh"), yaml);
        Files.move(fresh, directory.resolve("config/shop.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    private KeyMaterial join() throws Exception {
        await().until(() -> answers.toString(StandardCharsets.UTF_8).startsWith("granted "));
        CertificateRequest request = CertificateRequest.create(CATALOG);
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + TOKEN);
        ManagedChannel channel = channel(null);
        try {
            var chain = IstioCertificateServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .createCertificate(IstioCertificateRequest.newBuilder()
                            .setCsr(request.pem())
                            .build())
                    .getCertChainList();
            return request.accept(Pem.certificates(chain.getFirst())).material();
        } finally {
            channel.shutdownNow();
        }
    }

    private ManagedChannel channel(KeyMaterial client) throws IOException {
        ReloadingTrustManager trust = ReloadingTrustManager.host(InstantSource.system(), ServerIdentity.HOST);
        trust.set(TrustBundle.fromPem(plane.rootsPem()));
        ReloadingKeyManager keys = new ReloadingKeyManager();
        if (client != null) {
            keys.set(client);
        }
        return NettyChannelBuilder.forAddress(InetAddress.getLoopbackAddress().getHostAddress(), plane.xdsPort())
                .overrideAuthority(ServerIdentity.HOST)
                .sslContext(GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                        .keyManager(keys)
                        .trustManager(trust)
                        .build())
                .build();
    }

    private String get(String path) throws Exception {
        try (HttpClient http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
            return http.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString())
                    .body();
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + plane.monitoringPort() + path);
    }

    /** A delta stream that acknowledges everything. */
    private static final class Stream implements StreamObserver<DeltaDiscoveryResponse> {
        private final StreamObserver<DeltaDiscoveryRequest> requests;
        private final List<Resource> received = new CopyOnWriteArrayList<>();
        private volatile Throwable failure;

        Stream(ManagedChannel channel) {
            requests = AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(this);
        }

        void subscribe(ResourceType type) {
            Struct metadata = Struct.newBuilder()
                    .putFields("NAMESPACE", text("shop"))
                    .putFields("SERVICE_ACCOUNT", text("catalog"))
                    .build();
            requests.onNext(DeltaDiscoveryRequest.newBuilder()
                    .setNode(Node.newBuilder()
                            .setId("sidecar~10.33.0.4~catalog-1.shop~shop.svc.cluster.local")
                            .setMetadata(metadata))
                    .setTypeUrl(type.typeUrl())
                    .build());
        }

        /** Version of the newest resource of that name; null: none came yet. */
        String latest(String name) {
            return received.reversed().stream()
                    .filter(r -> r.getName().equals(name))
                    .map(Resource::getVersion)
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public void onNext(DeltaDiscoveryResponse response) {
            received.addAll(response.getResourcesList());
            requests.onNext(DeltaDiscoveryRequest.newBuilder()
                    .setTypeUrl(response.getTypeUrl())
                    .setResponseNonce(response.getNonce())
                    .build());
        }

        @Override
        public void onError(Throwable error) {
            failure = error;
        }

        @Override
        public void onCompleted() {}

        private static Value text(String text) {
            return Value.newBuilder().setStringValue(text).build();
        }
    }
}
