package lateen.control.translate;

import java.util.List;
import java.util.Map;
import lateen.decision.net.IpAddress;

/**
 * What a proxy is, namespace and account as authenticated.
 *
 * @param labels as it says itself; used only when no workload is known at its addresses
 */
public record ProxyFacts(
        String namespace, String serviceAccount, Map<String, String> labels, List<IpAddress> addresses) {

    public ProxyFacts {
        labels = Map.copyOf(labels);
        addresses = List.copyOf(addresses);
    }
}
