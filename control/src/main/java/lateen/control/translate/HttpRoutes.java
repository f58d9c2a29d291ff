package lateen.control.translate;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction.RedirectResponseCode;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lateen.control.source.HeaderChanges;
import lateen.control.source.HttpMatch;
import lateen.control.source.HttpRoute;
import lateen.control.source.HttpRoute.Action;
import lateen.control.source.HttpRoute.Weighted;
import lateen.control.source.VirtualService;

/** The HTTP routes of a VirtualService as one caller on one port has them. */
final class HttpRoutes {

    private final Destinations destinations;
    private final String namespace;
    private final Map<String, String> labels;

    /**
     * @param namespace of the caller
     * @param labels of the caller
     */
    HttpRoutes(Destinations destinations, String namespace, Map<String, String> labels) {
        this.destinations = destinations;
        this.namespace = namespace;
        this.labels = labels;
    }

    /** In order of precedence; what comes after a route that takes everything is left out. */
    List<Route> of(VirtualService service, int port) {
        List<Route> routes = new ArrayList<>();
        for (HttpRoute route : service.http()) {
            if (route.matches().isEmpty()) {
                routes.add(route(service, route, route.name(), RouteMatches.ANY, port));
                return routes;
            }
            for (HttpMatch match : route.matches()) {
                Integer wanted = match.port();
                if ((wanted == null || wanted == port) && match.source().matches(namespace, labels)) {
                    String name = match.name().isEmpty() ? route.name() : route.name() + "." + match.name();
                    routes.add(route(service, route, name, RouteMatches.of(match), port));
                }
            }
        }
        return routes;
    }

    private Route route(VirtualService service, HttpRoute route, String name, RouteMatch match, int port) {
        Route.Builder out = Route.newBuilder()
                .setName(name)
                .setMatch(match)
                .setMetadata(Pack.origin("virtual-service", service.meta()));
        headers(route.headers(), out);
        switch (route.action()) {
            case Action.Forward forward -> forward(service, route, forward, port, out);
            case Action.Redirect redirect -> out.setRedirect(redirect(redirect, port));
            case Action.Direct(int status, String body) -> {
                DirectResponseAction.Builder direct =
                        DirectResponseAction.newBuilder().setStatus(status);
                if (!body.isEmpty()) {
                    direct.setBody(DataSource.newBuilder().setInlineString(body));
                }
                out.setDirectResponse(direct);
            }
        }
        return out.build();
    }

    private void forward(VirtualService service, HttpRoute route, Action.Forward forward, int port, Route.Builder out) {
        java.time.Duration timeout = forward.timeout();
        RouteAction.Builder action = RouteAction.newBuilder()
                .setTimeout(timeout == null ? Duration.getDefaultInstance() : Pack.duration(timeout));
        String authority = forward.rewriteAuthority() != null
                ? forward.rewriteAuthority()
                : route.headers().authority();
        if (forward.destinations().size() == 1) {
            Weighted only = forward.destinations().getFirst();
            action.setCluster(destinations.cluster(service, only.destination(), port));
            headers(only.headers(), out);
            authority = authority != null ? authority : only.headers().authority();
        } else {
            action.setWeightedClusters(weighted(service, forward.destinations(), port));
        }
        if (forward.rewritePath() != null) {
            action.setPrefixRewrite(forward.rewritePath());
        }
        if (authority != null) {
            action.setHostRewriteLiteral(authority);
        }
        RetryPolicies.of(forward.retries()).ifPresent(action::setRetryPolicy);
        out.setRoute(action);
    }

    /** As in Istio, a destination of weight 0 beside others is left out. */
    private WeightedCluster weighted(VirtualService service, List<Weighted> all, int port) {
        WeightedCluster.Builder out = WeightedCluster.newBuilder();
        for (Weighted each : all) {
            if (each.weight() > 0) {
                out.addClusters(WeightedCluster.ClusterWeight.newBuilder()
                        .setName(destinations.cluster(service, each.destination(), port))
                        .setWeight(Pack.number(each.weight())));
            }
        }
        return out.build();
    }

    private static RedirectAction redirect(Action.Redirect redirect, int listenerPort) {
        RedirectAction.Builder out = RedirectAction.newBuilder()
                .setResponseCode(
                        switch (redirect.status()) {
                            case 302 -> RedirectResponseCode.FOUND;
                            case 303 -> RedirectResponseCode.SEE_OTHER;
                            case 307 -> RedirectResponseCode.TEMPORARY_REDIRECT;
                            case 308 -> RedirectResponseCode.PERMANENT_REDIRECT;
                            default -> RedirectResponseCode.MOVED_PERMANENTLY;
                        });
        if (redirect.path() != null) {
            out.setPathRedirect(redirect.path());
        }
        if (redirect.authority() != null) {
            out.setHostRedirect(redirect.authority());
        }
        if (redirect.scheme() != null) {
            out.setSchemeRedirect(redirect.scheme());
        }
        int port = redirect.listenerPort() ? listenerPort : redirect.port();
        boolean https = "https".equals(redirect.scheme());
        // The scheme's own port goes without saying.
        return out.setPortRedirect(port == (https ? 443 : 80) ? 0 : port).build();
    }

    private static void headers(HeaderChanges changes, Route.Builder out) {
        HeaderChanges.Side request = changes.request();
        request.set().forEach((k, v) -> out.addRequestHeadersToAdd(header(k, v, true)));
        request.add().forEach((k, v) -> out.addRequestHeadersToAdd(header(k, v, false)));
        out.addAllRequestHeadersToRemove(request.remove());
        HeaderChanges.Side response = changes.response();
        response.set().forEach((k, v) -> out.addResponseHeadersToAdd(header(k, v, true)));
        response.add().forEach((k, v) -> out.addResponseHeadersToAdd(header(k, v, false)));
        out.addAllResponseHeadersToRemove(response.remove());
    }

    private static HeaderValueOption header(String name, String value, boolean set) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                .setAppendAction(
                        set
                                ? HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD
                                : HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD)
                .build();
    }
}
