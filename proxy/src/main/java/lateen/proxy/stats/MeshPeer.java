package lateen.proxy.stats;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One side of a conversation as Istio's metrics describe it. An empty part is written as {@code unknown}, the canonical
 * revision as {@code latest}.
 *
 * @param principal SPIFFE id, {@code spiffe://…}
 * @param cluster Kubernetes cluster id
 */
public record MeshPeer(
        String workload,
        String namespace,
        String principal,
        String app,
        String version,
        String cluster,
        String canonicalService,
        String canonicalRevision) {

    public static final MeshPeer UNKNOWN = new MeshPeer("", "", "", "", "", "", "", "");

    /**
     * A workload with its labels, as Istio derives the rest from them ({@code app}, {@code version}, and the canonical
     * names {@code service.istio.io/canonical-name} and {@code -revision}, else the usual labels of Kubernetes).
     */
    public static MeshPeer ofLabels(String workload, String namespace, Map<String, String> labels, String cluster) {
        return new MeshPeer(
                workload,
                namespace,
                "",
                first(labels, "app"),
                first(labels, "version"),
                cluster,
                orElse(first(labels, "service.istio.io/canonical-name", "app.kubernetes.io/name", "app"), workload),
                first(labels, "service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"));
    }

    private static String first(Map<String, String> labels, String... names) {
        for (String name : names) {
            String value = labels.getOrDefault(name, "");
            if (!value.isEmpty()) {
                return value;
            }
        }
        return "";
    }

    private static String orElse(String value, String other) {
        return value.isEmpty() ? other : value;
    }

    /**
     * What an endpoint's metadata says.
     *
     * @param metadata Istio's {@code filter_metadata.istio.workload}: {@code name;namespace;canonical name;canonical
     *     revision;cluster}; parts may be missing
     */
    public static MeshPeer ofEndpoint(String metadata) {
        String[] parts = Arrays.copyOf(metadata.split(";", -1), 5);
        return new MeshPeer(part(parts[0]), part(parts[1]), "", "", "", part(parts[4]), part(parts[2]), part(parts[3]));
    }

    private static String part(@Nullable String part) {
        return part == null ? "" : part;
    }

    public MeshPeer withPrincipal(String id) {
        return new MeshPeer(workload, namespace, id, app, version, cluster, canonicalService, canonicalRevision);
    }

    /** What is known of a peer by its certificate only. */
    public static MeshPeer of(String principal) {
        return new MeshPeer("", "", principal, "", "", "", "", "");
    }
}
