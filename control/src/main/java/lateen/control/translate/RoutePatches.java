package lateen.control.translate;

import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.List;
import lateen.control.source.EnvoyFilter.ApplyTo;
import lateen.control.source.EnvoyFilter.Operation;
import lateen.control.source.EnvoyFilter.Patch;
import lateen.control.source.PatchMatch;

/** Patches of route configurations, and of the virtual hosts and routes in them. */
final class RoutePatches {

    private final EnvoyPatches patches;

    RoutePatches(EnvoyPatches patches) {
        this.patches = patches;
    }

    RouteConfiguration apply(RouteConfiguration from) {
        RouteConfiguration routes = from;
        for (Patch patch : patches.of(ApplyTo.ROUTE_CONFIGURATION)) {
            if (selects(patch.match(), routes)) {
                routes = MessageMerge.merge(routes, patch.value());
                patches.count(patch, 1);
            }
        }
        String name = routes.getName();
        PatchedList<VirtualHost> hosts = new PatchedList<>(routes.getVirtualHostsList());
        // What is added is not patched further, as in Istio.
        edit(hosts, from, false);
        hosts.items().replaceAll(host -> routes(from, host));
        edit(hosts, from, true);
        return routes.toBuilder()
                .setName(name)
                .clearVirtualHosts()
                .addAllVirtualHosts(hosts.items())
                .build();
    }

    private void edit(PatchedList<VirtualHost> hosts, RouteConfiguration routes, boolean adding) {
        for (Patch patch : patches.of(ApplyTo.VIRTUAL_HOST)) {
            if ((patch.operation() == Operation.ADD) == adding && selects(patch.match(), routes)) {
                VirtualHost value = (VirtualHost) patch.value();
                patches.count(patch, hosts.apply(patch, value, h -> selects(patch.match(), h), true, _ -> false));
            }
        }
    }

    private VirtualHost routes(RouteConfiguration routes, VirtualHost host) {
        List<Patch> ours = patches.of(ApplyTo.HTTP_ROUTE).stream()
                .filter(p -> selects(p.match(), routes) && selects(p.match(), host))
                .toList();
        PatchedList<Route> list = new PatchedList<>(host.getRoutesList());
        for (Patch patch : ours) {
            PatchMatch match = patch.match();
            // A route that is to be first only where another one is.
            boolean idle = patch.operation() == Operation.INSERT_FIRST
                    && match.namesRoute()
                    && list.items().stream().noneMatch(r -> selects(match, r));
            if (!idle) {
                Route value = (Route) patch.value();
                patches.count(patch, list.apply(patch, value, r -> selects(match, r), match.namesRoute(), _ -> false));
            }
        }
        return host.toBuilder().clearRoutes().addAllRoutes(list.items()).build();
    }

    /** The port is in the name: {@code 80}, or {@code inbound|8080||}. */
    private static boolean selects(PatchMatch match, RouteConfiguration routes) {
        String[] parts = routes.getName().split("\\|", -1);
        String port = parts.length == 4 ? parts[1] : routes.getName();
        return (match.port() == 0 || port.equals(String.valueOf(match.port())))
                && (match.routeConfiguration().isEmpty()
                        || match.routeConfiguration().equals(routes.getName()));
    }

    private static boolean selects(PatchMatch match, VirtualHost host) {
        return match.virtualHost().isEmpty() || match.virtualHost().equals(host.getName());
    }

    private static boolean selects(PatchMatch match, Route route) {
        boolean action = switch (match.action()) {
            case ANY -> true;
            case ROUTE -> route.hasRoute();
            case REDIRECT -> route.hasRedirect();
            case DIRECT_RESPONSE -> route.hasDirectResponse();
        };
        return action && (match.route().isEmpty() || match.route().equals(route.getName()));
    }
}
