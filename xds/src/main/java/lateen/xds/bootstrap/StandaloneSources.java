package lateen.xds.bootstrap;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import lateen.xds.ResourceType;
import lateen.xds.client.SecretSink;
import lateen.xds.client.Sources;
import lateen.xds.decode.SecretConfig;
import lateen.xds.source.Backoff;
import lateen.xds.source.ClientThread;
import lateen.xds.source.DnsNames;
import lateen.xds.source.DnsSource;
import lateen.xds.source.FileSource;
import lateen.xds.source.GrpcSource;
import lateen.xds.source.Source;
import lateen.xds.source.SourceEvents;
import lateen.xds.source.SourceRef;
import org.jspecify.annotations.Nullable;

/** Opens the sources that a bootstrap names. */
final class StandaloneSources implements Sources {

    /** As Envoy's own for streams: 500 ms, doubled up to 30 s. */
    private static final Duration FIRST_WAIT = Duration.ofMillis(500);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final int LOOKUPS_AT_ONCE = 4;

    private final ByteString node;
    private final StaticResources resources;
    private final SourceRef.@Nullable Stream ads;
    private final Map<String, SecretConfig> secrets = new ConcurrentHashMap<>();
    private final Executor lookups;

    StandaloneSources(Node node, StaticResources resources, SourceRef.@Nullable Stream ads) {
        this.node = node.toByteString();
        this.resources = resources;
        this.ads = ads;
        this.secrets.putAll(resources.secrets());
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                LOOKUPS_AT_ONCE,
                LOOKUPS_AT_ONCE,
                5,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("dns-", 0).daemon().factory());
        pool.allowCoreThreadTimeOut(true);
        this.lookups = pool;
    }

    /** The same sink, of which this hears: connections to servers may need secrets too. */
    SecretSink heard(SecretSink sink) {
        return new SecretSink() {
            @Override
            public void put(SecretConfig secret) {
                secrets.put(secret.name(), secret);
                sink.put(secret);
            }

            @Override
            public void forget(String name) {
                if (!resources.secrets().containsKey(name)) {
                    secrets.remove(name);
                }
                sink.forget(name);
            }
        };
    }

    @Override
    public Source open(SourceRef ref, @Nullable ResourceType type, SourceEvents events, ClientThread thread) {
        return switch (ref) {
            case SourceRef.Ads _ -> {
                SourceRef.Stream stream = ads;
                if (stream == null) {
                    throw new IllegalStateException("no ads_config; the bootstrap was checked");
                }
                yield grpc(stream, null, events, thread);
            }
            case SourceRef.Stream stream -> grpc(stream, type, events, thread);
            case SourceRef.Files files -> new FileSource(files, events, thread);
            case SourceRef.Dns(DnsNames names) ->
                new DnsSource(
                        names,
                        DnsSource.Resolver.SYSTEM,
                        lookups,
                        new Backoff(names.failureFirst(), names.failureLongest(), RandomGenerator.getDefault()),
                        events,
                        thread);
        };
    }

    private Source grpc(
            SourceRef.Stream stream, @Nullable ResourceType type, SourceEvents events, ClientThread thread) {
        String name =
                "the xDS stream " + (type == null ? "(ADS)" : "(" + type + ")") + " to '" + stream.cluster() + "'";
        Backoff backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, RandomGenerator.getDefault());
        Supplier<ManagedChannel> channels = channels(stream);
        return stream.delta()
                ? GrpcSource.delta(name, channels, node, !stream.nodeOnce(), type, backoff, events, thread)
                : GrpcSource.state(name, channels, node, stream.nodeOnce(), type, backoff, events, thread);
    }

    private Supplier<ManagedChannel> channels(SourceRef.Stream stream) {
        Server server = resources.servers().get(stream.cluster());
        if (server == null) {
            return () -> {
                throw new IllegalStateException("cluster '" + stream.cluster() + "' cannot be the place of a server");
            };
        }
        return new ServerChannels(server, stream, secrets::get);
    }
}
