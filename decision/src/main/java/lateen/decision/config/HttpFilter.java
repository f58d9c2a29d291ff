package lateen.decision.config;

import org.jspecify.annotations.Nullable;

/** A step of the HTTP pipeline. */
public sealed interface HttpFilter {

    /**
     * Authorization of a request. Envoy: {@code envoy.filters.http.rbac}.
     *
     * @param shadow rules that only mark the request; null: none
     */
    record Rbac(RbacConfig rules, RbacConfig.@Nullable Shadow shadow) implements HttpFilter {
        public Rbac(RbacConfig rules) {
            this(rules, null);
        }
    }

    /** Authorization of a request by a server that is asked. Envoy: {@code envoy.filters.http.ext_authz}. */
    record ExtAuthz(ExtAuthzConfig config) implements HttpFilter {}

    /**
     * A limit counted in this proxy. Envoy: {@code envoy.filters.http.local_ratelimit}.
     *
     * @param name by which routes mean this filter, see {@link RouteConfig.Route#overrides}
     */
    record LocalRateLimited(String name, LocalRateLimit limit) implements HttpFilter {}

    /** Forwards to the route's cluster; always last. Envoy: {@code envoy.filters.http.router}. */
    record Router() implements HttpFilter {}
}
