package lateen.decision.route;

import lateen.decision.config.RouteConfig.Route;
import lateen.decision.config.RouteConfig.VirtualHost;

/** What a {@link RouteTable} says of a request. Made when the table is compiled, never for a request. */
public sealed interface RouteDecision {

    /**
     * @param ordinal of the route within its table, 0 to {@link RouteTable#routeCount()} − 1, for tables of one's own
     */
    record Matched(VirtualHost virtualHost, Route route, int ordinal) implements RouteDecision {}

    /** No virtual host has the request's authority. */
    record NoVirtualHost() implements RouteDecision {}

    /** The virtual host has no route for the request. */
    record NoRoute(VirtualHost virtualHost) implements RouteDecision {}
}
