package lateen.xds.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.HeaderEdits;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ProxyConfig;
import lateen.decision.config.RouteConfig;
import lateen.xds.ResourceType;
import lateen.xds.client.SnapshotAssembler.Arrived;

/**
 * What the states of all types hold, as input of the assembler. Owned by the client's thread.
 *
 * <p>What the control plane says it does not have counts as arrived and empty: waiting for it would keep back a listener
 * for ever. Routes are then answered 404, a cluster has no endpoints.
 */
final class Resolved {

    private final Map<ResourceType, TypeState> types;
    private final SnapshotAssembler assembler = new SnapshotAssembler();
    private final Map<String, RouteConfig> emptyRoutes = new HashMap<>();
    private final Map<String, ClusterEndpoints> emptyEndpoints = new HashMap<>();

    Resolved(Map<ResourceType, TypeState> types) {
        this.types = types;
    }

    ProxyConfig assemble(ProxyConfig before) {
        Map<String, RouteConfig> routes = held(ResourceType.ROUTE, RouteConfig.class);
        fill(
                routes,
                absent(ResourceType.ROUTE),
                emptyRoutes,
                name -> new RouteConfig(name, List.of(), HeaderEdits.NONE, HeaderEdits.NONE, false, Map.of()));
        Map<String, ClusterEndpoints> endpoints = held(ResourceType.ENDPOINT, ClusterEndpoints.class);
        fill(endpoints, absent(ResourceType.ENDPOINT), emptyEndpoints, name -> new ClusterEndpoints(name, List.of()));
        return assembler.assemble(
                new Arrived(
                        held(ResourceType.LISTENER, ListenerConfig.class),
                        routes,
                        held(ResourceType.CLUSTER, ClusterConfig.class),
                        endpoints,
                        answered(ResourceType.CLUSTER)),
                before);
    }

    /** The first full set is there: both kinds were answered, and nothing waits. */
    boolean complete() {
        return answered(ResourceType.CLUSTER)
                && answered(ResourceType.LISTENER)
                && assembler.waiting().isEmpty();
    }

    Set<String> waiting() {
        return assembler.waiting();
    }

    /** Whether each resource is the same object in both. */
    static boolean same(ProxyConfig a, ProxyConfig b) {
        return same(a.listeners(), b.listeners())
                && same(a.routes(), b.routes())
                && same(a.clusters(), b.clusters())
                && same(a.endpoints(), b.endpoints());
    }

    @SuppressWarnings(
            "ReferenceEquality") // An equal record of a newer version is replaced too; that costs nothing here.
    private static <T> boolean same(Map<String, T> a, Map<String, T> b) {
        return a.size() == b.size()
                && a.entrySet().stream().allMatch(entry -> entry.getValue() == b.get(entry.getKey()));
    }

    private static <T> void fill(
            Map<String, T> held, Set<String> absent, Map<String, T> empties, Function<String, T> empty) {
        empties.keySet().retainAll(absent);
        for (String name : absent) {
            if (!held.containsKey(name)) {
                // The same empty object each time, so that nobody takes it for a change.
                held.put(name, empties.computeIfAbsent(name, empty));
            }
        }
    }

    private <T> Map<String, T> held(ResourceType type, Class<T> kind) {
        TypeState state = types.get(type);
        return state == null ? new HashMap<>() : state.records(kind);
    }

    private Set<String> absent(ResourceType type) {
        TypeState state = types.get(type);
        return state == null ? Set.of() : state.absent();
    }

    private boolean answered(ResourceType type) {
        TypeState state = types.get(type);
        return state != null && state.answered();
    }
}
