package lateen.xdsserver;

import com.google.protobuf.StringValue;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import lateen.identity.SpiffeId;
import lateen.xds.ResourceType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server on loopback whose configuration a test changes, and a channel to it. */
abstract class ServedConfig {

    static final SpiffeId WEB = new SpiffeId("cluster.local", "shop", "web");

    final List<String> events = new CopyOnWriteArrayList<>();
    final List<AutoCloseable> open = new ArrayList<>();
    volatile Map<ResourceType, Map<String, EncodedResource>> config = Map.of();
    volatile SpiffeId caller = WEB;
    AdsService service;
    ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        start(new StreamLimits(5, 100, 4096, 200, Duration.ofMillis(1)));
    }

    void start(StreamLimits limits) throws Exception {
        service = new AdsService(
                node -> {
                    Map<ResourceType, Map<String, EncodedResource>> now = config;
                    return type -> now.getOrDefault(type, Map.of());
                },
                NodeCheck.authenticated(),
                new Events(),
                limits);
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(service)
                .intercept(new ServerInterceptor() {
                    @Override
                    public <A, B> ServerCall.Listener<A> interceptCall(
                            ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
                        return Contexts.interceptCall(
                                Context.current().withValue(CallerIdentity.KEY, caller), call, headers, next);
                    }
                })
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
                .usePlaintext()
                .build();
        open.add(channel::shutdownNow);
        open.add(server::shutdownNow);
        open.add(service);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    /** Configuration as {@code TYPE name=content …}. */
    void serve(String... lines) {
        Map<ResourceType, Map<String, EncodedResource>> next = new EnumMap<>(ResourceType.class);
        for (String line : lines) {
            String[] words = line.split(" ");
            Map<String, EncodedResource> resources = new TreeMap<>();
            for (int i = 1; i < words.length; i++) {
                String name = words[i].substring(0, words[i].indexOf('='));
                resources.put(name, EncodedResource.of(name, StringValue.of(words[i])));
            }
            next.put(ResourceType.valueOf(words[0]), resources);
        }
        config = next;
        service.configChanged();
    }

    static String version(String name, String content) {
        return EncodedResource.of(name, StringValue.of(name + "=" + content)).version();
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
