package lateen.control.translate;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import io.envoyproxy.envoy.config.cluster.v3.UpstreamConnectionOptions;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.TcpKeepalive;
import io.envoyproxy.envoy.type.v3.Percent;
import java.time.Duration;
import lateen.control.source.ConnectionPool;
import lateen.control.source.DestinationRule;
import lateen.control.source.TrafficPolicy;
import org.jspecify.annotations.Nullable;

/** Istio's TrafficPolicy → parts of Envoy's Cluster, with the defaults that Istio gives where it says nothing. */
final class TrafficPolicies {

    private static final UInt32Value NO_LIMIT = Pack.number(-1);
    private static final UInt32Value ALWAYS = Pack.number(100);
    private static final UInt32Value NEVER = Pack.number(0);

    private TrafficPolicies() {}

    /**
     * The policy of one port: the rule's, where the subset does not say otherwise. What is said for a port stands in
     * place of all that is said for the whole.
     */
    static TrafficPolicy of(@Nullable DestinationRule rule, DestinationRule.@Nullable Subset subset, int port) {
        TrafficPolicy wide = rule == null ? null : rule.policy();
        TrafficPolicy base = wide == null ? TrafficPolicy.NONE : wide.ports().getOrDefault(port, wide);
        TrafficPolicy own = subset == null ? null : subset.policy();
        if (own == null) {
            return base;
        }
        TrafficPolicy ofPort = own.ports().get(port);
        if (ofPort != null) {
            return ofPort;
        }
        return new TrafficPolicy(
                own.pool() != null ? own.pool() : base.pool(),
                own.balancer() != null ? own.balancer() : base.balancer(),
                own.outliers() != null ? own.outliers() : base.outliers(),
                own.tls() != null ? own.tls() : base.tls(),
                base.ports());
    }

    /**
     * All but TLS and where the endpoints come from.
     *
     * @param http2 the endpoints speak it
     */
    static void apply(TrafficPolicy policy, boolean http2, Cluster.Builder cluster) {
        ConnectionPool pool = policy.pool() == null ? ConnectionPool.NONE : policy.pool();
        cluster.setCircuitBreakers(CircuitBreakers.newBuilder().addThresholds(thresholds(pool)));
        if (pool.connectTimeout() != null) {
            cluster.setConnectTimeout(Pack.duration(pool.connectTimeout()));
        }
        keepalive(pool, cluster);
        http(pool, http2, cluster);
        if (policy.outliers() != null) {
            outliers(policy.outliers(), cluster);
        }
        cluster.setLbPolicy(
                switch (policy.balancer()) {
                    case ROUND_ROBIN -> Cluster.LbPolicy.ROUND_ROBIN;
                    case RANDOM -> Cluster.LbPolicy.RANDOM;
                    case PASSTHROUGH -> Cluster.LbPolicy.CLUSTER_PROVIDED;
                    case LEAST_REQUEST -> Cluster.LbPolicy.LEAST_REQUEST;
                    case null -> Cluster.LbPolicy.LEAST_REQUEST;
                });
    }

    /** Limits come from a DestinationRule only. */
    static Thresholds thresholds(ConnectionPool pool) {
        return Thresholds.newBuilder()
                .setMaxConnections(limit(pool.maxConnections()))
                .setMaxPendingRequests(limit(pool.maxPendingRequests()))
                .setMaxRequests(limit(pool.maxRequests()))
                .setMaxRetries(limit(pool.maxRetries()))
                .setTrackRemaining(true)
                .build();
    }

    private static UInt32Value limit(int count) {
        return count == 0 ? NO_LIMIT : Pack.number(count);
    }

    private static void keepalive(ConnectionPool pool, Cluster.Builder cluster) {
        ConnectionPool.Keepalive from = pool.keepalive();
        if (from == null) {
            return;
        }
        TcpKeepalive.Builder keepalive = TcpKeepalive.newBuilder();
        if (from.probes() > 0) {
            keepalive.setKeepaliveProbes(Pack.number(from.probes()));
        }
        if (from.time() != null) {
            keepalive.setKeepaliveTime(seconds(from.time()));
        }
        if (from.interval() != null) {
            keepalive.setKeepaliveInterval(seconds(from.interval()));
        }
        cluster.setUpstreamConnectionOptions(
                UpstreamConnectionOptions.newBuilder().setTcpKeepalive(keepalive));
    }

    private static UInt32Value seconds(Duration duration) {
        return Pack.number((int) Math.min(Integer.MAX_VALUE, duration.toSeconds()));
    }

    private static void http(ConnectionPool pool, boolean http2, Cluster.Builder cluster) {
        Duration idle = pool.httpIdleTimeout() != null ? pool.httpIdleTimeout() : pool.tcpIdleTimeout();
        boolean common = idle != null || pool.maxRequestsPerConnection() > 0;
        if (!common && !http2) {
            return;
        }
        var options = io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.newBuilder();
        HttpProtocolOptions.Builder both = HttpProtocolOptions.newBuilder();
        if (idle != null) {
            both.setIdleTimeout(Pack.duration(idle));
        }
        if (pool.maxRequestsPerConnection() > 0) {
            both.setMaxRequestsPerConnection(Pack.number(pool.maxRequestsPerConnection()));
        }
        if (common) {
            options.setCommonHttpProtocolOptions(both);
        }
        if (http2) {
            options.getExplicitHttpConfigBuilder().setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance());
        } else {
            options.getExplicitHttpConfigBuilder().setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance());
        }
        cluster.putTypedExtensionProtocolOptions(Clusters.HTTP_OPTIONS, Pack.any(options.build()));
    }

    /**
     * Istio's: success rates never eject; a consecutive count that is given always does, 0 means that it never does.
     * Below {@code minHealthPercent} all hosts are used; 0, the default, turns that off.
     */
    private static void outliers(lateen.control.source.OutlierDetection from, Cluster.Builder cluster) {
        OutlierDetection.Builder out = OutlierDetection.newBuilder().setEnforcingSuccessRate(NEVER);
        Integer errors = from.consecutive5xx();
        if (errors != null) {
            out.setConsecutive5Xx(Pack.number(errors)).setEnforcingConsecutive5Xx(errors > 0 ? ALWAYS : NEVER);
        }
        Integer gateway = from.consecutiveGatewayErrors();
        if (gateway != null) {
            out.setConsecutiveGatewayFailure(Pack.number(gateway))
                    .setEnforcingConsecutiveGatewayFailure(gateway > 0 ? ALWAYS : NEVER);
        }
        if (from.interval() != null) {
            out.setInterval(Pack.duration(from.interval()));
        }
        if (from.baseEjectionTime() != null) {
            out.setBaseEjectionTime(Pack.duration(from.baseEjectionTime()));
        }
        if (from.maxEjectionPercent() > 0) {
            out.setMaxEjectionPercent(Pack.number(from.maxEjectionPercent()));
        }
        if (from.splitLocalFailures()) {
            out.setSplitExternalLocalOriginErrors(true).setEnforcingLocalOriginSuccessRate(NEVER);
            Integer local = from.consecutiveLocalFailures();
            if (local != null && local > 0) {
                out.setConsecutiveLocalOriginFailure(Pack.number(local))
                        .setEnforcingConsecutiveLocalOriginFailure(ALWAYS);
            }
        }
        cluster.setOutlierDetection(out);
        cluster.getCommonLbConfigBuilder()
                .setHealthyPanicThreshold(Percent.newBuilder().setValue(from.minHealthPercent()));
    }
}
