package lateen.decision.config;

import java.time.Duration;
import java.util.List;
import lateen.decision.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Envoy: {@code config.cluster.v3.Cluster}.
 *
 * @param endpointsName under which EDS knows the endpoints; for other types the cluster's own name
 * @param staticEndpoints for {@link Discovery#STATIC}; else null
 * @param transports tried in order by the endpoint's transport-socket metadata; the first match wins
 * @param tls used when no transport matches; null: plaintext
 * @param sourceAddress local address of upstream connections (Istio's 127.0.0.6 for inbound pass-through); null: any
 * @param extraSourceAddresses the same for the other address family (Istio's ::6); see {@link #sourceFor}
 * @param http how HTTP is spoken to the endpoints
 * @param services Istio's {@code filter_metadata.istio.services}, for the labels of metrics
 * @param connectionLimits when a connection to a host has done enough
 * @param panicThreshold with less than this percentage of the hosts healthy, all are used; 0: never
 * @param outlierDetection null: no host is left out for what it did; with {@link Discovery#ORIGINAL_DST} nothing is
 *     chosen, so it has no effect, as in Envoy
 * @param proxyProtocol before everything else on a connection, together with {@code tls}; null: no header
 */
public record ClusterConfig(
        String name,
        Discovery discovery,
        String endpointsName,
        @Nullable ClusterEndpoints staticEndpoints,
        LbPolicy lbPolicy,
        Duration connectTimeout,
        List<TransportMatch> transports,
        @Nullable UpstreamTls tls,
        CircuitBreakers circuitBreakers,
        @Nullable IpAddress sourceAddress,
        List<IpAddress> extraSourceAddresses,
        UpstreamHttp http,
        Http1Options http1,
        Http2Options http2,
        Duration idleTimeout,
        List<ServiceRef> services,
        ConnectionLimits connectionLimits,
        double panicThreshold,
        @Nullable OutlierDetection outlierDetection,
        @Nullable OutboundProxyProtocol proxyProtocol) {

    public ClusterConfig {
        transports = List.copyOf(transports);
        services = List.copyOf(services);
        extraSourceAddresses = List.copyOf(extraSourceAddresses);
    }

    /** The local address for a connection to this destination: the one of its family; null: any. */
    public @Nullable IpAddress sourceFor(IpAddress destination) {
        if (sourceAddress == null || sourceAddress.v6() == destination.v6()) {
            return sourceAddress;
        }
        for (IpAddress extra : extraSourceAddresses) {
            if (extra.v6() == destination.v6()) {
                return extra;
            }
        }
        return null;
    }

    /** Where the endpoints come from. */
    public enum Discovery {
        STATIC,
        EDS,
        /** The connection's own original destination. */
        ORIGINAL_DST
    }

    /** How an endpoint is chosen. */
    public enum LbPolicy {
        ROUND_ROBIN,
        LEAST_REQUEST,
        RANDOM,
        /** With {@link Discovery#ORIGINAL_DST}. */
        CLUSTER_PROVIDED
    }

    /**
     * Envoy: {@code TransportSocketMatch}.
     *
     * @param tlsMode value that the endpoint's metadata {@code envoy.transport_socket_match} must have under
     *     {@code tlsMode} (Istio: {@code istio}, {@code disabled}); empty: matches every endpoint
     * @param tls null: plaintext
     * @param proxyProtocol null: no header
     */
    public record TransportMatch(
            String name,
            String tlsMode,
            @Nullable UpstreamTls tls,
            @Nullable OutboundProxyProtocol proxyProtocol) {
        public TransportMatch(String name, String tlsMode, @Nullable UpstreamTls tls) {
            this(name, tlsMode, tls, null);
        }
    }

    /**
     * Limits of concurrent use, Envoy's {@code CircuitBreakers} at default priority; {@link Long#MAX_VALUE}: none.
     *
     * @param maxRetries concurrent retries
     */
    public record CircuitBreakers(long maxConnections, long maxPendingRequests, long maxRequests, long maxRetries) {
        /** Envoy's own defaults: 1024, 1024, 1024, 3. */
        public static final CircuitBreakers DEFAULT = new CircuitBreakers(1024, 1024, 1024, 3);
    }

    /**
     * Envoy: {@code core.v3.HttpProtocolOptions} of a cluster. A connection that has reached a limit ends after what it
     * carries.
     *
     * @param maxDuration since it was made; zero: no limit
     * @param maxRequests 0: no limit
     */
    public record ConnectionLimits(Duration maxDuration, long maxRequests) {
        public static final ConnectionLimits NONE = new ConnectionLimits(Duration.ZERO, 0);
    }

    /** Envoy: {@code HttpProtocolOptions}. */
    public enum UpstreamHttp {
        HTTP1,
        HTTP2,
        /** The protocol of the downstream request. */
        USE_DOWNSTREAM
    }

    /** Istio's name for the service behind a cluster. */
    public record ServiceRef(String host, String name, String namespace) {}
}
