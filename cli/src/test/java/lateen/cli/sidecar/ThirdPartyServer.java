package lateen.cli.sidecar;

import com.google.protobuf.Message;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.DiscoveryServerCallbacks;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import lateen.xds.text.Problem;
import lateen.xds.text.TextForm;

/** Envoy's own control plane for Java, told in YAML what to serve; it notes what it is asked. */
final class ThirdPartyServer implements AutoCloseable {

    final List<String> methods = new CopyOnWriteArrayList<>();
    final List<String> refusals = new CopyOnWriteArrayList<>();
    final List<String> tokens = new CopyOnWriteArrayList<>();
    private final SimpleCache<String> cache = new SimpleCache<>(node -> node.getCluster());
    private Server server;

    /** What is served; each resource is YAML. */
    record Served(
            List<String> clusters,
            List<String> endpoints,
            List<String> listeners,
            List<String> routes,
            List<String> secrets) {}

    static ThirdPartyServer start(UnaryOperator<NettyServerBuilder> how, NettyServerBuilder on) throws IOException {
        ThirdPartyServer started = new ThirdPartyServer();
        started.open(how.apply(on));
        return started;
    }

    void open(NettyServerBuilder on) throws IOException {
        V3DiscoveryServer discovery = new V3DiscoveryServer(new Notes(), cache);
        server = on.addService(discovery.getAggregatedDiscoveryServiceImpl())
                .addService(discovery.getClusterDiscoveryServiceImpl())
                .addService(discovery.getEndpointDiscoveryServiceImpl())
                .addService(discovery.getListenerDiscoveryServiceImpl())
                .addService(discovery.getRouteDiscoveryServiceImpl())
                .addService(discovery.getSecretDiscoveryServiceImpl())
                .intercept(new ServerInterceptor() {
                    @Override
                    public <A, B> ServerCall.Listener<A> interceptCall(
                            ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
                        methods.add(call.getMethodDescriptor().getBareMethodName());
                        tokens.add(String.valueOf(
                                headers.get(Metadata.Key.of("x-token", Metadata.ASCII_STRING_MARSHALLER))));
                        return next.startCall(call, headers);
                    }
                })
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    void serve(String version, Served served) {
        cache.setSnapshot(
                "mine",
                Snapshot.create(
                        read(served.clusters, Cluster::newBuilder),
                        read(served.endpoints, ClusterLoadAssignment::newBuilder),
                        read(served.listeners, Listener::newBuilder),
                        read(served.routes, RouteConfiguration::newBuilder),
                        read(served.secrets, Secret::newBuilder),
                        version));
    }

    @SuppressWarnings("unchecked") // The builder of a message builds such messages.
    private static <M extends Message> List<M> read(List<String> texts, Supplier<? extends Message.Builder> builder) {
        List<M> read = new ArrayList<>();
        for (String text : texts) {
            List<Problem> problems = new ArrayList<>();
            Message.Builder into = builder.get();
            var _ = TextForm.YAML.read("served", text, into, problems);
            if (!problems.isEmpty()) {
                throw new IllegalArgumentException(problems.toString());
            }
            read.add((M) into.build());
        }
        return read;
    }

    @Override
    public void close() throws Exception {
        server.shutdownNow().awaitTermination();
    }

    private final class Notes implements DiscoveryServerCallbacks {
        @Override
        public void onV3StreamRequest(long stream, DiscoveryRequest request) {
            if (request.hasErrorDetail()) {
                refusals.add(request.getErrorDetail().getMessage());
            }
        }

        @Override
        public void onV3StreamDeltaRequest(long stream, DeltaDiscoveryRequest request) {
            if (request.hasErrorDetail()) {
                refusals.add(request.getErrorDetail().getMessage());
            }
        }
    }
}
