package lateen.control.translate;

import java.util.List;
import java.util.Map;
import lateen.decision.net.IpAddress;

/**
 * What a proxy is, namespace and account as authenticated.
 *
 * @param labels as it says itself; used only when no workload is known at its addresses
 * @param version ISTIO_VERSION of its metadata; may be empty
 */
public record ProxyFacts(
        String namespace,
        String serviceAccount,
        Map<String, String> labels,
        List<IpAddress> addresses,
        String version) {

    public ProxyFacts {
        labels = Map.copyOf(labels);
        addresses = List.copyOf(addresses);
    }
}
