package lateen.xds.client;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterConfig.Discovery;
import lateen.decision.config.ListenerConfig;
import lateen.xds.ResourceType;
import lateen.xds.client.Need.Needs;
import lateen.xds.decode.Decoding;
import lateen.xds.decode.ResourceDecoder;
import lateen.xds.decode.SecretConfig;
import lateen.xds.source.Backoff;
import lateen.xds.source.GrpcSource;
import lateen.xds.source.SourceRef;

/**
 * Keeps a sidecar told by one delta ADS stream.
 *
 * <p>All listeners and clusters, the route configurations that listeners name, the endpoints that clusters name, and
 * secrets on request. While the control plane is away everything stays as it was; on reconnecting only differences
 * travel. See {@link ResourceClient} for what becomes of a resource.
 */
public final class AdsClient implements AutoCloseable {

    private static final Duration FIRST_WAIT = Duration.ofMillis(200);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final SourceRef ADS = new SourceRef.Ads();

    private final ResourceClient client;
    private final Map<String, Consumer<SecretConfig.Roots>> secretWatchers = new ConcurrentHashMap<>();

    /**
     * @param channels opens a channel for each attempt, with the credentials of that moment; the client shuts it down
     */
    public AdsClient(Supplier<ManagedChannel> channels, NodeIdentity node, ConfigSink sink) {
        ByteString self = node.toNode();
        client = new ResourceClient(
                (ref, type, events, thread) -> GrpcSource.delta(
                        "the xDS stream",
                        channels,
                        self,
                        false,
                        type,
                        new Backoff(FIRST_WAIT, LONGEST_WAIT, RandomGenerator.getDefault()),
                        events,
                        thread),
                AdsClient::read,
                sink,
                new Watchers(),
                List.of(
                        new ResourceClient.Root(ResourceType.CLUSTER, ADS, Duration.ZERO),
                        new ResourceClient.Root(ResourceType.LISTENER, ADS, Duration.ZERO)),
                Instant::now);
    }

    /** Connects, and again whenever the stream ends, until closed. */
    public void start() {
        client.start();
    }

    /** Ends the stream and opens another, e.g. to show a renewed certificate. What is held stays in effect. */
    public void reconnect() {
        client.reconnect();
    }

    /**
     * Subscribes to a secret with trusted roots; {@code watcher} is called on the client's thread with each new version.
     */
    public void watchSecret(String name, Consumer<SecretConfig.Roots> watcher) {
        secretWatchers.put(name, watcher);
        client.watch(new Need(ResourceType.SECRET, name, ADS, Duration.ZERO));
    }

    public Status status() {
        return client.status();
    }

    /** What was accepted, as it came. */
    public Map<ResourceType, List<ReceivedResource>> resources() {
        return client.resources();
    }

    /** Ends the stream; the configuration stays in effect. */
    @Override
    public void close() {
        client.close();
    }

    private static Reading.Read read(ResourceType type, Any body, SourceRef from) {
        return switch (ResourceDecoder.decode(type, body)) {
            case Decoding.Rejected<?>(String reason) -> new Reading.Read.Bad(reason);
            case Decoding.Decoded<?>(Object record) -> new Reading.Read.Good(record, needs(record));
        };
    }

    private static Needs needs(Object record) {
        List<Need> needs = new ArrayList<>();
        switch (record) {
            case ListenerConfig listener ->
                References.routes(listener)
                        .forEach(name -> needs.add(new Need(ResourceType.ROUTE, name, ADS, Duration.ZERO)));
            case ClusterConfig cluster -> {
                if (cluster.discovery() == Discovery.EDS) {
                    needs.add(new Need(ResourceType.ENDPOINT, cluster.endpointsName(), ADS, Duration.ZERO));
                }
            }
            default -> {
                return Needs.NONE;
            }
        }
        return needs.isEmpty() ? Needs.NONE : new Needs(needs, Map.of());
    }

    private final class Watchers implements SecretSink {
        @Override
        public void put(SecretConfig secret) {
            Consumer<SecretConfig.Roots> watcher = secretWatchers.get(secret.name());
            if (watcher != null && secret instanceof SecretConfig.Roots roots) {
                watcher.accept(roots);
            }
        }

        @Override
        public void forget(String name) {
            // What was trusted is trusted until other roots come.
        }
    }
}
