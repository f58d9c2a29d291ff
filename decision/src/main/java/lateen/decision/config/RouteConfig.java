package lateen.decision.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Envoy: {@code config.route.v3.RouteConfiguration}.
 *
 * @param ignorePortInHost a port in the request's authority does not count when the virtual host is chosen
 */
public record RouteConfig(
        String name,
        List<VirtualHost> virtualHosts,
        HeaderEdits requestEdits,
        HeaderEdits responseEdits,
        boolean ignorePortInHost) {

    public RouteConfig {
        virtualHosts = List.copyOf(virtualHosts);
    }

    /**
     * Envoy: {@code VirtualHost}.
     *
     * @param domains lower case: exact, {@code *.suffix}, {@code prefix.*} or {@code *}; no domain stands in two hosts
     * @param retry for routes that say nothing of their own
     */
    public record VirtualHost(
            String name,
            List<String> domains,
            List<Route> routes,
            HeaderEdits requestEdits,
            HeaderEdits responseEdits,
            @Nullable RetryPolicy retry) {
        public VirtualHost {
            domains = List.copyOf(domains);
            routes = List.copyOf(routes);
        }
    }

    /**
     * Envoy: {@code Route}.
     *
     * @param origin the configuration object that asked for this route, as Istio writes it in metadata
     *     ({@code /apis/networking.istio.io/v1/namespaces/NS/virtual-service/NAME}); empty: unknown
     */
    public record Route(
            String name,
            RouteMatch match,
            RouteAction action,
            HeaderEdits requestEdits,
            HeaderEdits responseEdits,
            String origin) {}

    /**
     * Envoy: {@code RouteMatch}.
     *
     * @param headers all must match
     * @param query all must match; names are query parameters, decoded as Envoy does (not at all)
     */
    public record RouteMatch(
            PathMatch path, boolean caseSensitive, List<HeaderMatcher> headers, List<QueryMatcher> query) {
        public RouteMatch {
            headers = List.copyOf(headers);
            query = List.copyOf(query);
        }
    }

    /** A query parameter must be there ({@code matcher} null), or its value must match. */
    public record QueryMatcher(String name, @Nullable StringMatcher matcher) {}

    /** The path without its query. */
    public sealed interface PathMatch {
        record Prefix(String value) implements PathMatch {}

        record Exact(String value) implements PathMatch {}

        /** {@code /a} matches {@code /a} and {@code /a/…}, not {@code /ab}. Envoy: path_separated_prefix. */
        record SegmentPrefix(String value) implements PathMatch {}

        /** RE2 syntax, whole path. */
        record Regex(String pattern) implements PathMatch {}
    }

    /** What becomes of the request. */
    public sealed interface RouteAction {
        /**
         * @param clusters at least one; chosen by weight
         * @param timeout of the whole answer; zero: none
         * @param idleTimeout of a stream on which nothing moves; zero: none
         * @param prefixRewrite replaces what the path match matched; null: no rewrite
         * @param hostRewrite replaces the authority; null: kept
         * @param autoHostRewrite the authority becomes the chosen endpoint's host name
         */
        record Forward(
                List<WeightedCluster> clusters,
                Duration timeout,
                Duration idleTimeout,
                @Nullable RetryPolicy retry,
                @Nullable String prefixRewrite,
                @Nullable String hostRewrite,
                boolean autoHostRewrite)
                implements RouteAction {
            public Forward {
                clusters = List.copyOf(clusters);
            }
        }

        /** Envoy: {@code RedirectAction}; a null part is kept from the request. */
        record Redirect(
                int status,
                @Nullable String scheme,
                @Nullable String host,
                int port,
                @Nullable String path,
                @Nullable String prefixRewrite,
                boolean stripQuery)
                implements RouteAction {}

        /** Answered here. */
        record DirectResponse(int status, String body) implements RouteAction {}
    }

    /**
     * Envoy: {@code RetryPolicy}.
     *
     * @param on conditions, e.g. {@code connect-failure}, {@code refused-stream}, {@code unavailable}, {@code 5xx},
     *     {@code reset-before-request}, {@code retriable-status-codes}
     * @param attempts additional attempts, 0 or more
     * @param perTryTimeout zero: none
     */
    public record RetryPolicy(List<String> on, int attempts, Duration perTryTimeout, List<Integer> statusCodes) {
        public RetryPolicy {
            on = List.copyOf(on);
            statusCodes = List.copyOf(statusCodes);
        }
    }
}
