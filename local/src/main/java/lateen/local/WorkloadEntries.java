package lateen.local;

import java.util.List;

/** The run's own part of the configuration: an Istio {@code WorkloadEntry} for each member of the mesh. */
final class WorkloadEntries {
    private WorkloadEntries() {}

    /** One member with its addresses. */
    record Member(MeshPlan.Workload workload, Namespace namespace) {}

    static String yaml(List<Member> members) {
        StringBuilder text = new StringBuilder("# Written by `lateen` for this run: the addresses of its workloads.\n");
        for (Member member : members) {
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
                        app: %1$s
                        security.istio.io/tlsMode: istio
                    """.formatted(
                            workload.name(),
                            workload.namespace(),
                            workload.serviceAccount(),
                            member.namespace().ipv4(),
                            member.namespace().ipv6()));
        }
        return text.toString();
    }
}
