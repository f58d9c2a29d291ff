package lateen.proxy.program;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lateen.decision.config.FilterOverride;
import lateen.decision.config.LocalRateLimit;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.Route;
import lateen.decision.config.RouteConfig.RouteAction;
import lateen.decision.config.RouteConfig.VirtualHost;
import lateen.decision.request.RequestView;
import lateen.decision.route.PathRewrite;
import lateen.decision.route.RouteDecision;
import lateen.decision.route.RouteTable;
import lateen.decision.route.WeightedChoice;
import lateen.proxy.stats.ProxyMetrics;
import org.jspecify.annotations.Nullable;

/** A route configuration ready for use: the table, and beside it what each route needs at run time. */
public final class RouteProgram {
    private final RouteConfig config;
    private final RouteTable table;
    private final CompiledRoute[] routes;

    private RouteProgram(RouteConfig config, RouteTable table, CompiledRoute[] routes) {
        this.config = config;
        this.table = table;
        this.routes = routes;
    }

    /**
     * One route.
     *
     * @param clusters null unless it forwards
     * @param rewrite null: the path stays
     * @param requestEdits of route, virtual host and table, in Envoy's order
     * @param limits in place of a filter's own, by its name
     */
    public record CompiledRoute(
            VirtualHost host,
            Route route,
            @Nullable WeightedChoice clusters,
            @Nullable PathRewrite rewrite,
            Edits requestEdits,
            Edits responseEdits,
            Map<String, RateLimit> limits) {}

    /** @throws IllegalArgumentException saying what cannot be used */
    static RouteProgram compile(RouteConfig config, ProxyMetrics metrics) {
        List<CompiledRoute> compiled = new ArrayList<>();
        Map<String, RateLimit> everywhere = limits(Map.of(), config.overrides(), metrics);
        for (VirtualHost host : config.virtualHosts()) {
            // One for all routes of the host.
            Map<String, RateLimit> ofHost = limits(everywhere, host.overrides(), metrics);
            for (Route route : host.routes()) {
                compiled.add(compile(config, host, route, limits(ofHost, route.overrides(), metrics)));
            }
        }
        return new RouteProgram(config, RouteTable.compile(config), compiled.toArray(CompiledRoute[]::new));
    }

    private static Map<String, RateLimit> limits(
            Map<String, RateLimit> around, Map<String, FilterOverride> own, ProxyMetrics metrics) {
        if (own.isEmpty()) {
            return around;
        }
        Map<String, RateLimit> limits = new HashMap<>(around);
        own.forEach((name, override) -> {
            switch (override) {
                case LocalRateLimit limit -> limits.put(name, new RateLimit(name, limit, metrics, System.nanoTime()));
            }
        });
        return Map.copyOf(limits);
    }

    private static CompiledRoute compile(
            RouteConfig config, VirtualHost host, Route route, Map<String, RateLimit> limits) {
        WeightedChoice clusters = null;
        PathRewrite rewrite = null;
        switch (route.action()) {
            case RouteAction.Forward forward -> {
                clusters = WeightedChoice.compile(forward.clusters());
                if (forward.prefixRewrite() != null) {
                    rewrite = PathRewrite.compile(route.match().path(), forward.prefixRewrite());
                }
            }
            case RouteAction.Redirect redirect -> {
                if (redirect.prefixRewrite() != null) {
                    rewrite = PathRewrite.compile(route.match().path(), redirect.prefixRewrite());
                }
            }
            case RouteAction.DirectResponse ignored -> {}
        }
        // Envoy applies the most specific first: route, virtual host, route configuration.
        return new CompiledRoute(
                host,
                route,
                clusters,
                rewrite,
                Edits.of(List.of(route.requestEdits(), host.requestEdits(), config.requestEdits())),
                Edits.of(List.of(route.responseEdits(), host.responseEdits(), config.responseEdits())),
                limits);
    }

    RouteConfig config() {
        return config;
    }

    /** Null: none matches. */
    public @Nullable CompiledRoute route(RequestView request) {
        return switch (table.route(request)) {
            case RouteDecision.Matched matched -> routes[matched.ordinal()];
            case RouteDecision.NoRoute ignored -> null;
            case RouteDecision.NoVirtualHost ignored -> null;
        };
    }
}
