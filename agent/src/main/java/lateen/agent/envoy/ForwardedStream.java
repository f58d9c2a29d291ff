package lateen.agent.envoy;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of Envoy's and the one that continues it. Each side is read only as fast as the other takes it: one message
 * at a time.
 *
 * <p>The two sides call on different threads; what they share is guarded by {@code this}.
 */
final class ForwardedStream extends ServerCall.Listener<byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(ForwardedStream.class);

    private final ServerCall<byte[], byte[]> envoy;
    private final ManagedChannel channel;
    private final ClientCall<byte[], byte[]> controlPlane;
    private boolean envoyWaits; // a message of Envoy's was passed on and the next one not asked for; guarded by this
    private boolean controlPlaneWaits; // the same in the other direction; guarded by this
    private boolean closed; // Envoy's side; guarded by this

    private ForwardedStream(ServerCall<byte[], byte[]> envoy, ManagedChannel channel) {
        this.envoy = envoy;
        this.channel = channel;
        this.controlPlane = channel.newCall(AdsForwarder.DELTA, CallOptions.DEFAULT);
    }

    /** @param channel shut down when the stream ends */
    static ForwardedStream start(ServerCall<byte[], byte[]> envoy, ManagedChannel channel) {
        ForwardedStream stream = new ForwardedStream(envoy, channel);
        // Before the control plane can answer, on another thread: a call is begun once, and by one thread.
        envoy.sendHeaders(new Metadata());
        stream.controlPlane.start(stream.new FromControlPlane(), new Metadata());
        stream.controlPlane.request(1);
        envoy.request(1);
        return stream;
    }

    @Override
    public void onMessage(byte[] message) {
        controlPlane.sendMessage(message);
        synchronized (this) {
            envoyWaits = true;
        }
        askEnvoy();
    }

    /** Envoy takes more. */
    @Override
    public void onReady() {
        askControlPlane();
    }

    @Override
    public void onHalfClose() {
        controlPlane.halfClose();
    }

    @Override
    public void onCancel() {
        synchronized (this) {
            closed = true;
        }
        controlPlane.cancel("Envoy ended the stream", null);
        channel.shutdownNow();
    }

    private void askEnvoy() {
        synchronized (this) {
            if (!envoyWaits || !controlPlane.isReady()) {
                return;
            }
            envoyWaits = false;
        }
        envoy.request(1);
    }

    private void askControlPlane() {
        synchronized (this) {
            if (!controlPlaneWaits || !envoy.isReady()) {
                return;
            }
            controlPlaneWaits = false;
        }
        controlPlane.request(1);
    }

    private final class FromControlPlane extends ClientCall.Listener<byte[]> {
        @Override
        public void onMessage(byte[] message) {
            synchronized (ForwardedStream.this) {
                if (closed) {
                    return;
                }
                controlPlaneWaits = true;
            }
            envoy.sendMessage(message);
            askControlPlane();
        }

        /** The control plane takes more. */
        @Override
        public void onReady() {
            askEnvoy();
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            synchronized (ForwardedStream.this) {
                if (closed) {
                    return;
                }
                closed = true;
            }
            LOG.info("the stream to the control plane ended: {}; Envoy goes on with what it has", status);
            envoy.close(status, new Metadata());
            channel.shutdownNow();
        }
    }
}
