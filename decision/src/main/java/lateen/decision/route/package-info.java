/**
 * Choosing a virtual host, a route and a cluster for a request, and rewriting its path.
 *
 * <p>Pure and immutable; shared freely between threads. Choosing allocates nothing, but for what regular expressions
 * and repeated headers need. Read first: {@link lateen.decision.route.RouteTable}.
 */
package lateen.decision.route;
