package lateen.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.NameResolverRegistry;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.grpc.xds.XdsNameResolverProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lateen.xds.ResourceType;
import lateen.xds.ca.IstioCertificateRequest;
import lateen.xds.ca.IstioCertificateServiceGrpc;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** gRPC's own xDS client, a real one, without any proxy. */
class ProxylessTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final MethodDescriptor<Empty, StringValue> WHO = MethodDescriptor.<Empty, StringValue>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("test.Echo/Who")
            .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
            .build();

    @TempDir
    Path directory;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private ControlPlane plane;
    private int first;
    private int second;

    @BeforeEach
    void start() throws Exception {
        first = server("first");
        second = server("second");
        Files.createDirectory(directory.resolve("config"));
        save(mesh(workload("one", first)));
        plane = ControlPlane.start(ControlPlaneSettings.defaults(
                        directory.resolve("config"), directory.resolve("state"), InetAddress.getLoopbackAddress())
                .withPorts(0, 0, 0)
                .withPlaintext(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        open.push(plane);
    }

    @AfterEach
    void stop() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void a_service_is_reached_by_its_name_and_every_change_of_its_workloads_is_followed() throws Exception {
        for (String target : List.of("echo.shop.svc.cluster.local:7070", "echo.shop:7070", "echo:7070")) {
            assertThat(ask(client(target))).as(target).isEqualTo("first");
        }
        ManagedChannel client = client("echo.shop.svc.cluster.local:7070");
        save(mesh(workload("one", first) + workload("two", second)));
        Set<String> answers = new HashSet<>();
        await().atMost(PATIENCE).until(() -> {
            answers.add(ask(client));
            return answers.size() == 2;
        });
        save(mesh(workload("two", second)));
        await().atMost(PATIENCE)
                .until(() -> Stream.generate(() -> ask(client)).limit(4).allMatch("second"::equals));
    }

    @Test
    void the_plaintext_port_has_no_certificates_no_secrets_and_nothing_for_sidecars() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        InetAddress.getLoopbackAddress().getHostAddress(), plane.plaintextPort())
                .usePlaintext()
                .build();
        open.push(channel::shutdownNow);
        assertThatThrownBy(() -> IstioCertificateServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(10, TimeUnit.SECONDS)
                        .createCertificate(IstioCertificateRequest.getDefaultInstance()))
                .hasMessageContaining("UNIMPLEMENTED");
        assertThat(refusal(channel, "").getDescription())
                .contains("GENERATOR: '' (expected: 'grpc' on a plaintext port");
    }

    /** What a stream ends with whose node says so of itself. */
    private static Status refusal(ManagedChannel channel, String generator) throws Exception {
        CompletableFuture<Status> end = new CompletableFuture<>();
        AggregatedDiscoveryServiceGrpc.newStub(channel)
                .streamAggregatedResources(new StreamObserver<DiscoveryResponse>() {
                    @Override
                    public void onNext(DiscoveryResponse response) {}

                    @Override
                    public void onError(Throwable error) {
                        end.complete(Status.fromThrowable(error));
                    }

                    @Override
                    public void onCompleted() {}
                })
                .onNext(DiscoveryRequest.newBuilder()
                        .setNode(Node.newBuilder()
                                .setId("sidecar~127.0.0.1~a.shop~shop.svc.cluster.local")
                                .setMetadata(Struct.newBuilder()
                                        .putFields(
                                                "GENERATOR",
                                                Value.newBuilder()
                                                        .setStringValue(generator)
                                                        .build())))
                        .setTypeUrl(ResourceType.LISTENER.typeUrl())
                        .build());
        return end.get(10, TimeUnit.SECONDS);
    }

    /** As a bootstrap file would have it. */
    private ManagedChannel client(String target) {
        Map<String, ?> bootstrap = Map.of(
                "xds_servers",
                List.of(Map.of(
                        "server_uri",
                        "127.0.0.1:" + plane.plaintextPort(),
                        "channel_creds",
                        List.of(Map.of("type", "insecure")),
                        "server_features",
                        List.of("xds_v3"))),
                "node",
                Map.of(
                        "id",
                        "sidecar~127.0.0.1~client.shop~shop.svc.cluster.local",
                        "metadata",
                        Map.of("GENERATOR", "grpc", "NAMESPACE", "shop")));
        String scheme = "xds-" + plane.plaintextPort();
        XdsNameResolverProvider provider = XdsNameResolverProvider.createForTest(scheme, bootstrap);
        NameResolverRegistry.getDefaultRegistry().register(provider);
        open.push(() -> NameResolverRegistry.getDefaultRegistry().deregister(provider));
        ManagedChannel channel = NettyChannelBuilder.forTarget(scheme + ":///" + target)
                .usePlaintext()
                .build();
        open.push(() -> channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS));
        return channel;
    }

    private static String ask(ManagedChannel channel) {
        return ClientCalls.blockingUnaryCall(
                        channel,
                        WHO,
                        CallOptions.DEFAULT.withDeadlineAfter(15, TimeUnit.SECONDS),
                        Empty.getDefaultInstance())
                .getValue();
    }

    private int server(String name) throws IOException {
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(ServerServiceDefinition.builder("test.Echo")
                        .addMethod(WHO, ServerCalls.asyncUnaryCall((_, answer) -> {
                            answer.onNext(StringValue.of(name));
                            answer.onCompleted();
                        }))
                        .build())
                .build()
                .start();
        open.push(server::shutdownNow);
        return server.getPort();
    }

    private void save(String yaml) throws IOException {
        Path fresh = Files.writeString(directory.resolve("fresh"), yaml);
        Files.move(fresh, directory.resolve("config/echo.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String mesh(String workloads) {
        return """
            apiVersion: v1
            kind: Service
            metadata: {name: echo, namespace: shop}
            spec: {selector: {app: echo}, ports: [{name: grpc, port: 7070}]}
            """ + workloads;
    }

    private static String workload(String name, int port) {
        return """
            ---
            apiVersion: networking.istio.io/v1
            kind: WorkloadEntry
            metadata: {name: %s, namespace: shop}
            spec: {address: 127.0.0.1, ports: {grpc: %d}, labels: {app: echo}, serviceAccount: echo}
            """.formatted(name, port);
    }
}
