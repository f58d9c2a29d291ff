package lateen.xds.source;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import lateen.xds.ResourceType;
import org.jspecify.annotations.Nullable;

/**
 * The state-of-the-world variant: a response holds all that there is of listeners and clusters, and of other types what
 * the server sees fit to send; each request names all that is wanted.
 */
final class StateDialect implements Dialect<DiscoveryResponse> {

    private static final String WRAPPER = "envoy.service.discovery.v3.Resource";

    private final ByteString node;
    private final boolean nodeOnce;
    private final MethodDescriptor<ByteString, DiscoveryResponse> method;
    private final Map<ResourceType, Asked> types = new EnumMap<>(ResourceType.class);
    private boolean nodeSent;

    /** Of one type; the version outlives the stream, the rest does not. */
    private static final class Asked {
        private String version = "";
        private String nonce = "";
        private Set<String> names = Set.of();
        private boolean requested;
    }

    /** @param nodeOnce {@code set_node_on_first_message_only} */
    StateDialect(ByteString node, boolean nodeOnce, @Nullable ResourceType type) {
        this.node = node;
        this.nodeOnce = nodeOnce;
        this.method = Dialect.method(Dialect.method(false, type), DiscoveryResponse.getDefaultInstance());
    }

    @Override
    public MethodDescriptor<ByteString, DiscoveryResponse> method() {
        return method;
    }

    @Override
    public void opened() {
        nodeSent = false;
        types.values().forEach(each -> {
            each.nonce = "";
            each.requested = false;
        });
    }

    @Override
    public @Nullable ByteString want(
            ResourceType type, Set<String> names, boolean wildcard, Supplier<Map<String, String>> held) {
        Asked asked = types.computeIfAbsent(type, _ -> new Asked());
        if (asked.requested ? asked.names.equals(names) : names.isEmpty() && !wildcard) {
            return null;
        }
        asked.requested = true;
        asked.names = Set.copyOf(names);
        return request(type, asked, null);
    }

    private ByteString request(ResourceType type, Asked asked, @Nullable String refusal) {
        ByteString sender = nodeOnce && nodeSent ? ByteString.EMPTY : node;
        nodeSent = true;
        return new StateRequest(type.typeUrl(), asked.version, sender, new TreeSet<>(asked.names), asked.nonce, refusal)
                .bytes();
    }

    @Override
    public String typeUrl(DiscoveryResponse response) {
        return response.getTypeUrl();
    }

    @Override
    public Update read(ResourceType type, DiscoveryResponse response) {
        return read(type, response.getVersionInfo(), response.getResourcesList());
    }

    @Override
    public ByteString answer(ResourceType type, DiscoveryResponse response, @Nullable String refusal) {
        Asked asked = types.computeIfAbsent(type, _ -> new Asked());
        asked.nonce = response.getNonce();
        if (refusal == null) {
            asked.version = response.getVersionInfo();
        }
        return request(type, asked, refusal);
    }

    static Update read(ResourceType type, String version, List<Any> resources) {
        List<Update.Item> items = new ArrayList<>();
        for (Any each : resources) {
            items.add(item(version, each));
        }
        return new Update(type, version, items, List.of(), type.wildcardByDefault());
    }

    private static Update.Item item(String version, Any body) {
        if (!body.getTypeUrl().endsWith("/" + WRAPPER)) {
            return new Update.Item(name(body.getValue()), version, body);
        }
        try {
            Resource wrapped = Resource.parseFrom(body.getValue());
            String name =
                    wrapped.getName().isEmpty() ? name(wrapped.getResource().getValue()) : wrapped.getName();
            return new Update.Item(
                    name, wrapped.getVersion().isEmpty() ? version : wrapped.getVersion(), wrapped.getResource());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("not a readable " + WRAPPER + ": " + e.getMessage(), e);
        }
    }

    /** Field 1 of every type of resource is its name. Empty when the bytes are no message: the decoder will say so. */
    static String name(ByteString resource) {
        CodedInputStream in = resource.newCodedInput();
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == (1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
                    return in.readStringRequireUtf8();
                }
                if (!in.skipField(tag)) {
                    return "";
                }
            }
        } catch (IOException notAMessage) {
            return "";
        }
        return "";
    }
}
