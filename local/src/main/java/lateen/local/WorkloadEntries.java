package lateen.local;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** The run's own part of the configuration: an Istio {@code WorkloadEntry} for each instance. */
final class WorkloadEntries {
    private WorkloadEntries() {}

    static String yaml(Collection<Instance> instances) {
        StringBuilder text = new StringBuilder("# Written by `lateen` for this run: the addresses of its workloads.\n");
        for (Instance member : instances) {
            MeshPlan.Workload workload = member.workload();
            text.append("""
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: WorkloadEntry
                    metadata:
                      name: %1$s
                      namespace: %2$s
                      annotations:
                        networking.lateen/additional-addresses: "%5$s"
                    spec:
                      address: %4$s
                      serviceAccount: %3$s
                      labels:
                    """.formatted(
                            member.name(),
                            workload.namespace(),
                            workload.serviceAccount(),
                            member.namespace().ipv4(),
                            member.namespace().ipv6()));
            Map<String, String> labels = new TreeMap<>(workload.labels());
            if (workload.sidecar()) {
                labels.put("security.istio.io/tlsMode", "istio");
            }
            labels.forEach((key, value) -> text.append("    " + key + ": \"" + value + "\"\n"));
        }
        return text.toString();
    }

    /** As Istio's injector hands the labels of a pod to its sidecar: a JSON object. */
    static String labelsJson(Map<String, String> labels) {
        StringBuilder json = new StringBuilder("{");
        new TreeMap<>(labels)
                .forEach((key, value) ->
                        json.append(json.length() > 1 ? "," : "").append('"' + key + "\":\"" + value + '"'));
        return json.append('}').toString();
    }
}
