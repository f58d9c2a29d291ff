package lateen.control.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lateen.decision.net.IpAddress;

/**
 * Istio: {@code WorkloadEntry}. A second address, as of the other family, stands in annotation {@value
 * #MORE_ADDRESSES}, separated by commas; Istio's own API has room for one only.
 *
 * @param addresses the first is {@code spec.address}
 * @param serviceAccount {@code default} unless set
 * @param ports name of a Service's port → port here
 * @param weight 1 or more
 */
public record WorkloadEntry(
        ObjectMeta meta,
        List<IpAddress> addresses,
        Map<String, String> labels,
        String serviceAccount,
        Map<String, Integer> ports,
        int weight)
        implements ConfigObject {

    /** Lateen's own annotation. */
    public static final String MORE_ADDRESSES = "networking.lateen/additional-addresses";

    public WorkloadEntry {
        addresses = List.copyOf(addresses);
        labels = Map.copyOf(labels);
        ports = Map.copyOf(ports);
    }

    @Override
    public String kind() {
        return "WorkloadEntry";
    }

    static WorkloadEntry read(ObjectMeta meta, FieldReader object) {
        FieldReader spec = object.childOrEmpty("spec");
        List<IpAddress> addresses = new ArrayList<>();
        String first = spec.required("address", TextRule.ADDRESS);
        if (!first.isEmpty()) {
            addresses.add(IpAddress.parse(first));
        }
        for (String more : meta.annotations().getOrDefault(MORE_ADDRESSES, "").split(",")) {
            if (TextRule.ADDRESS.holds().test(more.strip())) {
                addresses.add(IpAddress.parse(more.strip()));
            } else if (!more.isBlank()) {
                String path = "metadata.annotations." + MORE_ADDRESSES;
                spec.problems().error(meta.at(path), path, '"' + more + "\" (expected: addresses, comma between)");
            }
        }
        Map<String, String> labels = spec.textMap("labels");
        String account = spec.text("serviceAccount", TextRule.OBJECT_NAME, "default");
        Map<String, Integer> ports = spec.integerMap("ports", 1, 65535);
        int weight = spec.integer("weight", 1, Integer.MAX_VALUE, 1);
        spec.unsupported("network", "locality");
        spec.end();
        return new WorkloadEntry(meta, addresses, labels, account, ports, weight);
    }
}
