package lateen.xdsserver;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Status;
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
 * One proxy's delta stream.
 *
 * <p>Threading: everything runs in {@link #context}. Flow control: the next request is taken when the last one is done;
 * nothing is written while the transport is not ready; of each type at most one response waits for its ACK, and what
 * changes meanwhile is not queued: after the ACK the newest view is compared again.
 *
 * <p>Order (xDS protocol, "Eventual consistency considerations"): clusters, endpoints, listeners, routes, secrets; what
 * is taken away goes last, in the order of {@link #REMOVAL_ORDER}, when all else has been answered.
 */
final class DeltaStream implements StreamObserver<DeltaDiscoveryRequest> {

    private static final List<ResourceType> REMOVAL_ORDER = List.of(
            ResourceType.LISTENER,
            ResourceType.ROUTE,
            ResourceType.CLUSTER,
            ResourceType.ENDPOINT,
            ResourceType.SECRET);

    private final AdsService service;
    private final ServerCallStreamObserver<DeltaDiscoveryResponse> out;
    private final @Nullable SpiffeId identity;
    private final SynchronizationContext context;
    private final Map<ResourceType, TypeState> types = new EnumMap<>(ResourceType.class);
    private @Nullable ProxyNode node;
    private @Nullable ResourceView view;
    private long viewGeneration = -1;
    private long changedNanos = System.nanoTime();
    private long nonces;
    private boolean closed;

    private static final class TypeState {
        final Subscription subscription = new Subscription();
        /** Of the response that waits for its ACK; empty: none does. */
        String nonce = "";

        String version = "";
        long sentNanos;
    }

    DeltaStream(AdsService service, StreamObserver<DeltaDiscoveryResponse> responses, @Nullable SpiffeId identity) {
        this.service = service;
        this.out = (ServerCallStreamObserver<DeltaDiscoveryResponse>) responses;
        this.identity = identity;
        this.context = new SynchronizationContext((thread, error) -> failed(error));
    }

    void start() {
        out.disableAutoRequest();
        out.setOnReadyHandler(() -> context.execute(this::flush));
        out.setOnCancelHandler(() -> context.execute(() -> end("cancelled by the proxy or its connection")));
        out.request(1);
    }

    @Override
    public void onNext(DeltaDiscoveryRequest request) {
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
    public void onError(Throwable error) {
        context.execute(() -> end(String.valueOf(error.getMessage())));
    }

    @Override
    public void onCompleted() {
        context.execute(() -> {
            if (!closed) {
                end("completed by the proxy");
                out.onCompleted();
            }
        });
    }

    /** The configuration changed; compared and told now or as soon as the proxy takes more. */
    void changed(long nanos) {
        context.execute(() -> {
            changedNanos = nanos;
            flush();
        });
    }

    private void take(DeltaDiscoveryRequest request) {
        ProxyNode from = node == null ? admit(request) : node;
        if (from == null) {
            return;
        }
        ResourceType type = ResourceType.of(request.getTypeUrl());
        if (type == null) {
            service.observer().unsupported(from, request.getTypeUrl());
            return;
        }
        TypeState state = types.computeIfAbsent(type, t -> new TypeState());
        answered(from, type, state, request);
        String excess = excess(state, request);
        if (excess != null) {
            close(Status.RESOURCE_EXHAUSTED.withDescription(type + ": " + excess));
            return;
        }
        boolean subscribes = !state.subscription.started()
                || request.getResourceNamesSubscribeCount() > 0
                || request.getResourceNamesUnsubscribeCount() > 0;
        if (subscribes) {
            changedNanos = System.nanoTime();
            state.subscription.update(
                    request.getResourceNamesSubscribeList(),
                    request.getResourceNamesUnsubscribeList(),
                    request.getInitialResourceVersionsMap(),
                    type.wildcardByDefault());
        }
    }

    private @Nullable ProxyNode admit(DeltaDiscoveryRequest request) {
        int size = request.getNode().getSerializedSize();
        if (request.getNode().getId().isEmpty() || size > service.limits().nodeBytes()) {
            refuse(
                    "",
                    Status.INVALID_ARGUMENT.withDescription("node: " + size + " bytes, id '"
                            + abbreviated(request.getNode().getId())
                            + "' (expected: the first request carries a node with an id, of at most "
                            + service.limits().nodeBytes() + " bytes)"));
            return null;
        }
        ProxyNode stated = ProxyNode.of(request.getNode(), identity);
        String refusal = service.check().refusal(stated);
        if (refusal != null) {
            refuse(stated.id(), Status.PERMISSION_DENIED.withDescription("node '" + stated.id() + "': " + refusal));
            return null;
        }
        node = stated;
        service.opened(this);
        service.observer().connected(stated);
        return stated;
    }

    private static String abbreviated(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }

    private void refuse(String nodeId, Status status) {
        service.observer().refused(nodeId, String.valueOf(status.getDescription()));
        close(status);
    }

    /** ACK or NACK; a nonce that is not the last one answers nothing. */
    private void answered(ProxyNode from, ResourceType type, TypeState state, DeltaDiscoveryRequest request) {
        if (request.getResponseNonce().isEmpty() || !request.getResponseNonce().equals(state.nonce)) {
            return;
        }
        state.nonce = "";
        if (request.hasErrorDetail()) {
            service.observer()
                    .nacked(from, type, state.version, request.getErrorDetail().getMessage());
        } else {
            Duration since = Duration.ofNanos(System.nanoTime() - state.sentNanos);
            service.observer().acked(from, type, state.version, since);
        }
    }

    private @Nullable String excess(TypeState state, DeltaDiscoveryRequest request) {
        StreamLimits limits = service.limits();
        int count = state.subscription.size()
                + Math.max(request.getResourceNamesSubscribeCount(), request.getInitialResourceVersionsCount());
        if (count > limits.subscriptions()) {
            return count + " names subscribed (expected: at most " + limits.subscriptions() + ")";
        }
        for (String name : request.getResourceNamesSubscribeList()) {
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
        if (types.values().stream().allMatch(state -> state.nonce.isEmpty())) {
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
        TypeState state = types.get(type);
        Map<String, EncodedResource> resources = visible(to, type, current);
        if (state == null || state.subscription.settledWith(resources)) {
            return true;
        }
        int limit = service.limits().responseBytes();
        List<EncodedResource> missing = state.subscription.additions(resources, limit);
        if (missing.isEmpty() && !state.subscription.owesAnswer()) {
            if (state.subscription.removals(resources).isEmpty()) {
                state.subscription.settle(resources);
            }
            return true;
        }
        if (!state.nonce.isEmpty()) {
            return false;
        }
        send(to, type, state, new Difference(missing, List.of()));
        return state.subscription.additions(resources, 1).isEmpty();
    }

    private void flushRemovals(ProxyNode to, ResourceView current) {
        for (ResourceType type : REMOVAL_ORDER) {
            TypeState state = types.get(type);
            if (state == null || !out.isReady()) {
                continue;
            }
            Map<String, EncodedResource> resources = visible(to, type, current);
            List<String> gone =
                    state.subscription.settledWith(resources) ? List.of() : state.subscription.removals(resources);
            if (!gone.isEmpty()) {
                send(to, type, state, new Difference(List.of(), gone));
            }
            state.subscription.settle(resources);
        }
    }

    private void send(ProxyNode to, ResourceType type, TypeState state, Difference difference) {
        state.nonce = Long.toString(++nonces);
        state.version = Long.toString(viewGeneration);
        state.sentNanos = System.nanoTime();
        DeltaDiscoveryResponse.Builder response = DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(type.typeUrl())
                .setNonce(state.nonce)
                .setSystemVersionInfo(state.version)
                .addAllRemovedResources(difference.removed());
        long bytes = 0;
        for (EncodedResource resource : difference.resources()) {
            bytes += resource.body().getValue().size();
            response.addResources(Resource.newBuilder()
                    .setName(resource.name())
                    .setVersion(resource.version())
                    .setResource(resource.body()));
        }
        out.onNext(response.build());
        state.subscription.sent(difference);
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
        close(Status.INTERNAL.withDescription("the control plane failed on this stream; its log says why"));
    }

    private void close(Status status) {
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
