package lateen.decision.route;

import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.Route;
import lateen.decision.config.RouteConfig.VirtualHost;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.RequestView;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the route of a request: the virtual host by its authority ({@link DomainTable}), then the first of its routes
 * that matches. Envoy: {@code config.route.v3.RouteConfiguration}. Immutable.
 */
public final class RouteTable {

    private static final RouteDecision NO_VIRTUAL_HOST = new RouteDecision.NoVirtualHost();

    private final DomainTable<Host> domains;
    private final boolean ignorePort;
    private final int routeCount;

    private RouteTable(DomainTable<Host> domains, boolean ignorePort, int routeCount) {
        this.domains = domains;
        this.ignorePort = ignorePort;
        this.routeCount = routeCount;
    }

    /**
     * @throws IllegalArgumentException when a domain stands in two virtual hosts or a regular expression is not RE2
     *     syntax; names both hosts, or the expression
     */
    public static RouteTable compile(RouteConfig config) {
        DomainTable.Builder<Host> domains = new DomainTable.Builder<>();
        int ordinal = 0;
        for (VirtualHost host : config.virtualHosts()) {
            List<Rule> rules = new ArrayList<>();
            for (Route route : host.routes()) {
                rules.add(
                        new Rule(RouteMatcher.compile(route.match()), new RouteDecision.Matched(host, route, ordinal)));
                ordinal++;
            }
            Host compiled = new Host(host.name(), rules.toArray(Rule[]::new), new RouteDecision.NoRoute(host));
            for (String domain : host.domains()) {
                Host other = domains.put(domain, compiled);
                if (other != null && !other.equals(compiled)) {
                    throw new IllegalArgumentException("route configuration '" + config.name() + "': domain '" + domain
                            + "' stands in virtual hosts '" + other.name() + "' and '" + host.name()
                            + "' (expected: in one)");
                }
            }
        }
        return new RouteTable(domains.build(), config.ignorePortInHost(), ordinal);
    }

    public RouteDecision route(RequestView request) {
        ByteSlice authority = request.authority();
        int end = ignorePort
                ? Authority.endOfHost(authority.array(), authority.start(), authority.end())
                : authority.end();
        @Nullable Host host = domains.find(authority.array(), authority.start(), end);
        if (host == null) {
            return NO_VIRTUAL_HOST;
        }
        for (Rule rule : host.rules) {
            if (rule.matcher.matches(request)) {
                return rule.matched;
            }
        }
        return host.noRoute;
    }

    /** How many routes there are; {@link RouteDecision.Matched#ordinal()} is below it. */
    public int routeCount() {
        return routeCount;
    }

    private record Rule(RouteMatcher matcher, RouteDecision.Matched matched) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared, never seen outside
    private record Host(String name, Rule[] rules, RouteDecision noRoute) {}
}
