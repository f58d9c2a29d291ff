package lateen.control.registry;

import java.util.List;
import java.util.Map;
import lateen.control.source.Origin;
import lateen.decision.net.IpAddress;

/**
 * One running instance.
 *
 * @param addresses at least one, the preferred first
 * @param ports name of a service's port → port of this workload
 * @param weight 1 or more
 * @param inMesh it has a sidecar that takes mTLS: label {@code security.istio.io/tlsMode: istio}
 */
public record Workload(
        String namespace,
        String name,
        String serviceAccount,
        List<IpAddress> addresses,
        Map<String, String> labels,
        Map<String, Integer> ports,
        int weight,
        boolean inMesh,
        Origin origin) {

    static final String TLS_MODE = "security.istio.io/tlsMode";

    public Workload {
        addresses = List.copyOf(addresses);
        labels = Map.copyOf(labels);
        ports = Map.copyOf(ports);
    }

    /** Whether it has all these labels. */
    public boolean matches(Map<String, String> selector) {
        return selects(selector, labels);
    }

    static boolean selects(Map<String, String> selector, Map<String, String> labels) {
        return labels.entrySet().containsAll(selector.entrySet());
    }

    /** Istio's canonical name: label, else {@code app}, else the workload's own. */
    public String canonicalName() {
        return labels.getOrDefault(
                "service.istio.io/canonical-name",
                labels.getOrDefault("app.kubernetes.io/name", labels.getOrDefault("app", name)));
    }

    public String canonicalRevision() {
        return labels.getOrDefault(
                "service.istio.io/canonical-revision",
                labels.getOrDefault("app.kubernetes.io/version", labels.getOrDefault("version", "latest")));
    }
}
