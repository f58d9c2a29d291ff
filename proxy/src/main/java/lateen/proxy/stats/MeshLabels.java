package lateen.proxy.stats;

import java.util.ArrayList;
import java.util.List;

/**
 * The labels that a route, cluster or connection fixes, for all of its requests.
 *
 * @param mutualTls whether the connection had mutual TLS; a source does not say ({@code unknown})
 * @param service host name of the destination service
 */
public record MeshLabels(
        Reporter reporter,
        MeshPeer source,
        MeshPeer destination,
        String service,
        String serviceName,
        String serviceNamespace,
        boolean mutualTls) {

    /** Which side counts. */
    public enum Reporter {
        SOURCE,
        DESTINATION
    }

    static final List<String> NAMES = List.of(
            "reporter",
            "source_workload",
            "source_workload_namespace",
            "source_principal",
            "source_app",
            "source_version",
            "source_cluster",
            "source_canonical_service",
            "source_canonical_revision",
            "destination_workload",
            "destination_workload_namespace",
            "destination_principal",
            "destination_app",
            "destination_version",
            "destination_cluster",
            "destination_canonical_service",
            "destination_canonical_revision",
            "destination_service",
            "destination_service_name",
            "destination_service_namespace",
            "connection_security_policy",
            "request_protocol",
            "response_flags");

    /** Where everything is counted that no budget is left for. */
    MeshLabels overflow() {
        MeshPeer other = new MeshPeer(
                "overflow", "overflow", "overflow", "overflow", "overflow", "overflow", "overflow", "overflow");
        return new MeshLabels(reporter, other, other, "overflow", "overflow", "overflow", mutualTls);
    }

    /** Values in the order of {@link #NAMES}. */
    List<String> values(String protocol, String flags) {
        List<String> out = new ArrayList<>(NAMES.size() + 2);
        boolean atSource = reporter == Reporter.SOURCE;
        out.add(atSource ? "source" : "destination");
        addPeer(source, out);
        addPeer(destination, out);
        out.add(known(service));
        out.add(known(serviceName));
        out.add(known(serviceNamespace));
        out.add(atSource ? "unknown" : mutualTls ? "mutual_tls" : "none");
        out.add(protocol);
        out.add(flags);
        return out;
    }

    private static void addPeer(MeshPeer peer, List<String> out) {
        out.add(known(peer.workload()));
        out.add(known(peer.namespace()));
        out.add(known(peer.principal()));
        out.add(known(peer.app()));
        out.add(known(peer.version()));
        out.add(known(peer.cluster()));
        out.add(known(peer.canonicalService()));
        out.add(peer.canonicalRevision().isEmpty() ? "latest" : peer.canonicalRevision());
    }

    private static String known(String value) {
        return value.isEmpty() ? "unknown" : value;
    }
}
