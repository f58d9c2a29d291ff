package lateen.control.translate;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lateen.control.source.EnvoyFilter.ApplyTo;
import lateen.control.source.EnvoyFilter.Operation;
import lateen.control.source.EnvoyFilter.Patch;
import lateen.control.source.PatchMatch;
import lateen.control.source.PatchMatch.Context;

/**
 * Changes what was translated for one side of a proxy, as EnvoyFilters say, and counts how often each patch did so. As in
 * Istio, outer things are patched before what is in them, whatever the order of the patches: a listener, its chains'
 * network filters, their HTTP filters; a route configuration, its virtual hosts, their routes.
 */
final class EnvoyPatches {

    private final Context side;
    private final Map<ApplyTo, List<Patch>> patches = new EnumMap<>(ApplyTo.class);
    private final Map<String, Integer> applied = new TreeMap<>();

    /** @param patches for this proxy and side, in the order of application */
    EnvoyPatches(Context side, List<Patch> patches) {
        this.side = side;
        for (Patch patch : patches) {
            this.patches
                    .computeIfAbsent(patch.applyTo(), _ -> new ArrayList<>())
                    .add(patch);
            applied.put(patch.name(), 0);
        }
    }

    ProxyResources apply(ProxyResources from) {
        if (patches.isEmpty()) {
            return from;
        }
        RoutePatches routes = new RoutePatches(this);
        ListenerPatches listeners = new ListenerPatches(this, routes);
        List<Listener> patchedListeners = new ArrayList<>();
        from.listeners().forEach(l -> patchedListeners.addAll(listeners.apply(l)));
        added(ApplyTo.LISTENER).forEach(p -> patchedListeners.add((Listener) p.value()));
        return new ProxyResources(
                clusters(from.clusters()),
                from.endpoints(),
                patchedListeners,
                from.routes().stream().map(routes::apply).toList(),
                applied);
    }

    List<Patch> of(ApplyTo applyTo) {
        return patches.getOrDefault(applyTo, List.of());
    }

    void count(Patch patch, int times) {
        applied.merge(patch.name(), times, Integer::sum);
    }

    private List<Cluster> clusters(List<Cluster> from) {
        PatchedList<Cluster> clusters = new PatchedList<>(from);
        for (Patch patch : of(ApplyTo.CLUSTER)) {
            if (patch.operation() != Operation.ADD) {
                Cluster value = (Cluster) patch.value();
                count(patch, clusters.apply(patch, value, c -> selects(patch.match(), c), true, _ -> false));
            }
        }
        added(ApplyTo.CLUSTER).forEach(p -> clusters.items().add((Cluster) p.value()));
        return clusters.items();
    }

    /** Of a patch for both sides one is enough: listeners and clusters of both live in the same proxy. */
    private List<Patch> added(ApplyTo applyTo) {
        List<Patch> added = of(applyTo).stream()
                .filter(p -> p.operation() == Operation.ADD)
                .filter(p -> p.match().context() == side || side == Context.SIDECAR_OUTBOUND)
                .toList();
        added.forEach(p -> count(p, 1));
        return added;
    }

    /** Names are {@code direction|port|subset|host}; a cluster of another form has only its name. */
    private static boolean selects(PatchMatch match, Cluster cluster) {
        if (!match.cluster().isEmpty()) {
            return match.cluster().equals(cluster.getName());
        }
        String[] parts = cluster.getName().split("\\|", -1);
        String port = parts.length == 4 ? parts[1] : "";
        String subset = parts.length == 4 ? parts[2] : "";
        String host = parts.length == 4 ? parts[3] : "";
        return (match.port() == 0 || port.equals(String.valueOf(match.port())))
                && (match.subset().isEmpty() || match.subset().equals(subset))
                && (match.service().isEmpty() || match.service().equals(host));
    }
}
