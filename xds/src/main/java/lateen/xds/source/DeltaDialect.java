package lateen.xds.source;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.MethodDescriptor;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import lateen.xds.ResourceType;
import org.jspecify.annotations.Nullable;

/** The incremental variant: only differences travel, also after reconnecting. */
final class DeltaDialect implements Dialect<DeltaDiscoveryResponse> {

    private final ByteString node;
    private final boolean nodeInAnswers;
    private final MethodDescriptor<ByteString, DeltaDiscoveryResponse> method;
    /** Names that this stream has asked for, of the types that it has asked for. */
    private final Map<ResourceType, Set<String>> asked = new EnumMap<>(ResourceType.class);

    /** @param nodeInAnswers some servers look at it in every request */
    DeltaDialect(ByteString node, boolean nodeInAnswers, @Nullable ResourceType type) {
        this.node = node;
        this.nodeInAnswers = nodeInAnswers;
        this.method = Dialect.method(Dialect.method(true, type), DeltaDiscoveryResponse.getDefaultInstance());
    }

    @Override
    public MethodDescriptor<ByteString, DeltaDiscoveryResponse> method() {
        return method;
    }

    @Override
    public void opened() {
        asked.clear();
    }

    @Override
    public @Nullable ByteString want(
            ResourceType type, Set<String> names, boolean wildcard, Supplier<Map<String, String>> held) {
        Set<String> before = asked.get(type);
        if (before == null ? names.isEmpty() && !wildcard : before.equals(names)) {
            return null;
        }
        asked.put(type, Set.copyOf(names));
        Set<String> added = new TreeSet<>(names);
        Set<String> dropped = new TreeSet<>();
        if (before != null) {
            added.removeAll(before);
            dropped.addAll(before);
            dropped.removeAll(names);
        }
        return DeltaRequest.subscription(type.typeUrl(), added, dropped, before == null ? held.get() : Map.of())
                .from(node)
                .bytes();
    }

    @Override
    public String typeUrl(DeltaDiscoveryResponse response) {
        return response.getTypeUrl();
    }

    @Override
    public Update read(ResourceType type, DeltaDiscoveryResponse response) {
        List<Update.Item> items = response.getResourcesList().stream()
                .map(each -> new Update.Item(each.getName(), each.getVersion(), each.getResource()))
                .toList();
        return new Update(type, response.getSystemVersionInfo(), items, response.getRemovedResourcesList(), false);
    }

    @Override
    public ByteString answer(ResourceType type, DeltaDiscoveryResponse response, @Nullable String refusal) {
        return DeltaRequest.answer(type.typeUrl(), response.getNonce(), refusal)
                .from(nodeInAnswers ? node : ByteString.EMPTY)
                .bytes();
    }
}
