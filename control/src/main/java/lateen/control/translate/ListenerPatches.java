package lateen.control.translate;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.ArrayList;
import java.util.List;
import lateen.control.source.EnvoyFilter.ApplyTo;
import lateen.control.source.EnvoyFilter.Operation;
import lateen.control.source.EnvoyFilter.Patch;
import lateen.control.source.PatchMatch;

/** Patches of listeners and of the filters in their chains. */
final class ListenerPatches {

    private static final String MANAGER = "type.googleapis.com/envoy.extensions.filters.network"
            + ".http_connection_manager.v3.HttpConnectionManager";

    private static final String INBOUND = "virtualInbound";

    private final EnvoyPatches patches;
    private final RoutePatches routes;

    ListenerPatches(EnvoyPatches patches, RoutePatches routes) {
        this.patches = patches;
        this.routes = routes;
    }

    /** The listener, or nothing when it was removed. */
    List<Listener> apply(Listener from) {
        Listener listener = from;
        for (Patch patch : patches.of(ApplyTo.LISTENER)) {
            if (patch.operation() == Operation.ADD || !selectsWhole(patch.match(), listener)) {
                continue;
            }
            patches.count(patch, 1);
            if (patch.operation() == Operation.REMOVE) {
                return List.of();
            }
            listener = MessageMerge.merge(listener, patch.value());
        }
        Listener.Builder out = listener.toBuilder();
        for (int i = 0; i < listener.getFilterChainsCount(); i++) {
            out.setFilterChains(i, chain(listener, listener.getFilterChains(i)));
        }
        if (listener.hasDefaultFilterChain()) {
            out.setDefaultFilterChain(chain(listener, listener.getDefaultFilterChain()));
        }
        return List.of(out.build());
    }

    private FilterChain chain(Listener listener, FilterChain chain) {
        PatchedList<Filter> filters = new PatchedList<>(chain.getFiltersList());
        for (Patch patch : patches.of(ApplyTo.NETWORK_FILTER)) {
            PatchMatch match = patch.match();
            if (selects(match, listener) && selects(match, listener, chain)) {
                boolean named = !match.filter().isEmpty();
                Filter value = (Filter) patch.value();
                patches.count(patch, filters.apply(patch, value, f -> selects(match, f), named, _ -> true));
            }
        }
        List<Filter> patched = new ArrayList<>();
        filters.items().forEach(f -> patched.add(manager(listener, chain, f)));
        return chain.toBuilder().clearFilters().addAllFilters(patched).build();
    }

    private Filter manager(Listener listener, FilterChain chain, Filter filter) {
        if (!filter.getTypedConfig().getTypeUrl().equals(MANAGER)) {
            return filter;
        }
        HttpConnectionManager manager = open(filter.getTypedConfig());
        PatchedList<HttpFilter> filters = new PatchedList<>(manager.getHttpFiltersList());
        for (Patch patch : patches.of(ApplyTo.HTTP_FILTER)) {
            PatchMatch match = patch.match();
            if (selects(match, listener) && selects(match, listener, chain) && selects(match, filter)) {
                boolean named = !match.subFilter().isEmpty();
                HttpFilter value = (HttpFilter) patch.value();
                patches.count(
                        patch,
                        filters.apply(patch, value, f -> f.getName().equals(match.subFilter()), named, _ -> true));
            }
        }
        HttpConnectionManager.Builder out =
                manager.toBuilder().clearHttpFilters().addAllHttpFilters(filters.items());
        if (manager.hasRouteConfig()) {
            out.setRouteConfig(routes.apply(manager.getRouteConfig()));
        }
        return filter.toBuilder().setTypedConfig(Pack.any(out.build())).build();
    }

    private static boolean selectsWhole(PatchMatch match, Listener listener) {
        int port = listener.getAddress().getSocketAddress().getPortValue();
        return (match.listener().isEmpty() || match.listener().equals(listener.getName()))
                && (match.port() == 0 || match.port() == port);
    }

    /** A port of the workload is one of the inbound listener's chains, and is looked at there. */
    private static boolean selects(PatchMatch match, Listener listener) {
        return listener.getName().equals(INBOUND)
                ? match.listener().isEmpty() || match.listener().equals(INBOUND)
                : selectsWhole(match, listener);
    }

    private static boolean selects(PatchMatch match, Listener listener, FilterChain chain) {
        int port = chain.getFilterChainMatch().getDestinationPort().getValue();
        boolean inbound = listener.getName().equals(INBOUND);
        return (!inbound || match.port() == 0 || match.port() == port)
                && (match.filterChain().isEmpty() || match.filterChain().equals(chain.getName()))
                && (match.destinationPort() == 0 || match.destinationPort() == port);
    }

    private static boolean selects(PatchMatch match, Filter filter) {
        return match.filter().isEmpty() || match.filter().equals(filter.getName());
    }

    private static HttpConnectionManager open(Any config) {
        try {
            return HttpConnectionManager.parseFrom(config.getValue());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("it was written by this program", e);
        }
    }
}
