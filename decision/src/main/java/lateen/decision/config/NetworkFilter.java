package lateen.decision.config;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A step of a filter chain; sealed, so that a new one does not compile until every consumer answers it. */
public sealed interface NetworkFilter {

    /**
     * Authorization of the connection. Envoy: {@code envoy.filters.network.rbac}.
     *
     * @param rules what is decided
     * @param shadow rules that only mark the connection; null: none
     */
    record Rbac(String statPrefix, RbacConfig rules, RbacConfig.@Nullable Shadow shadow) implements NetworkFilter {
        public Rbac(String statPrefix, RbacConfig rules) {
            this(statPrefix, rules, null);
        }
    }

    /** Authorization of a connection by a server that is asked. Envoy: {@code envoy.filters.network.ext_authz}. */
    record ExtAuthz(String statPrefix, ExtAuthzConfig config) implements NetworkFilter {}

    /**
     * Bytes forwarded both ways. Envoy: {@code envoy.filters.network.tcp_proxy}.
     *
     * @param clusters at least one; chosen by weight for each connection
     * @param idleTimeout zero: none
     * @param maxDuration of a downstream connection; zero: no limit
     * @param tunneling null: the bytes are a connection's own
     */
    record TcpProxy(
            String statPrefix,
            List<WeightedCluster> clusters,
            Duration idleTimeout,
            Duration maxDuration,
            List<AccessLogConfig> accessLogs,
            @Nullable Tunneling tunneling)
            implements NetworkFilter {
        public TcpProxy {
            clusters = List.copyOf(clusters);
            accessLogs = List.copyOf(accessLogs);
        }
    }

    /**
     * Connections are carried within requests. Envoy: {@code TcpProxy.TunnelingConfig}.
     *
     * @param hostname the authority to ask for; may hold operators of access logs, such as {@code
     *     %DOWNSTREAM_LOCAL_ADDRESS%}
     * @param usePost with POST instead of CONNECT
     * @param postPath its path; begins with a slash
     * @param headers added to the request
     */
    record Tunneling(String hostname, boolean usePost, String postPath, HeaderEdits headers) {}

    /**
     * HTTP. Envoy: {@code envoy.filters.network.http_connection_manager}.
     *
     * @param filters in order; the last is {@link HttpFilter.Router}
     * @param serverName value of the {@code server} header on answers of our own
     * @param maxRequestHeadersBytes limit of request line and headers together; beyond it the answer is 431
     * @param idleTimeout of a connection without requests; zero: none
     * @param streamIdleTimeout of a request in which nothing moves either way, and of an answer whose client takes no more of
     *     it, unless the route says otherwise; zero: none
     * @param requestHeadersTimeout from the first byte of a request to the end of its headers; zero: none
     * @param useRemoteAddress the peer is the client: {@code x-forwarded-for} is extended by it and not believed
     * @param upgrades allowed {@code Upgrade} protocols, lower case, e.g. {@code websocket}
     */
    record HttpConnectionManager(
            String statPrefix,
            Codec codec,
            RouteSource routes,
            List<HttpFilter> filters,
            List<AccessLogConfig> accessLogs,
            String serverName,
            ServerHeader serverHeader,
            ForwardClientCert forwardClientCert,
            boolean useRemoteAddress,
            boolean generateRequestId,
            boolean preserveExternalRequestId,
            boolean normalizePath,
            boolean mergeSlashes,
            int maxRequestHeadersBytes,
            Duration idleTimeout,
            Duration streamIdleTimeout,
            Duration requestHeadersTimeout,
            Set<String> upgrades,
            Http1Options http1,
            Http2Options http2)
            implements NetworkFilter {
        public HttpConnectionManager {
            filters = List.copyOf(filters);
            accessLogs = List.copyOf(accessLogs);
            upgrades = Set.copyOf(upgrades);
        }
    }

    /** Envoy: {@code HttpConnectionManager.CodecType}. */
    enum Codec {
        AUTO,
        HTTP1,
        HTTP2
    }

    /** Envoy: {@code ServerHeaderTransformation}. */
    enum ServerHeader {
        OVERWRITE,
        APPEND_IF_ABSENT,
        PASS_THROUGH
    }

    /** What becomes of {@code x-forwarded-client-cert}. Envoy: {@code ForwardClientCertDetails}. */
    enum ForwardClientCert {
        SANITIZE,
        FORWARD_ONLY,
        APPEND_FORWARD,
        SANITIZE_SET,
        ALWAYS_FORWARD_ONLY
    }

    /** Where the routes come from. */
    sealed interface RouteSource {
        /** Part of the listener. */
        record Inline(RouteConfig routes) implements RouteSource {}

        /** By name from {@link ProxyConfig#routes()}. */
        record Named(String name) implements RouteSource {}
    }
}
