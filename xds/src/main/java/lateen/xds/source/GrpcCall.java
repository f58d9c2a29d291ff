package lateen.xds.source;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * One stream and its channel. Its methods are called on the client's thread, its events come on gRPC's. Flow control: a
 * response is delivered only after {@link #requestNext()}, the first one excepted.
 */
final class GrpcCall<R> implements ClientResponseObserver<ByteString, R> {

    private final ManagedChannel channel;
    private final MethodDescriptor<ByteString, R> method;
    private final Events<R> events;
    private @Nullable ClientCallStreamObserver<ByteString> requests;

    /** Called on gRPC's threads. */
    interface Events<R> {
        void response(GrpcCall<R> from, R response);

        void ended(GrpcCall<R> from, String reason);
    }

    GrpcCall(ManagedChannel channel, MethodDescriptor<ByteString, R> method, Events<R> events) {
        this.channel = channel;
        this.method = method;
        this.events = events;
    }

    void open() {
        // Until the control plane is there, the call fails at once and the client's own backoff decides.
        var _ = ClientCalls.asyncBidiStreamingCall(channel.newCall(method, CallOptions.DEFAULT), this);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ByteString> stream) {
        stream.disableAutoRequestWithInitial(1);
        requests = stream;
    }

    void send(ByteString request) {
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
    public void onNext(R response) {
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

    /** Requests are bytes already. */
    static final class Outgoing implements MethodDescriptor.Marshaller<ByteString> {

        @Override
        public InputStream stream(ByteString request) {
            return request.newInput();
        }

        @Override
        public ByteString parse(InputStream stream) {
            throw new UnsupportedOperationException("a client only sends requests");
        }
    }
}
