package lateen.xds.source;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import lateen.xds.ResourceType;
import org.jspecify.annotations.Nullable;

/**
 * One of the two variants of the xDS protocol: what is written, and what a response means. Knows what this stream has
 * asked for. Owned by the client's thread.
 *
 * @param <R> the variant's response
 */
interface Dialect<R> {

    MethodDescriptor<ByteString, R> method();

    /** A new stream: the next request of each type is the first again. */
    void opened();

    /**
     * What to send so that these names, and only these, are subscribed to; null: nothing.
     *
     * @param held versions of what is held, by name
     */
    @Nullable
    ByteString want(ResourceType type, Set<String> names, boolean wildcard, Supplier<Map<String, String>> held);

    String typeUrl(R response);

    /** @throws IllegalArgumentException when what it holds cannot be read at all */
    Update read(ResourceType type, R response);

    /** An ACK, or a NACK when there is a refusal. */
    ByteString answer(ResourceType type, R response, @Nullable String refusal);

    /**
     * Name of the service and method for one type, or of the aggregated service.
     *
     * @param delta whether the incremental variant is spoken
     * @param type null: aggregated
     */
    static String method(boolean delta, @Nullable ResourceType type) {
        String prefix = delta ? "Delta" : "Stream";
        return switch (type) {
            case null -> "envoy.service.discovery.v3.AggregatedDiscoveryService/" + prefix + "AggregatedResources";
            case CLUSTER -> "envoy.service.cluster.v3.ClusterDiscoveryService/" + prefix + "Clusters";
            case ENDPOINT -> "envoy.service.endpoint.v3.EndpointDiscoveryService/" + prefix + "Endpoints";
            case LISTENER -> "envoy.service.listener.v3.ListenerDiscoveryService/" + prefix + "Listeners";
            case ROUTE -> "envoy.service.route.v3.RouteDiscoveryService/" + prefix + "Routes";
            case SECRET -> "envoy.service.secret.v3.SecretDiscoveryService/" + prefix + "Secrets";
        };
    }

    static <R extends Message> MethodDescriptor<ByteString, R> method(String name, R response) {
        return MethodDescriptor.<ByteString, R>newBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName(name)
                .setRequestMarshaller(new GrpcCall.Outgoing())
                .setResponseMarshaller(ProtoUtils.marshaller(response))
                .build();
    }
}
