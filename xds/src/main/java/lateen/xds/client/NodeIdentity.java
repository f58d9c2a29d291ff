package lateen.xds.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import lateen.decision.net.IpAddress;
import lateen.xds.source.Written;

/**
 * What a sidecar says of itself, in Istio's form: id {@code sidecar~ip~name.namespace~domain} and metadata.
 *
 * @param addresses of the workload, the first one for the id; at least one
 * @param labels of the workload
 * @param more further metadata texts, e.g. {@code CLUSTER_ID}, {@code WORKLOAD_NAME}, {@code INTERCEPTION_MODE}
 */
public record NodeIdentity(
        String name,
        String namespace,
        String serviceAccount,
        List<IpAddress> addresses,
        Map<String, String> labels,
        Map<String, String> more) {

    private static final String VERSION = "1.30.0";

    public NodeIdentity {
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("addresses: none (expected: at least one, for the node id)");
        }
        addresses = List.copyOf(addresses);
        labels = Map.copyOf(labels);
        more = Map.copyOf(more);
    }

    /** Envoy's {@code --service-node}. */
    public String id() {
        return "sidecar~" + addresses.getFirst() + "~" + name + "." + namespace + "~" + namespace
                + ".svc.cluster.local";
    }

    /** Envoy's {@code --service-cluster}: of which service it is a proxy. */
    public String cluster() {
        return labels.getOrDefault("app", name) + "." + namespace;
    }

    /** The metadata that are texts: all but {@code LABELS} and {@code PROXY_CONFIG}, which are objects. */
    public SequencedMap<String, String> texts() {
        SequencedMap<String, String> texts = new LinkedHashMap<>(more);
        texts.put("NAME", name);
        texts.put("NAMESPACE", namespace);
        texts.put("SERVICE_ACCOUNT", serviceAccount);
        texts.put(
                "INSTANCE_IPS",
                String.join(",", addresses.stream().map(IpAddress::toString).toList()));
        texts.putIfAbsent("ISTIO_VERSION", VERSION);
        return texts;
    }

    /** A {@code Node}; written by hand for the same reason as {@link Written}. */
    public ByteString toNode() {
        Map<String, ByteString> metadata = new LinkedHashMap<>();
        texts().forEach((key, value) -> metadata.put(key, text(value)));
        metadata.put("LABELS", struct(labels));
        // istioctl shows only nodes that have this one.
        metadata.put("PROXY_CONFIG", struct(Map.of()));
        return Written.of(out -> {
            out.writeString(Node.ID_FIELD_NUMBER, id());
            out.writeString(Node.CLUSTER_FIELD_NUMBER, cluster());
            out.writeBytes(Node.METADATA_FIELD_NUMBER, fields(metadata));
            out.writeString(Node.USER_AGENT_NAME_FIELD_NUMBER, "lateen");
        });
    }

    /** {@code google.protobuf.Value}. */
    private static ByteString text(String value) {
        return Written.of(out -> out.writeString(Value.STRING_VALUE_FIELD_NUMBER, value));
    }

    private static ByteString struct(Map<String, String> texts) {
        Map<String, ByteString> values = new LinkedHashMap<>();
        texts.forEach((key, value) -> values.put(key, text(value)));
        return Written.of(out -> out.writeBytes(Value.STRUCT_VALUE_FIELD_NUMBER, fields(values)));
    }

    /** {@code google.protobuf.Struct}. */
    private static ByteString fields(Map<String, ByteString> values) {
        return Written.of(out -> {
            for (Map.Entry<String, ByteString> each : values.entrySet()) {
                ByteString value = Written.of(inner -> inner.writeBytes(2, each.getValue()));
                out.writeBytes(Struct.FIELDS_FIELD_NUMBER, Written.entry(each.getKey(), value));
            }
        });
    }
}
