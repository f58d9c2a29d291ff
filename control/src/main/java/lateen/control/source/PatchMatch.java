package lateen.control.source;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * Istio: {@code EnvoyFilter.EnvoyConfigObjectMatch}. What is empty or zero matches everything.
 *
 * @param proxyVersion RE2, found anywhere in the proxy's version; a proxy without one does not match
 * @param listener its name
 * @param port of the listener or route configuration; in {@code virtualInbound} of the filter chain; of the cluster
 * @param filter name of a network filter
 * @param subFilter name of an HTTP filter in it
 * @param virtualHost name
 * @param cluster name, which decides alone
 * @param service host of the cluster
 */
public record PatchMatch(
        Context context,
        String proxyVersion,
        String listener,
        int port,
        String filterChain,
        int destinationPort,
        String filter,
        String subFilter,
        String routeConfiguration,
        String virtualHost,
        boolean namesRoute,
        String route,
        RouteAction action,
        String cluster,
        String service,
        String subset) {

    /** Istio: {@code EnvoyFilter.PatchContext}, as far as supported. */
    public enum Context {
        ANY,
        SIDECAR_INBOUND,
        SIDECAR_OUTBOUND
    }

    /** Istio: {@code RouteMatch.Action}. */
    public enum RouteAction {
        ANY,
        ROUTE,
        REDIRECT,
        DIRECT_RESPONSE
    }

    private static final TextRule RE2 = new TextRule("an RE2 expression", PatchMatch::compiles);

    static PatchMatch read(FieldReader in, EnvoyFilter.ApplyTo applyTo) {
        Context context = in.choice("context", Context.class, Context.ANY);
        FieldReader proxy = in.childOrEmpty("proxy");
        String version = proxy.text("proxyVersion", RE2, "");
        proxy.unsupported("metadata");
        proxy.end();
        switch (applyTo) {
            case LISTENER, NETWORK_FILTER, HTTP_FILTER -> in.unsupported("routeConfiguration", "cluster");
            case ROUTE_CONFIGURATION, VIRTUAL_HOST, HTTP_ROUTE -> in.unsupported("listener", "cluster");
            case CLUSTER -> in.unsupported("listener", "routeConfiguration");
        }
        FieldReader listener = in.childOrEmpty("listener");
        FieldReader routes = in.childOrEmpty("routeConfiguration");
        FieldReader cluster = in.childOrEmpty("cluster");
        in.end();

        FieldReader chain = listener.childOrEmpty("filterChain");
        FieldReader filter = chain.childOrEmpty("filter");
        FieldReader subFilter = filter.childOrEmpty("subFilter");
        FieldReader host = routes.childOrEmpty("vhost");
        FieldReader route = host.childOrEmpty("route");
        listener.unsupported("portName", "listenerFilter");
        chain.unsupported("sni", "transportProtocol", "applicationProtocols");
        routes.unsupported("portName", "gateway");
        host.unsupported("domainName");
        PatchMatch match = new PatchMatch(
                context,
                version,
                listener.text("name", TextRule.ANY, ""),
                port(listener, "portNumber") + port(routes, "portNumber") + port(cluster, "portNumber"),
                chain.text("name", TextRule.ANY, ""),
                port(chain, "destinationPort"),
                filter.text("name", TextRule.ANY, ""),
                subFilter.text("name", TextRule.ANY, ""),
                routes.text("name", TextRule.ANY, ""),
                host.text("name", TextRule.ANY, ""),
                host.has("route"),
                route.text("name", TextRule.ANY, ""),
                route.choice("action", RouteAction.class, RouteAction.ANY),
                cluster.text("name", TextRule.ANY, ""),
                cluster.text("service", TextRule.ANY, ""),
                cluster.text("subset", TextRule.ANY, ""));
        for (FieldReader each : new FieldReader[] {subFilter, filter, chain, listener, route, host, routes, cluster}) {
            each.end();
        }
        return match;
    }

    private static int port(FieldReader in, String name) {
        return in.integer(name, 1, 65535, 0);
    }

    /** Whether the patch is for proxies of this version, as in their metadata ISTIO_VERSION; may be empty. */
    public boolean takesVersion(String version) {
        return proxyVersion.isEmpty()
                || (!version.isEmpty()
                        && Pattern.compile(proxyVersion).matcher(version).find());
    }

    private static boolean compiles(String expression) {
        try {
            Pattern.compile(expression);
            return true;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }
}
