package lateen.decision.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Envoy: {@code config.route.v3.RouteConfiguration}.
 *
 * @param ignorePortInHost a port in the request's authority does not count when the virtual host is chosen
 * @param overrides by the filter's name; a virtual host's go before these, a route's before both
 */
public record RouteConfig(
        String name,
        List<VirtualHost> virtualHosts,
        HeaderEdits requestEdits,
        HeaderEdits responseEdits,
        boolean ignorePortInHost,
        Map<String, FilterOverride> overrides) {

    public RouteConfig {
        virtualHosts = List.copyOf(virtualHosts);
        overrides = Map.copyOf(overrides);
    }

    /**
     * Envoy: {@code VirtualHost}.
     *
     * @param domains lower case: exact, {@code *.suffix}, {@code prefix.*} or {@code *}; no domain stands in two hosts
     * @param retry for routes that say nothing of their own
     * @param overrides by the filter's name
     */
    public record VirtualHost(
            String name,
            List<String> domains,
            List<Route> routes,
            HeaderEdits requestEdits,
            HeaderEdits responseEdits,
            @Nullable RetryPolicy retry,
            Map<String, FilterOverride> overrides) {
        public VirtualHost {
            overrides = Map.copyOf(overrides);
            domains = List.copyOf(domains);
            routes = List.copyOf(routes);
        }
    }

    /**
     * Envoy: {@code Route}.
     *
     * @param origin the configuration object that asked for this route, as Istio writes it in metadata
     *     ({@code /apis/networking.istio.io/v1/namespaces/NS/virtual-service/NAME}); empty: unknown
     * @param overrides by the filter's name
     */
    public record Route(
            String name,
            RouteMatch match,
            RouteAction action,
            HeaderEdits requestEdits,
            HeaderEdits responseEdits,
            String origin,
            Map<String, FilterOverride> overrides) {
        public Route {
            overrides = Map.copyOf(overrides);
        }
    }

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

        /** Requests by CONNECT, which have no path, and no others. Envoy: {@code connect_matcher}. */
        record Connect() implements PathMatch {}
    }

    /** What becomes of the request. */
    public sealed interface RouteAction {
        /**
         * @param clusters at least one; chosen by weight
         * @param timeout of the whole answer; zero: none
         * @param idleTimeout of a request in which nothing moves; zero: none; null: as the connection manager says
         * @param prefixRewrite replaces what the path match matched; null: no rewrite
         * @param hostRewrite replaces the authority; null: kept
         * @param autoHostRewrite the authority becomes the chosen endpoint's host name
         * @param tunnel what a request by CONNECT carries goes to the host as plain bytes: the CONNECT ends here. Envoy:
         *     {@code connect_config}
         */
        record Forward(
                List<WeightedCluster> clusters,
                Duration timeout,
                @Nullable Duration idleTimeout,
                @Nullable RetryPolicy retry,
                @Nullable String prefixRewrite,
                @Nullable String hostRewrite,
                boolean autoHostRewrite,
                boolean tunnel)
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
     * @param attempts additional attempts, 0 or more
     * @param perTryTimeout zero: none
     * @param statusCodes for {@link RetryOn#RETRIABLE_STATUS_CODES}
     * @param avoidPrevious a host that was tried is chosen again only when {@code hostAttempts} choices found no other
     * @param hostAttempts further choices of a host for one attempt
     * @param backoff before the first retry, doubled for each further one, of which a part by chance is waited
     * @param maxBackoff the longest wait
     */
    public record RetryPolicy(
            Set<RetryOn> on,
            int attempts,
            Duration perTryTimeout,
            Set<Integer> statusCodes,
            boolean avoidPrevious,
            int hostAttempts,
            Duration backoff,
            Duration maxBackoff) {
        public RetryPolicy {
            on = Set.copyOf(on);
            statusCodes = Set.copyOf(statusCodes);
        }
    }

    /** When a request is tried again. Envoy: {@code x-envoy-retry-on} and {@code x-envoy-retry-grpc-on}. */
    public enum RetryOn {
        /** Any 5xx, or no answer at all. */
        SERVER_ERROR("5xx", 0),
        /** 502, 503, 504, or no answer at all. */
        GATEWAY_ERROR("gateway-error", 1),
        /** No answer at all. */
        RESET("reset", 2),
        /** The connection ended before anything of the request was sent. */
        RESET_BEFORE_REQUEST("reset-before-request", 3),
        CONNECT_FAILURE("connect-failure", 4),
        /** Of HTTP/2: the host says that it has not begun. */
        REFUSED_STREAM("refused-stream", 5),
        /** 409. */
        RETRIABLE_4XX("retriable-4xx", 6),
        RETRIABLE_STATUS_CODES("retriable-status-codes", 7),
        CANCELLED("cancelled", 8),
        DEADLINE_EXCEEDED("deadline-exceeded", 9),
        INTERNAL("internal", 10),
        RESOURCE_EXHAUSTED("resource-exhausted", 11),
        UNAVAILABLE("unavailable", 12);

        private final String text;
        private final long bit;

        RetryOn(String text, int position) {
            this.text = text;
            this.bit = 1L << position;
        }

        /** In a set of conditions written as a number. */
        public long bit() {
            return bit;
        }

        /** As Envoy writes it. */
        public String text() {
            return text;
        }
    }
}
