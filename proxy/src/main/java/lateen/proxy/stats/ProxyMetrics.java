package lateen.proxy.stats;

import java.util.List;
import java.util.function.LongSupplier;

/** The metrics of the proxy itself, under Envoy's names; and what the proxy adds to a request's time. */
public final class ProxyMetrics {

    private static final List<String> CLUSTER = List.of("envoy_cluster_name");
    private static final List<String> LISTENER = List.of("envoy_listener_address");

    private static final String CX_TOTAL = "envoy_cluster_upstream_cx_total";
    private static final String CX_FAIL = "envoy_cluster_upstream_cx_connect_fail";
    private static final String CX_ACTIVE = "envoy_cluster_upstream_cx_active";
    private static final String RQ_TOTAL = "envoy_cluster_upstream_rq_total";
    private static final String RQ_RETRY = "envoy_cluster_upstream_rq_retry";
    private static final String RQ_TIMEOUT = "envoy_cluster_upstream_rq_timeout";
    private static final String RQ_OVERFLOW = "envoy_cluster_upstream_rq_pending_overflow";
    private static final String RQ_ACTIVE = "envoy_cluster_upstream_rq_active";
    private static final String CX_OVERFLOW = "envoy_cluster_upstream_cx_overflow";
    private static final String CX_MAX_REQUESTS = "envoy_cluster_upstream_cx_max_requests";
    private static final String CX_MAX_DURATION = "envoy_cluster_upstream_cx_max_duration_reached";
    private static final String RQ_ACTIVE_OVERFLOW = "envoy_cluster_upstream_rq_active_overflow";
    private static final String TRY_TIMEOUT = "envoy_cluster_upstream_rq_per_try_timeout";
    private static final String RETRY_OVERFLOW = "envoy_cluster_upstream_rq_retry_overflow";
    private static final String RETRY_LIMIT = "envoy_cluster_upstream_rq_retry_limit_exceeded";
    private static final String RETRY_SUCCESS = "envoy_cluster_upstream_rq_retry_success";
    private static final String OPEN = "envoy_cluster_circuit_breakers_default_";
    private static final List<String> CLUSTER_METRICS = List.of(
            CX_TOTAL,
            CX_FAIL,
            CX_ACTIVE,
            RQ_TOTAL,
            RQ_RETRY,
            RQ_TIMEOUT,
            RQ_OVERFLOW,
            RQ_ACTIVE,
            CX_OVERFLOW,
            CX_MAX_REQUESTS,
            CX_MAX_DURATION,
            RQ_ACTIVE_OVERFLOW,
            RETRY_OVERFLOW,
            RETRY_LIMIT,
            RETRY_SUCCESS,
            TRY_TIMEOUT,
            OPEN + "cx_open",
            OPEN + "rq_pending_open",
            OPEN + "rq_open",
            OPEN + "rq_retry_open");

    private final Stats stats;
    private final LatencyRecorder added;

    /**
     * @param uptimeSeconds since the start
     * @param live 1 while the server serves, 0 while it drains
     */
    public ProxyMetrics(Stats stats, LongSupplier uptimeSeconds, LongSupplier live) {
        this.stats = stats;
        this.added = stats.latency(
                "lateen_proxy_added_microseconds",
                "Time a request spent in this proxy: its whole duration less the wait for the upstream.");
        stats.gauge("envoy_server_uptime", "Seconds since the start.", uptimeSeconds);
        stats.gauge("envoy_server_live", "1 while serving, 0 while draining.", live);
    }

    /** Time spent in this proxy; for each request record its duration less the time waited for the upstream. */
    public LatencyRecorder added() {
        return added;
    }

    /** The counters of a cluster; keep them with it. */
    public Cluster cluster(String name) {
        return new Cluster(
                cluster(name, CX_TOTAL, "Connections made to hosts."),
                cluster(name, CX_FAIL, "Connections that could not be made."),
                gauge(name, CX_ACTIVE, "Open connections to hosts."),
                cluster(name, RQ_TOTAL, "Requests sent to hosts."),
                cluster(name, RQ_RETRY, "Requests sent again."),
                cluster(name, RQ_TIMEOUT, "Requests that timed out."),
                cluster(name, RQ_OVERFLOW, "Requests refused by a full queue."),
                gauge(name, RQ_ACTIVE, "Requests in flight."),
                cluster(name, CX_OVERFLOW, "Connections that the circuit breaker stood against."),
                cluster(name, CX_MAX_REQUESTS, "Connections that carried as many requests as they may."),
                cluster(name, CX_MAX_DURATION, "Connections that lasted as long as they may."),
                cluster(name, RQ_ACTIVE_OVERFLOW, "Requests refused as too many are in flight."),
                cluster(name, RETRY_OVERFLOW, "Requests not sent again as too many are."),
                cluster(name, RETRY_LIMIT, "Requests not sent again as they were often enough."),
                cluster(name, RETRY_SUCCESS, "Requests that succeeded when sent again."),
                cluster(name, TRY_TIMEOUT, "Tries that took longer than one may."));
    }

    /** Whether each circuit breaker of a cluster is open: 1 or 0, asked for at each reading. */
    public void breakers(
            String name, LongSupplier connections, LongSupplier pending, LongSupplier requests, LongSupplier retries) {
        open(name, "cx_open", connections);
        open(name, "rq_pending_open", pending);
        open(name, "rq_open", requests);
        open(name, "rq_retry_open", retries);
    }

    private void open(String name, String which, LongSupplier open) {
        stats.gauge(OPEN + which, "1 while the circuit breaker is open.", CLUSTER, List.of(name), open);
    }

    /** What outlier detection did to the hosts of a cluster; the same for all clusters of that name. */
    public OutlierMetrics outliers(String name) {
        return new OutlierMetrics(stats, CLUSTER, List.of(name));
    }

    /** Forgets them, when a cluster no longer detects outliers or is not there. */
    public void forgetOutliers(String name) {
        OutlierMetrics.forget(stats, List.of(name));
    }

    /** The counters of all local rate limits of that prefix. */
    public RateLimitMetrics rateLimit(String statPrefix) {
        return RateLimitMetrics.of(stats, statPrefix);
    }

    /** Forgets the counters of a cluster that is no longer there. */
    public void forgetCluster(String name) {
        CLUSTER_METRICS.forEach(metric -> stats.remove(metric, List.of(name)));
    }

    /** The counters of a listener; keep them with it. */
    public Listener listener(String address) {
        return new Listener(
                listener(address, "envoy_listener_downstream_cx_total", "Connections accepted."),
                stats.gauge("envoy_listener_downstream_cx_active", "Open connections.", LISTENER, List.of(address)),
                listener(address, "envoy_listener_no_filter_chain_match", "Connections that no filter chain took."),
                listener(address, "envoy_listener_ssl_handshake", "TLS handshakes that succeeded."),
                listener(address, "envoy_listener_ssl_connection_error", "TLS handshakes that failed."),
                listener(address, "envoy_listener_downstream_cx_overload_reject", "Connections closed by overload."),
                listener(
                        address,
                        "envoy_listener_downstream_global_cx_overflow",
                        "Connections closed as there are too many."));
    }

    /** The counters of all connection managers with that prefix; keep them with it. */
    public Http http(String prefix) {
        List<String> label = List.of("envoy_http_conn_manager_prefix");
        return new Http(
                stats.counter(
                        "envoy_http_downstream_rq_overload_close",
                        "Requests that overload was the answer to.",
                        label,
                        List.of(prefix)),
                stats.counter(
                        "envoy_http_downstream_cx_overload_disable_keepalive",
                        "Connections ended after a request because of overload.",
                        label,
                        List.of(prefix)));
    }

    /** The counters of external authorization by the connection managers with that prefix; keep them with it. */
    public ExtAuthz httpExtAuthz(String prefix) {
        return extAuthz("envoy_http_ext_authz_", List.of("envoy_http_conn_manager_prefix"), prefix);
    }

    /** The counters of external authorization of connections. */
    public ExtAuthz networkExtAuthz(String prefix) {
        return extAuthz("envoy_ext_authz_", List.of("envoy_ext_authz_prefix"), prefix);
    }

    private ExtAuthz extAuthz(String name, List<String> label, String prefix) {
        List<String> value = List.of(prefix);
        return new ExtAuthz(
                stats.counter(name + "ok", "Checks that the authorization server allowed.", label, value),
                stats.counter(name + "denied", "Checks that the authorization server denied.", label, value),
                stats.counter(name + "error", "Checks without a decision, timeouts included.", label, value),
                stats.counter(name + "timeout", "Checks without a decision in time.", label, value),
                stats.counter(name + "failure_mode_allowed", "Checks without a decision that passed.", label, value));
    }

    private Counter cluster(String name, String metric, String help) {
        return stats.counter(metric, help, CLUSTER, List.of(name));
    }

    private Gauge gauge(String name, String metric, String help) {
        return stats.gauge(metric, help, CLUSTER, List.of(name));
    }

    private Counter listener(String address, String metric, String help) {
        return stats.counter(metric, help, LISTENER, List.of(address));
    }

    /** Envoy: {@code cluster.<name>.*}. */
    public record Cluster(
            Counter connections,
            Counter connectFailures,
            Gauge activeConnections,
            Counter requests,
            Counter retries,
            Counter timeouts,
            Counter pendingOverflow,
            Gauge activeRequests,
            Counter connectionOverflow,
            Counter maxRequests,
            Counter maxDuration,
            Counter activeOverflow,
            Counter retryOverflow,
            Counter retryLimit,
            Counter retrySuccess,
            Counter tryTimeouts) {}

    /** Envoy: {@code http.<prefix>.ext_authz.*}, {@code ext_authz.<prefix>.*}. */
    public record ExtAuthz(Counter ok, Counter denied, Counter error, Counter timeout, Counter failureModeAllowed) {}

    /** Envoy: {@code listener.<address>.*}. */
    public record Listener(
            Counter connections,
            Gauge activeConnections,
            Counter noFilterChain,
            Counter handshakes,
            Counter handshakeErrors,
            Counter overloadRejected,
            Counter globalOverflow) {}

    /** Envoy: {@code http.<prefix>.*}. */
    public record Http(Counter overloadRequests, Counter overloadKeepAlive) {}
}
