package lateen.xdsserver;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lateen.identity.SpiffeId;
import org.jspecify.annotations.Nullable;

/**
 * Who opened a stream, as it says of itself.
 *
 * @param id {@code sidecar~ip~name.namespace~domain}, Envoy's {@code --service-node}
 * @param identity of the certificate that it showed; null on a plaintext port
 * @param metadata Istio's node metadata
 */
public record ProxyNode(String id, String cluster, @Nullable SpiffeId identity, Struct metadata) {

    static ProxyNode of(Node node, @Nullable SpiffeId identity) {
        return new ProxyNode(node.getId(), node.getCluster(), identity, node.getMetadata());
    }

    /** {@code sidecar} or {@code router}; empty when the id has another form. */
    public String kind() {
        return part(0);
    }

    /** The address in the id; empty when the id has another form. */
    public String ip() {
        return part(1);
    }

    /** The workload's name; empty when the id has another form. */
    public String workload() {
        String full = part(2);
        int dot = full.lastIndexOf('.');
        return dot < 0 ? full : full.substring(0, dot);
    }

    /** Metadata NAMESPACE, else what the id says; may be empty. */
    public String namespace() {
        String stated = text("NAMESPACE");
        return stated.isEmpty() ? idNamespace() : stated;
    }

    /** Metadata SERVICE_ACCOUNT; may be empty. */
    public String serviceAccount() {
        return text("SERVICE_ACCOUNT");
    }

    /** Whether it is gRPC's own xDS client: metadata GENERATOR is {@code grpc}. */
    public boolean proxyless() {
        return text("GENERATOR").equals("grpc");
    }

    /** Metadata LABELS. */
    public Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        metadata.getFieldsOrDefault("LABELS", Value.getDefaultInstance())
                .getStructValue()
                .getFieldsMap()
                .forEach((name, value) -> labels.put(name, value.getStringValue()));
        return labels;
    }

    /** A metadata value that is text; empty when absent. */
    public String text(String key) {
        return metadata.getFieldsOrDefault(key, Value.getDefaultInstance()).getStringValue();
    }

    String idNamespace() {
        String full = part(2);
        return full.substring(full.lastIndexOf('.') + 1);
    }

    private String part(int index) {
        List<String> parts = List.of(id.split("~", -1));
        return parts.size() == 4 ? parts.get(index) : "";
    }
}
