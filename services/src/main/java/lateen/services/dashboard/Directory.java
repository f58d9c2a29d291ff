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
 * Finds the node that labels mean: a version of a service, by Istio's canonical names. Labels name it, or only an identity, or only a service, or nothing: what other
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
            String id = id(host.namespace(), host.service(), host.version());
            nodes.put(id, new Node(id, host.service(), host.namespace(), host.version(), host.identity(), kind));
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
        String id = named(series, side);
        if (id.isEmpty()) {
            return "";
        }
        String principal = series.label(side + "principal");
        Node known = nodes.get(id);
        String identity = principal.isEmpty() && known != null ? known.identity() : principal;
        String namespace = series.label(side + "workload_namespace");
        nodes.put(id, new Node(id, service(series, side), namespace, version(series, side), identity, Kind.WORKLOAD));
        if (!principal.isEmpty()) {
            byIdentity.computeIfAbsent(principal, _ -> new TreeSet<>()).add(id);
        }
        return id;
    }

    /** The node that the labels name; empty when they do not. Instances of one version of a service are one node. */
    private static String named(Sample series, String side) {
        String service = service(series, side);
        return service.isEmpty() ? "" : id(series.label(side + "workload_namespace"), service, version(series, side));
    }

    private static String service(Sample series, String side) {
        String canonical = series.label(side + "canonical_service");
        return canonical.isEmpty() ? series.label(side + "workload") : canonical;
    }

    /** Istio's {@code latest} stands for none. */
    private static String version(Sample series, String side) {
        String revision = series.label(side + "canonical_revision");
        return revision.equals("latest") ? "" : revision;
    }

    private static String id(String namespace, String service, String version) {
        return namespace + "/" + service + (version.isEmpty() ? "" : "@" + version);
    }

    /** Workloads that a caller known by its identity only may be; empty when the labels name the workload. */
    List<String> sharing(Sample series) {
        return named(series, "source_").isEmpty()
                ? List.copyOf(byIdentity.getOrDefault(series.label("source_principal"), new TreeSet<>()))
                : List.of();
    }

    String source(Sample series) {
        return peer(series, "source_", () -> outside(CALLERS, "plain callers"));
    }

    String destination(Sample series) {
        return peer(series, "destination_", () -> unnamed(series));
    }

    private String peer(Sample series, String side, java.util.function.Supplier<String> otherwise) {
        String named = named(series, side);
        if (!named.isEmpty()) {
            return named;
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

    private String unnamed(Sample series) {
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
