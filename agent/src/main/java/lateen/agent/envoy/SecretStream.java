package lateen.agent.envoy;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import lateen.xds.ResourceType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of Envoy's subscriptions to secrets. Everything runs in {@link #context}.
 *
 * <p>xDS protocol, "ACK/NACK and resource type instance version": a request repeats all names; one that carries an older
 * nonce than the last is out of date and answers nothing.
 */
final class SecretStream implements StreamObserver<DiscoveryRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(SecretStream.class);
    /** An Envoy of this mesh asks for two. */
    private static final int MOST_NAMES = 16;

    private final Supplier<SecretService.Held> held;
    private final StreamObserver<DiscoveryResponse> responses;
    private final SynchronizationContext context;
    private Set<String> names = Set.of();
    private long told = -1;
    private long nonce;
    private boolean ended;

    /** @param onEnd told once, when nothing more is sent */
    SecretStream(
            Supplier<SecretService.Held> held,
            StreamObserver<DiscoveryResponse> responses,
            Consumer<SecretStream> onEnd) {
        this.held = held;
        this.responses = responses;
        this.context = new SynchronizationContext((thread, error) -> LOG.error("a stream of secrets failed", error));
        ((ServerCallStreamObserver<DiscoveryResponse>) responses)
                .setOnCloseHandler(() -> context.execute(() -> end(onEnd)));
        ((ServerCallStreamObserver<DiscoveryResponse>) responses)
                .setOnCancelHandler(() -> context.execute(() -> end(onEnd)));
    }

    @Override
    public void onNext(DiscoveryRequest request) {
        context.execute(() -> take(request));
    }

    /** There are newer secrets. Any thread. */
    void changed() {
        context.execute(this::tell);
    }

    private void take(DiscoveryRequest request) {
        boolean stale = !request.getResponseNonce().isEmpty()
                && !request.getResponseNonce().equals(Long.toString(nonce));
        if (ended || stale) {
            return;
        }
        String type = request.getTypeUrl();
        boolean secrets = type.isEmpty() || type.equals(ResourceType.SECRET.typeUrl());
        if (!secrets || request.getResourceNamesCount() > MOST_NAMES) {
            ended = true;
            responses.onError(Status.INVALID_ARGUMENT
                    .withDescription(request.getResourceNamesCount() + " resources of type '" + type
                            + "' (expected: at most " + MOST_NAMES + " of " + ResourceType.SECRET.typeUrl() + ")")
                    .asRuntimeException());
            return;
        }
        if (request.hasErrorDetail()) {
            LOG.warn("Envoy refused {}: {}", names, request.getErrorDetail().getMessage());
        }
        Set<String> wanted = Set.copyOf(request.getResourceNamesList());
        if (!wanted.equals(names)) {
            names = wanted;
            told = -1;
        }
        tell();
    }

    private void tell() {
        SecretService.Held now = held.get();
        if (ended || now.version() == told || now.secrets().isEmpty() || names.isEmpty()) {
            return;
        }
        List<Any> found = new ArrayList<>();
        for (String name : names) {
            Any secret = now.secrets().get(name);
            if (secret == null) {
                LOG.warn(
                        "Envoy asks for secret '{}' (expected: one of {})",
                        name,
                        now.secrets().keySet());
            } else {
                found.add(secret);
            }
        }
        told = now.version();
        if (!found.isEmpty()) {
            nonce++;
            responses.onNext(DiscoveryResponse.newBuilder()
                    .setTypeUrl(ResourceType.SECRET.typeUrl())
                    .setVersionInfo(Long.toString(now.version()))
                    .setNonce(Long.toString(nonce))
                    .addAllResources(found)
                    .build());
        }
    }

    private void end(Consumer<SecretStream> onEnd) {
        ended = true;
        onEnd.accept(this);
    }

    @Override
    public void onError(Throwable error) {
        context.execute(() -> ended = true);
    }

    @Override
    public void onCompleted() {
        context.execute(() -> {
            if (!ended) {
                ended = true;
                responses.onCompleted();
            }
        });
    }
}
