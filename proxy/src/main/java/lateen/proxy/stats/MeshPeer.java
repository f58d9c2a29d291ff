package lateen.proxy.stats;

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

    /** What is known of a peer by its certificate only. */
    public static MeshPeer of(String principal) {
        return new MeshPeer("", "", principal, "", "", "", "", "");
    }
}
