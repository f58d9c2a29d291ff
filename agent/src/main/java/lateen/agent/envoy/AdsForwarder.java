package lateen.agent.envoy;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Envoy's delta ADS, passed on to the control plane and back as the bytes that they are: what a resource says is between
 * the two of them.
 *
 * <p>A stream and its continuation towards the control plane are one: when either side ends, so does the other. Envoy
 * then opens another, saying which versions it has, and is told the differences; until then it goes on with what it has.
 */
final class AdsForwarder {
    private static final Logger LOG = LoggerFactory.getLogger(AdsForwarder.class);
    private static final String SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService";

    static final MethodDescriptor<byte[], byte[]> DELTA = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "DeltaAggregatedResources"))
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();

    private final Supplier<ManagedChannel> controlPlane;

    AdsForwarder(Supplier<ManagedChannel> controlPlane) {
        this.controlPlane = controlPlane;
    }

    ServerServiceDefinition service() {
        return ServerServiceDefinition.builder(SERVICE)
                .addMethod(DELTA, this::forward)
                .build();
    }

    private ServerCall.Listener<byte[]> forward(ServerCall<byte[], byte[]> envoy, Metadata headers) {
        ManagedChannel channel;
        try {
            channel = controlPlane.get();
        } catch (RuntimeException e) {
            LOG.warn("no channel to the control plane: {}", e.getMessage());
            envoy.close(Status.UNAVAILABLE.withDescription("no channel: " + e.getMessage()), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return ForwardedStream.start(envoy, channel);
    }

    /** Messages as they are. */
    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException("a message that cannot be read", e);
            }
        }
    }
}
