package lateen.xds.client;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
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
import lateen.xds.client.Need.Needs;
import lateen.xds.client.SnapshotAssembler.Arrived;
import lateen.xds.decode.SecretConfig;

/**
 * What all sources hold, as input of the assembler. Owned by the client's thread.
 *
 * <p>What a source says it does not have counts as arrived and empty: waiting for it would keep back a listener for ever.
 * Routes are then answered 404, a cluster has no endpoints.
 */
final class Resolved {

    private final Function<ResourceType, ? extends Collection<TypeState>> states;
    private final Function<ResourceType, ? extends Collection<TypeState>> roots;
    private final SnapshotAssembler assembler = new SnapshotAssembler();
    private final Map<String, RouteConfig> emptyRoutes = new HashMap<>();
    private final Map<String, ClusterEndpoints> emptyEndpoints = new HashMap<>();

    /**
     * @param states of a type, those first whose resources count where two have the same name
     * @param roots those of them that are asked for all there is
     */
    Resolved(
            Function<ResourceType, ? extends Collection<TypeState>> states,
            Function<ResourceType, ? extends Collection<TypeState>> roots) {
        this.states = states;
        this.roots = roots;
    }

    /** @param needs of records that came or are in effect, by identity */
    ProxyConfig assemble(ProxyConfig before, IdentityHashMap<Object, Needs> needs) {
        Map<String, RouteConfig> routes = held(ResourceType.ROUTE, RouteConfig.class);
        fill(
                routes,
                absent(ResourceType.ROUTE),
                emptyRoutes,
                name -> new RouteConfig(name, List.of(), HeaderEdits.NONE, HeaderEdits.NONE, false, Map.of()));
        Map<String, ClusterEndpoints> endpoints = held(ResourceType.ENDPOINT, ClusterEndpoints.class);
        fill(endpoints, absent(ResourceType.ENDPOINT), emptyEndpoints, name -> new ClusterEndpoints(name, List.of()));
        Set<String> secrets =
                new HashSet<>(held(ResourceType.SECRET, SecretConfig.class).keySet());
        secrets.addAll(absent(ResourceType.SECRET));
        return assembler.assemble(
                new Arrived(
                        held(ResourceType.LISTENER, ListenerConfig.class),
                        routes,
                        held(ResourceType.CLUSTER, ClusterConfig.class),
                        endpoints,
                        record -> needs.getOrDefault(record, Needs.NONE).named().stream()
                                .allMatch(need -> need.type() != ResourceType.SECRET || secrets.contains(need.name())),
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

    <T> Map<String, T> held(ResourceType type, Class<T> kind) {
        Map<String, T> held = new HashMap<>();
        states.apply(type).forEach(state -> state.addTo(held, kind));
        return held;
    }

    private Set<String> absent(ResourceType type) {
        Set<String> absent = new HashSet<>();
        states.apply(type).forEach(state -> absent.addAll(state.absent()));
        return absent;
    }

    private boolean answered(ResourceType type) {
        return roots.apply(type).stream().allMatch(TypeState::answered);
    }
}
