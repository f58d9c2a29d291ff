package lateen.xds.client;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * One delta stream and its channel. Its methods are called on the client's thread, its events come on gRPC's. Flow
 * control: a response is delivered only after {@link #requestNext()}, the first one excepted.
 */
final class DeltaCall implements ClientResponseObserver<DeltaRequest, DeltaDiscoveryResponse> {

    static final MethodDescriptor<DeltaRequest, DeltaDiscoveryResponse> METHOD =
            MethodDescriptor.<DeltaRequest, DeltaDiscoveryResponse>newBuilder()
                    .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                    .setFullMethodName("envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources")
                    .setRequestMarshaller(new Outgoing())
                    .setResponseMarshaller(ProtoUtils.marshaller(DeltaDiscoveryResponse.getDefaultInstance()))
                    .build();

    private final ManagedChannel channel;
    private final Events events;
    private @Nullable ClientCallStreamObserver<DeltaRequest> requests;

    /** Called on gRPC's threads. */
    interface Events {
        void response(DeltaCall from, DeltaDiscoveryResponse response);

        void ended(DeltaCall from, String reason);
    }

    DeltaCall(ManagedChannel channel, Events events) {
        this.channel = channel;
        this.events = events;
    }

    void open() {
        // Until the control plane is there, the call fails at once and the client's own backoff decides.
        var _ = ClientCalls.asyncBidiStreamingCall(channel.newCall(METHOD, CallOptions.DEFAULT), this);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<DeltaRequest> stream) {
        stream.disableAutoRequestWithInitial(1);
        requests = stream;
    }

    void send(DeltaRequest request) {
        if (requests != null) {
            requests.onNext(request);
        }
    }

    void requestNext() {
        if (requests != null) {
            requests.request(1);
        }
    }

    void cancel(String reason) {
        if (requests != null) {
            requests.cancel(reason, null);
        }
        channel.shutdownNow();
    }

    @Override
    public void onNext(DeltaDiscoveryResponse response) {
        events.response(this, response);
    }

    @Override
    public void onError(Throwable error) {
        events.ended(this, Status.fromThrowable(error).toString());
    }

    @Override
    public void onCompleted() {
        events.ended(this, "completed by the control plane");
    }

    private static final class Outgoing implements MethodDescriptor.Marshaller<DeltaRequest> {

        @Override
        public InputStream stream(DeltaRequest request) {
            return request.bytes().newInput();
        }

        @Override
        public DeltaRequest parse(InputStream stream) {
            throw new UnsupportedOperationException("a client only sends requests");
        }
    }
}
