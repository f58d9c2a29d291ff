package lateen.xds.client;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lateen.decision.net.IpAddress;

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

    Node toNode() {
        Map<String, Value> metadata = new LinkedHashMap<>();
        more.forEach((key, value) -> metadata.put(key, text(value)));
        metadata.put("NAME", text(name));
        metadata.put("NAMESPACE", text(namespace));
        metadata.put("SERVICE_ACCOUNT", text(serviceAccount));
        metadata.put("LABELS", struct(labels));
        metadata.put(
                "INSTANCE_IPS",
                text(String.join(
                        ",", addresses.stream().map(IpAddress::toString).toList())));
        metadata.putIfAbsent("ISTIO_VERSION", text(VERSION));
        // istioctl shows only nodes that have this one.
        metadata.put("PROXY_CONFIG", struct(Map.of()));
        return Node.newBuilder()
                .setId(id())
                .setCluster(labels.getOrDefault("app", name) + "." + namespace)
                .setUserAgentName("lateen")
                .setMetadata(Struct.newBuilder().putAllFields(metadata))
                .build();
    }

    private static Value text(String value) {
        return Value.newBuilder().setStringValue(value).build();
    }

    private static Value struct(Map<String, String> texts) {
        Struct.Builder struct = Struct.newBuilder();
        texts.forEach((key, value) -> struct.putFields(key, text(value)));
        return Value.newBuilder().setStructValue(struct).build();
    }
}
