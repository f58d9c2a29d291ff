package lateen.xds.client;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterConfig.Discovery;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ProxyConfig;
import lateen.xds.ResourceType;
import lateen.xds.client.ConfigSink.Outcome;
import lateen.xds.decode.SecretConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a proxy told by one delta ADS stream.
 *
 * <p>All listeners and clusters, the route configurations that listeners name, the endpoints that clusters name, and
 * secrets on request. Each resource is decoded once. A bad one is refused by NACK with its reason, and its last good
 * version stays; the others of the same response take effect. While the control plane is away everything stays as it was;
 * on reconnecting only differences travel.
 *
 * <p>Threading: one own thread; {@link #status()} and {@link #resources()} may be read from any.
 */
public final class AdsClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdsClient.class);
    private static final Duration FIRST_WAIT = Duration.ofMillis(200);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    /** A server that refuses thousands of resources is told about the first ones. */
    private static final int LONGEST_REASON = 4000;

    private final Supplier<ManagedChannel> channels;
    private final ByteString node;
    private final ConfigSink sink;
    private final Backoff backoff;
    private final ScheduledExecutorService thread;
    private final Map<ResourceType, TypeState> types = new EnumMap<>(ResourceType.class);
    private final Map<String, Consumer<SecretConfig>> secretWatchers = new HashMap<>();
    private final Map<String, SecretConfig> toldSecrets = new HashMap<>();
    private final PublishedResources published = new PublishedResources();
    private final Resolved resolved = new Resolved(types);
    private final Map<ResourceType, String> versions = new EnumMap<>(ResourceType.class);
    private final Map<ResourceType, String> rejections = new EnumMap<>(ResourceType.class);
    private ProxyConfig current = ProxyConfig.EMPTY;
    private boolean ready;
    private @Nullable DeltaCall call;
    private volatile boolean closed;
    private volatile Status status = Status.INITIAL;

    /**
     * @param channels opens a channel for each attempt, with the credentials of that moment; the client shuts it down
     */
    public AdsClient(Supplier<ManagedChannel> channels, NodeIdentity node, ConfigSink sink) {
        this(channels, node, sink, Instant::now, new Backoff(FIRST_WAIT, LONGEST_WAIT, RandomGenerator.getDefault()));
    }

    AdsClient(
            Supplier<ManagedChannel> channels,
            NodeIdentity node,
            ConfigSink sink,
            Supplier<Instant> clock,
            Backoff backoff) {
        this.channels = channels;
        this.node = node.toNode();
        this.sink = sink;
        this.backoff = backoff;
        this.thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("xds-client").daemon().factory());
        for (ResourceType type : ResourceType.values()) {
            types.put(type, new TypeState(type, clock));
        }
    }

    /** Connects, and again whenever the stream ends, until closed. */
    public void start() {
        run(this::connect);
    }

    /** Ends the stream and opens another, e.g. to show a renewed certificate. What is held stays in effect. */
    public void reconnect() {
        run(() -> {
            DeltaCall old = call;
            if (old != null) {
                old.cancel("reconnecting");
                ended(old, "reconnecting");
            }
        });
    }

    /**
     * Subscribes to a secret with trusted roots; {@code watcher} is called on the client's thread with each new version.
     */
    public void watchSecret(String name, Consumer<SecretConfig> watcher) {
        run(() -> {
            secretWatchers.put(name, watcher);
            subscribe();
        });
    }

    public Status status() {
        return status;
    }

    /** What was accepted, as it came. */
    public Map<ResourceType, List<ReceivedResource>> resources() {
        return published.all();
    }

    /** Ends the stream; the configuration stays in effect. */
    @Override
    public void close() {
        closed = true;
        run(() -> {
            DeltaCall open = call;
            if (open != null) {
                open.cancel("the proxy stops");
            }
        });
        thread.shutdown();
    }

    private void run(Runnable task) {
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    LOG.error("the xDS client failed; it reconnects", e);
                    DeltaCall open = call;
                    if (open != null) {
                        open.cancel("failed");
                        ended(open, "failed: " + e);
                    }
                }
            });
        } catch (RejectedExecutionException afterClose) {
            LOG.debug("closed; nothing more is done");
        }
    }

    private void connect() {
        if (closed) {
            return;
        }
        types.values().forEach(TypeState::disconnected);
        ManagedChannel channel;
        try {
            channel = channels.get();
        } catch (RuntimeException e) {
            // Credentials may not be there yet; that is one more failed attempt.
            publish(false, "no channel: " + e.getMessage());
            retry("no channel: " + e.getMessage());
            return;
        }
        DeltaCall opened = new DeltaCall(channel, new DeltaCall.Events() {
            @Override
            public void response(DeltaCall from, DeltaDiscoveryResponse response) {
                run(() -> received(from, response));
            }

            @Override
            public void ended(DeltaCall from, String reason) {
                run(() -> AdsClient.this.ended(from, reason));
            }
        });
        call = opened;
        opened.open();
        subscribe();
    }

    private void ended(DeltaCall from, String reason) {
        if (!from.equals(call)) {
            return;
        }
        call = null;
        from.cancel("ended");
        publish(false, reason);
        retry(reason);
    }

    private void retry(String reason) {
        if (!closed) {
            Duration wait = backoff.next();
            LOG.info(
                    "the xDS stream ended: {}; the configuration stays, next attempt in {} ms",
                    reason,
                    wait.toMillis());
            var _ = thread.schedule(() -> run(this::connect), wait.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void received(DeltaCall from, DeltaDiscoveryResponse response) {
        if (!from.equals(call)) {
            return;
        }
        backoff.reset();
        ResourceType type = ResourceType.of(response.getTypeUrl());
        if (type == null) {
            LOG.warn("a response of type '{}', which was not asked for; ignored", response.getTypeUrl());
            from.requestNext();
            return;
        }
        TypeState state = state(type);
        TypeState.Before before = state.before();
        List<String> reasons = new ArrayList<>(state.take(response));
        String refusal = type == ResourceType.SECRET ? tellSecrets() : apply();
        if (refusal != null) {
            state.restore(before);
            reasons.add(refusal);
        }
        answer(from, type, response, reasons);
        subscribe();
        published.update(type, state.received());
        publish(true, null);
        from.requestNext();
    }

    private void answer(DeltaCall to, ResourceType type, DeltaDiscoveryResponse response, List<String> reasons) {
        String refusal = null;
        if (reasons.isEmpty()) {
            versions.put(type, response.getSystemVersionInfo());
            rejections.remove(type);
        } else {
            String all = String.join("; ", reasons);
            refusal = all.length() <= LONGEST_REASON ? all : all.substring(0, LONGEST_REASON) + "…";
            LOG.warn("refused of {}: {}", type, refusal);
            rejections.put(type, refusal);
        }
        to.send(DeltaRequest.answer(type.typeUrl(), response.getNonce(), refusal));
    }

    /** Puts into effect what is complete; null, or why the sink refused it. */
    private @Nullable String apply() {
        ProxyConfig next = resolved.assemble(current);
        boolean first = !ready && resolved.complete();
        if (!first && Resolved.same(next, current)) {
            return null;
        }
        return switch (sink.accept(next)) {
            case Outcome.Accepted() -> {
                current = next;
                ready |= first;
                yield null;
            }
            case Outcome.Refused(String reason) -> reason;
        };
    }

    private @Nullable String tellSecrets() {
        state(ResourceType.SECRET).records(SecretConfig.class).forEach((name, secret) -> {
            Consumer<SecretConfig> watcher = secretWatchers.get(name);
            if (watcher != null && !secret.equals(toldSecrets.put(name, secret))) {
                watcher.accept(secret);
            }
        });
        return null;
    }

    /** Asks for what listeners, clusters and watchers name by now. */
    private void subscribe() {
        DeltaCall open = call;
        if (open == null) {
            return;
        }
        Set<String> routes = new HashSet<>();
        Map<String, ListenerConfig> listeners = state(ResourceType.LISTENER).records(ListenerConfig.class);
        listeners.values().forEach(listener -> routes.addAll(References.routes(listener)));
        current.listeners().values().forEach(listener -> routes.addAll(References.routes(listener)));
        Set<String> endpoints = new HashSet<>();
        Map<String, ClusterConfig> clusters = state(ResourceType.CLUSTER).records(ClusterConfig.class);
        clusters.values().forEach(cluster -> addEndpoints(cluster, endpoints));
        current.clusters().values().forEach(cluster -> addEndpoints(cluster, endpoints));
        ask(open, ResourceType.CLUSTER, Set.of());
        ask(open, ResourceType.ENDPOINT, endpoints);
        ask(open, ResourceType.LISTENER, Set.of());
        ask(open, ResourceType.ROUTE, routes);
        ask(open, ResourceType.SECRET, secretWatchers.keySet());
    }

    private static void addEndpoints(ClusterConfig cluster, Set<String> names) {
        if (cluster.discovery() == Discovery.EDS) {
            names.add(cluster.endpointsName());
        }
    }

    private void ask(DeltaCall open, ResourceType type, Set<String> names) {
        DeltaRequest request = state(type).want(names);
        if (request != null) {
            open.send(request.from(node));
        }
    }

    private TypeState state(ResourceType type) {
        TypeState state = types.get(type);
        if (state == null) {
            throw new AssertionError("the constructor made a state for each type");
        }
        return state;
    }

    private void publish(boolean connected, @Nullable String error) {
        status = new Status(connected, ready, versions, rejections, resolved.waiting(), error);
    }

    /** Read by any thread. */
    private static final class PublishedResources {
        private final Map<ResourceType, List<ReceivedResource>> lists = new ConcurrentHashMap<>();

        void update(ResourceType type, List<ReceivedResource> resources) {
            lists.put(type, resources);
        }

        Map<ResourceType, List<ReceivedResource>> all() {
            return Map.copyOf(lists);
        }
    }
}
