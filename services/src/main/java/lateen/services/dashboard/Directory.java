package lateen.services.dashboard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import lateen.services.dashboard.MeshGraph.Kind;
import lateen.services.dashboard.MeshGraph.Node;
import lateen.services.dashboard.MetricsSource.Host;

/**
 * Finds the node that labels mean. Labels name a workload, or only an identity, or only a service, or nothing: what other
 * series said of the same identity or service fills the gap. Not for use by several threads.
 */
final class Directory {
    static final String CALLERS = "outside/callers";
    static final String ELSEWHERE = "outside/elsewhere";
    static final String BLOCKED = "outside/blocked";

    private final TreeMap<String, Node> nodes = new TreeMap<>();
    private final Map<String, TreeSet<String>> byIdentity = new HashMap<>();
    private final Map<String, TreeSet<String>> byService = new HashMap<>();

    Directory(List<Host> hosts) {
        for (Host host : hosts) {
            Kind kind = host.identity().isEmpty() ? Kind.OUTSIDE : Kind.WORKLOAD;
            String id = host.namespace() + "/" + host.name();
            nodes.put(id, new Node(id, host.name(), host.namespace(), "", host.identity(), kind));
            if (kind == Kind.WORKLOAD) {
                byIdentity
                        .computeIfAbsent(host.identity(), _ -> new TreeSet<>())
                        .add(id);
            }
        }
    }

    /** To be called with every series before the first question. */
    void learn(Sample series) {
        learn(series, "source_");
        String destination = learn(series, "destination_");
        String service = series.label("destination_service");
        if (!destination.isEmpty() && !service.isEmpty()) {
            byService.computeIfAbsent(service, _ -> new TreeSet<>()).add(destination);
        }
    }

    private String learn(Sample series, String side) {
        String workload = series.label(side + "workload");
        if (workload.isEmpty()) {
            return "";
        }
        String namespace = series.label(side + "workload_namespace");
        String principal = series.label(side + "principal");
        String version = series.label(side + "canonical_revision");
        String id = namespace + "/" + workload;
        Node known = nodes.get(id);
        String identity = principal.isEmpty() && known != null ? known.identity() : principal;
        String revision =
                version.isEmpty() || version.equals("latest") ? known == null ? "" : known.version() : version;
        nodes.put(id, new Node(id, workload, namespace, revision, identity, Kind.WORKLOAD));
        if (!principal.isEmpty()) {
            byIdentity.computeIfAbsent(principal, _ -> new TreeSet<>()).add(id);
        }
        return id;
    }

    /** Workloads that a caller known by its identity only may be; empty when the labels name the workload. */
    List<String> sharing(Sample series) {
        return series.label("source_workload").isEmpty()
                ? List.copyOf(byIdentity.getOrDefault(series.label("source_principal"), new TreeSet<>()))
                : List.of();
    }

    String source(Sample series) {
        return peer(series, "source_", () -> outside(CALLERS, "plain callers"));
    }

    String destination(Sample series) {
        return peer(series, "destination_", () -> service(series));
    }

    private String peer(Sample series, String side, java.util.function.Supplier<String> otherwise) {
        String workload = series.label(side + "workload");
        if (!workload.isEmpty()) {
            return series.label(side + "workload_namespace") + "/" + workload;
        }
        String principal = series.label(side + "principal");
        if (principal.isEmpty()) {
            return otherwise.get();
        }
        TreeSet<String> known = byIdentity.getOrDefault(principal, new TreeSet<>());
        return known.size() == 1 ? known.first() : identity(principal);
    }

    /** {@code spiffe://trust-domain/ns/NAMESPACE/sa/ACCOUNT}, or any other. */
    private String identity(String principal) {
        String[] parts = principal.split("/", -1);
        boolean istio = parts.length == 7 && parts[3].equals("ns") && parts[5].equals("sa");
        String id = "identity/" + principal;
        nodes.putIfAbsent(
                id, new Node(id, istio ? parts[6] : principal, istio ? parts[4] : "", "", principal, Kind.WORKLOAD));
        return id;
    }

    private String service(Sample series) {
        String host = series.label("destination_service");
        String name = series.label("destination_service_name");
        TreeSet<String> workloads = byService.getOrDefault(host, new TreeSet<>());
        if (workloads.size() == 1) {
            return workloads.first();
        }
        if (name.equals("BlackHoleCluster")) {
            return outside(BLOCKED, "blocked");
        }
        if (host.isEmpty()) {
            return outside(ELSEWHERE, "elsewhere");
        }
        String id = "service/" + host;
        nodes.putIfAbsent(
                id,
                new Node(
                        id,
                        name.isEmpty() ? host : name,
                        series.label("destination_service_namespace"),
                        "",
                        "",
                        Kind.SERVICE));
        return id;
    }

    private String outside(String id, String name) {
        nodes.putIfAbsent(id, new Node(id, name, "", "", "", Kind.OUTSIDE));
        return id;
    }

    /** All that was asked for or learned, by id. */
    List<Node> nodes() {
        return new ArrayList<>(nodes.values());
    }
}
