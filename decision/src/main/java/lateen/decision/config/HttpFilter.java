package lateen.decision.config;

/** A step of the HTTP pipeline. */
public sealed interface HttpFilter {

    /** Authorization of a request. Envoy: {@code envoy.filters.http.rbac}. */
    record Rbac(RbacConfig rules) implements HttpFilter {}

    /** Forwards to the route's cluster; always last. Envoy: {@code envoy.filters.http.router}. */
    record Router() implements HttpFilter {}
}
