package lateen.cli.sidecar;

import com.google.gson.stream.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lateen.decision.net.IpAddress;
import lateen.identity.SpiffeId;
import lateen.proxy.stats.MeshPeer;
import lateen.xds.client.NodeIdentity;

/**
 * What a sidecar learns from its environment, under the names that Istio's injector uses.
 *
 * @param id {@code TRUST_DOMAIN}, {@code POD_NAMESPACE}, {@code SERVICE_ACCOUNT}
 * @param addresses {@code INSTANCE_IPS} or {@code INSTANCE_IP}; at least one
 * @param discovery {@code CA_ADDR}: where certificates and configuration come from
 * @param labels {@code ISTIO_METAJSON_LABELS}, a JSON object
 * @param metadata every {@code ISTIO_META_X}, as {@code X}
 * @param upstreamMark {@code LATEEN_UPSTREAM_MARK}, Lateen's own; 0: none
 */
record SidecarEnvironment(
        String podName,
        SpiffeId id,
        List<IpAddress> addresses,
        InetSocketAddress discovery,
        Map<String, String> labels,
        Map<String, String> metadata,
        int upstreamMark) {

    private static final String META = "ISTIO_META_";
    private static final String MARK = "LATEEN_UPSTREAM_MARK";
    private static final String LABELS = "ISTIO_METAJSON_LABELS";

    /** @throws IllegalArgumentException naming the variable, its value and what was expected */
    static SidecarEnvironment read(Map<String, String> env) {
        SpiffeId id = SpiffeId.parse("spiffe://" + env.getOrDefault("TRUST_DOMAIN", "cluster.local") + "/ns/"
                + required(env, "POD_NAMESPACE") + "/sa/" + required(env, "SERVICE_ACCOUNT"));
        List<IpAddress> addresses = new ArrayList<>();
        String list = env.containsKey("INSTANCE_IPS") ? "INSTANCE_IPS" : "INSTANCE_IP";
        for (String address : required(env, list).split(",")) {
            try {
                addresses.add(IpAddress.parse(address.strip()));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        list + ": " + e.getMessage() + " (expected: addresses, comma between)", e);
            }
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        env.forEach((name, value) -> {
            if (name.startsWith(META)) {
                metadata.put(name.substring(META.length()), value);
            }
        });
        return new SidecarEnvironment(
                required(env, "POD_NAME"),
                id,
                addresses,
                address(required(env, "CA_ADDR")),
                labels(env.getOrDefault(LABELS, "{}")),
                metadata,
                mark(env.getOrDefault(MARK, "0")));
    }

    NodeIdentity node() {
        return new NodeIdentity(podName, id.namespace(), id.serviceAccount(), addresses, labels, metadata);
    }

    /** As metrics name this workload. */
    MeshPeer self() {
        String app = labels.getOrDefault("app", "");
        String version = labels.getOrDefault("version", "");
        String workload = metadata.getOrDefault("WORKLOAD_NAME", podName);
        return new MeshPeer(
                workload,
                id.namespace(),
                id.toString(),
                app,
                version,
                metadata.getOrDefault("CLUSTER_ID", ""),
                labels.getOrDefault("service.istio.io/canonical-name", app.isEmpty() ? workload : app),
                labels.getOrDefault("service.istio.io/canonical-revision", version));
    }

    /** Read without protobuf's JSON, which would bring all of its descriptors into a sidecar. */
    private static Map<String, String> labels(String json) {
        Map<String, String> labels = new LinkedHashMap<>();
        try (JsonReader reader = new JsonReader(new StringReader(json))) {
            reader.beginObject();
            while (reader.hasNext()) {
                labels.put(reader.nextName(), reader.nextString());
            }
            reader.endObject();
        } catch (IOException | IllegalStateException e) {
            throw new IllegalArgumentException(LABELS + ": '" + json + "' (expected: a JSON object of texts)", e);
        }
        return labels;
    }

    private static int mark(String text) {
        try {
            int mark = Integer.parseInt(text);
            if (mark >= 0) {
                return mark;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(MARK + ": '" + text + "' (expected: 0.." + Integer.MAX_VALUE + ")");
    }

    private static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            String host = text.substring(0, Math.max(colon, 0)).replaceAll("^\\[|]$", "");
            return host.isEmpty()
                    ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
                    : new InetSocketAddress(host, port);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "CA_ADDR: '" + text + "' (expected: host:port, usually istiod.istio-system.svc:15012)", e);
        }
    }

    private static String required(Map<String, String> env, String name) {
        String value = env.getOrDefault(name, "");
        if (value.isBlank()) {
            throw new IllegalArgumentException(name
                    + " is not set (expected in the environment of a sidecar; the injector and `lateen demo` set it)");
        }
        return value;
    }
}
