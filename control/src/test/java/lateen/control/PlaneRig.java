package lateen.control;

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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import lateen.control.ca.ServerIdentity;
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

/** A control plane on the directories {@code config} and {@code state} below one, and a sidecar's way to it. */
final class PlaneRig implements AutoCloseable {

    private static final SpiffeId CATALOG = new SpiffeId("cluster.local", "shop", "catalog");
    private static final String TOKEN = "one-time-token-of-catalog";

    final Path directory;
    ControlPlane plane;

    private final ByteArrayOutputStream answers = new ByteArrayOutputStream();

    PlaneRig(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory.resolve("config"));
    }

    void start() throws Exception {
        plane = ControlPlane.start(settings("state"));
    }

    @Override
    public void close() {
        if (plane != null) {
            plane.close();
        }
    }

    ControlPlaneSettings settings(String state) throws Exception {
        String digest = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(TOKEN.getBytes(StandardCharsets.UTF_8)));
        String grant = "grant " + digest + " " + CATALOG + " 60\n";
        return ControlPlaneSettings.defaults(
                        directory.resolve("config"), directory.resolve(state), InetAddress.getLoopbackAddress())
                .withPorts(0, 0, 0)
                .withGrants(new ByteArrayInputStream(grant.getBytes(StandardCharsets.UTF_8)), answers);
    }

    KeyMaterial join() throws Exception {
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

    ManagedChannel channel(KeyMaterial client) throws IOException {
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

    /** A delta stream that acknowledges everything. */
    static final class Stream implements StreamObserver<DeltaDiscoveryResponse> {
        private final StreamObserver<DeltaDiscoveryRequest> requests;
        private final List<Resource> received = new CopyOnWriteArrayList<>();
        private final List<String> removed = new CopyOnWriteArrayList<>();
        volatile Throwable failure;

        Stream(ManagedChannel channel) {
            requests = AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(this);
        }

        void subscribe(ResourceType type, String... names) {
            Struct metadata = Struct.newBuilder()
                    .putFields("NAMESPACE", text("shop"))
                    .putFields("SERVICE_ACCOUNT", text("catalog"))
                    .build();
            requests.onNext(DeltaDiscoveryRequest.newBuilder()
                    .setNode(Node.newBuilder()
                            .setId("sidecar~10.33.0.4~catalog-1.shop~shop.svc.cluster.local")
                            .setMetadata(metadata))
                    .setTypeUrl(type.typeUrl())
                    .addAllResourceNamesSubscribe(List.of(names))
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

        /** The newest resource of that name; null: none came yet. */
        Resource newest(String name) {
            return received.reversed().stream()
                    .filter(r -> r.getName().equals(name))
                    .findFirst()
                    .orElse(null);
        }

        /** Names of resources that were taken back. */
        List<String> removed() {
            return removed;
        }

        @Override
        public void onNext(DeltaDiscoveryResponse response) {
            requests.onNext(DeltaDiscoveryRequest.newBuilder()
                    .setTypeUrl(response.getTypeUrl())
                    .setResponseNonce(response.getNonce())
                    .build());
            received.addAll(response.getResourcesList());
            removed.addAll(response.getRemovedResourcesList());
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
