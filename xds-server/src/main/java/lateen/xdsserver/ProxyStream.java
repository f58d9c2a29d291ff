package lateen.xdsserver;

import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.SynchronizationContext;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import lateen.identity.SpiffeId;
import lateen.xds.ResourceType;
import lateen.xdsserver.Subscription.Difference;
import org.jspecify.annotations.Nullable;

/**
 * One proxy's stream, whichever variant of the protocol it speaks.
 *
 * <p>Threading: everything runs in {@link #context}. Flow control: the next request is taken when the last one is done;
 * nothing is written while the transport is not ready; of each type at most one response waits for its ACK, and what
 * changes meanwhile is not queued: after the ACK the newest view is compared again.
 *
 * <p>Order (xDS protocol, "Eventual consistency considerations"): clusters, endpoints, listeners, routes, secrets; what
 * is taken away goes last, in the order of {@link #REMOVAL_ORDER}, when all else has been answered.
 *
 * @param <Q> requests
 * @param <A> responses
 * @param <S> what is known of one type
 */
abstract class ProxyStream<Q, A, S extends Subscription> implements StreamObserver<Q> {

    private static final List<ResourceType> REMOVAL_ORDER = List.of(
            ResourceType.LISTENER,
            ResourceType.ROUTE,
            ResourceType.CLUSTER,
            ResourceType.ENDPOINT,
            ResourceType.SECRET);

    private final AdsService service;
    private final ServerCallStreamObserver<A> out;
    private final @Nullable SpiffeId identity;
    private final SynchronizationContext context;
    private final Map<ResourceType, TypeState<S>> types = new EnumMap<>(ResourceType.class);
    private @Nullable ProxyNode node;
    private @Nullable ResourceView view;
    private long viewGeneration = -1;
    private long changedNanos = System.nanoTime();
    private long nonces;
    private boolean closed;

    private static final class TypeState<S> {
        final S subscription;
        /** Of the last response; empty: there was none. */
        String nonce = "";

        /** Whether the last response waits for its ACK. */
        boolean unanswered;

        String version = "";
        long sentNanos;

        TypeState(S subscription) {
            this.subscription = subscription;
        }
    }

    /**
     * What the variants of a request have in common.
     *
     * @param names subscribed to by this request
     * @param error null: an ACK, or no answer at all
     */
    record Request(
            Node node,
            String typeUrl,
            String nonce,
            List<String> names,
            @Nullable Status error) {}

    ProxyStream(AdsService service, StreamObserver<A> responses, @Nullable SpiffeId identity) {
        this.service = service;
        this.out = (ServerCallStreamObserver<A>) responses;
        this.identity = identity;
        this.context = new SynchronizationContext((thread, error) -> failed(error));
    }

    abstract Request read(Q request);

    abstract S subscription(ResourceType type);

    /**
     * Takes over what the request says of subscriptions.
     *
     * @param stale it answers a response that is not the last one
     * @return false: it says nothing of them
     */
    abstract boolean subscribe(ResourceType type, S subscription, Q request, boolean stale);

    /** How many names the stream would know of after the request. */
    abstract int names(S subscription, Q request);

    abstract A response(ResourceType type, String nonce, String version, Difference difference);

    /**
     * Told before a response is noted as sent. A changed cluster is warmed anew (xDS protocol, "Resource warming") and
     * waits for its endpoints to be sent once more, whether or not they changed; they bear the name of their cluster.
     */
    void sending(ResourceType type, S subscription, Map<String, EncodedResource> resources) {
        S endpoints = known(ResourceType.ENDPOINT);
        if (type == ResourceType.CLUSTER && endpoints != null) {
            endpoints.tellAgain(subscription.changed(resources));
        }
    }

    /** What is known of a type; null: it was not subscribed to. */
    final @Nullable S known(ResourceType type) {
        TypeState<S> state = types.get(type);
        return state == null ? null : state.subscription;
    }

    final void start() {
        out.disableAutoRequest();
        out.setOnReadyHandler(() -> context.execute(this::flush));
        out.setOnCancelHandler(() -> context.execute(() -> end("cancelled by the proxy or its connection")));
        out.request(1);
    }

    @Override
    public final void onNext(Q request) {
        context.execute(() -> {
            if (!closed) {
                take(request);
            }
            if (!closed) {
                flush();
                out.request(1);
            }
        });
    }

    @Override
    public final void onError(Throwable error) {
        context.execute(() -> end(String.valueOf(error.getMessage())));
    }

    @Override
    public final void onCompleted() {
        context.execute(() -> {
            if (!closed) {
                end("completed by the proxy");
                out.onCompleted();
            }
        });
    }

    /** The configuration changed; compared and told now or as soon as the proxy takes more. */
    final void changed(long nanos) {
        context.execute(() -> {
            changedNanos = nanos;
            flush();
        });
    }

    private void take(Q message) {
        Request request = read(message);
        ProxyNode from = node == null ? admit(request.node()) : node;
        if (from == null) {
            return;
        }
        ResourceType type = ResourceType.of(request.typeUrl());
        if (type == null) {
            service.observer().unsupported(from, request.typeUrl());
            return;
        }
        TypeState<S> state = types.computeIfAbsent(type, t -> new TypeState<>(subscription(t)));
        boolean stale = answered(from, type, state, request);
        String excess = excess(names(state.subscription, message), request.names());
        if (excess != null) {
            close(io.grpc.Status.RESOURCE_EXHAUSTED.withDescription(type + ": " + excess));
            return;
        }
        if (subscribe(type, state.subscription, message, stale)) {
            changedNanos = System.nanoTime();
        }
    }

    private @Nullable ProxyNode admit(Node stated) {
        int size = stated.getSerializedSize();
        if (stated.getId().isEmpty() || size > service.limits().nodeBytes()) {
            refuse(
                    "",
                    io.grpc.Status.INVALID_ARGUMENT.withDescription("node: " + size + " bytes, id '"
                            + abbreviated(stated.getId())
                            + "' (expected: the first request carries a node with an id, of at most "
                            + service.limits().nodeBytes() + " bytes)"));
            return null;
        }
        ProxyNode known = ProxyNode.of(stated, identity);
        String refusal = service.check().refusal(known);
        if (refusal != null) {
            refuse(
                    known.id(),
                    io.grpc.Status.PERMISSION_DENIED.withDescription("node '" + known.id() + "': " + refusal));
            return null;
        }
        node = known;
        service.opened(this);
        service.observer().connected(known);
        return known;
    }

    private static String abbreviated(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }

    private void refuse(String nodeId, io.grpc.Status status) {
        service.observer().refused(nodeId, String.valueOf(status.getDescription()));
        close(status);
    }

    /**
     * ACK or NACK; a nonce that is not the last one answers nothing.
     *
     * @return whether it is an older one
     */
    private boolean answered(ProxyNode from, ResourceType type, TypeState<S> state, Request request) {
        if (request.nonce().isEmpty() || state.nonce.isEmpty()) {
            return false;
        }
        if (!request.nonce().equals(state.nonce)) {
            return true;
        }
        if (state.unanswered) {
            state.unanswered = false;
            Status error = request.error();
            if (error != null) {
                service.observer().nacked(from, type, state.version, error.getMessage());
            } else {
                Duration since = Duration.ofNanos(System.nanoTime() - state.sentNanos);
                service.observer().acked(from, type, state.version, since);
            }
        }
        return false;
    }

    private @Nullable String excess(int count, List<String> requested) {
        StreamLimits limits = service.limits();
        if (count > limits.subscriptions()) {
            return count + " names subscribed (expected: at most " + limits.subscriptions() + ")";
        }
        for (String name : requested) {
            if (name.length() > limits.nameLength()) {
                return "a name of " + name.length() + " characters (expected: at most " + limits.nameLength() + ")";
            }
        }
        return null;
    }

    /** Tells the proxy what it does not know yet, as far as it takes it. */
    private void flush() {
        ProxyNode to = node;
        if (closed || to == null || types.isEmpty()) {
            return;
        }
        ResourceView current = refreshed(to);
        for (ResourceType type : ResourceType.values()) {
            if (!out.isReady() || !flushAdditions(to, type, current)) {
                return;
            }
        }
        if (types.values().stream().noneMatch(state -> state.unanswered)) {
            flushRemovals(to, current);
        }
    }

    private ResourceView refreshed(ProxyNode to) {
        long generation = service.generation();
        ResourceView current = view;
        if (current == null || generation != viewGeneration) {
            current = service.views().viewFor(to);
            view = current;
            viewGeneration = generation;
        }
        return current;
    }

    private Map<String, EncodedResource> visible(ProxyNode to, ResourceType type, ResourceView current) {
        // Nobody without a certificate is given secrets, whatever a view may say.
        return type == ResourceType.SECRET && to.identity() == null ? Map.of() : current.resources(type);
    }

    /** False: later types have to wait, so that what they refer to has been told before. */
    private boolean flushAdditions(ProxyNode to, ResourceType type, ResourceView current) {
        TypeState<S> state = types.get(type);
        Map<String, EncodedResource> resources = visible(to, type, current);
        if (state == null || state.subscription.settledWith(resources)) {
            return true;
        }
        int limit = service.limits().responseBytes();
        List<EncodedResource> missing = state.subscription.additions(resources, limit);
        if (missing.isEmpty() && !state.subscription.owesAnswer()) {
            if (state.subscription.takenBack(resources).removed().isEmpty()) {
                state.subscription.settle(resources);
            }
            return true;
        }
        if (state.unanswered) {
            return false;
        }
        send(to, type, state, resources, new Difference(missing, List.of()));
        return state.subscription.additions(resources, 1).isEmpty();
    }

    private void flushRemovals(ProxyNode to, ResourceView current) {
        for (ResourceType type : REMOVAL_ORDER) {
            TypeState<S> state = types.get(type);
            if (state == null || !out.isReady()) {
                continue;
            }
            Map<String, EncodedResource> resources = visible(to, type, current);
            if (!state.subscription.settledWith(resources)) {
                Difference gone = state.subscription.takenBack(resources);
                if (!gone.removed().isEmpty()) {
                    send(to, type, state, resources, gone);
                }
            }
            state.subscription.settle(resources);
        }
    }

    private void send(
            ProxyNode to,
            ResourceType type,
            TypeState<S> state,
            Map<String, EncodedResource> resources,
            Difference difference) {
        state.nonce = Long.toString(++nonces);
        state.unanswered = true;
        state.version = Long.toString(viewGeneration);
        state.sentNanos = System.nanoTime();
        out.onNext(response(type, state.nonce, state.version, difference));
        sending(type, state.subscription, resources);
        state.subscription.sent(difference);
        long bytes = 0;
        for (EncodedResource resource : difference.resources()) {
            bytes += resource.body().getValue().size();
        }
        service.observer()
                .pushed(
                        to,
                        type,
                        state.version,
                        difference.resources().size(),
                        difference.removed().size(),
                        bytes,
                        Duration.ofNanos(state.sentNanos - changedNanos));
    }

    private void failed(Throwable error) {
        AdsService.LOG.error("stream of {} failed", node == null ? "an unknown proxy" : node.id(), error);
        close(io.grpc.Status.INTERNAL.withDescription("the control plane failed on this stream; its log says why"));
    }

    private void close(io.grpc.Status status) {
        if (!closed) {
            end(String.valueOf(status.getDescription()));
            out.onError(status.asRuntimeException());
        }
    }

    private void end(String reason) {
        if (!closed) {
            closed = true;
            service.closed(this);
            ProxyNode known = node;
            if (known != null) {
                service.observer().disconnected(known, reason);
            }
        }
    }
}
