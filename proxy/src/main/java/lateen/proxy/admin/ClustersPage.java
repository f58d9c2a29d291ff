package lateen.proxy.admin;

import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterConfig.CircuitBreakers;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.ClusterEndpoints.Endpoint;
import lateen.decision.config.ClusterEndpoints.Health;
import lateen.decision.config.ClusterEndpoints.Locality;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.outlier.HostMonitor;
import lateen.proxy.program.Program;
import org.jspecify.annotations.Nullable;

/**
 * {@code /clusters}: the hosts with what is counted of them, in Envoy's two formats. Numbers that a host does not have
 * are left out instead of being written as 0. On the page thread.
 */
final class ClustersPage {
    private final Supplier<Program> program;

    ClustersPage(Supplier<Program> program) {
        this.program = program;
    }

    Reply reply(Query query) {
        return switch (query.parameter("format")) {
            case "", "text" -> Reply.text(text());
            case "json" -> Reply.json(json());
            default ->
                Reply.refuse(
                        Status.BAD_REQUEST, "format: '" + query.parameter("format") + "' (expected: text or json)\n");
        };
    }

    /** Takes each host with where it stands in the configuration. */
    private interface HostVisitor {
        void host(Host host, Health health, Locality locality, Endpoint endpoint);
    }

    private static void visit(Program now, Cluster cluster, HostVisitor visitor) {
        ClusterEndpoints endpoints = endpoints(now, cluster.config());
        if (endpoints == null) {
            return;
        }
        List<Host> hosts = cluster.hosts();
        int i = 0;
        for (Locality locality : endpoints.localities()) {
            for (Endpoint endpoint : locality.endpoints()) {
                visitor.host(hosts.get(i), cluster.health().get(i), locality, endpoint);
                i++;
            }
        }
    }

    private static @Nullable ClusterEndpoints endpoints(Program now, ClusterConfig config) {
        return config.staticEndpoints() != null
                ? config.staticEndpoints()
                : now.config().endpoints().get(config.endpointsName());
    }

    private StringBuilder text() {
        StringBuilder text = new StringBuilder();
        Program now = program.get();
        new TreeMap<>(now.clusters()).forEach((name, cluster) -> {
            line(text, name, "observability_name", name);
            CircuitBreakers limits = cluster.config().circuitBreakers();
            limit(text, name, "max_connections", limits.maxConnections());
            limit(text, name, "max_pending_requests", limits.maxPendingRequests());
            limit(text, name, "max_requests", limits.maxRequests());
            limit(text, name, "max_retries", limits.maxRetries());
            visit(now, cluster, (host, health, locality, endpoint) -> {
                String at = name + "::" + host.address();
                line(text, at, "cx_connect_fail", host.totalConnectFailures());
                line(text, at, "cx_total", host.totalConnections());
                line(text, at, "rq_active", host.active());
                line(text, at, "rq_total", host.totalRequests());
                line(text, at, "health_flags", flags(health, host));
                line(text, at, "weight", endpoint.weight());
                line(text, at, "region", locality.region());
                line(text, at, "zone", locality.zone());
                line(text, at, "sub_zone", locality.subZone());
                line(text, at, "priority", locality.priority());
                HostMonitor monitor = host.monitor();
                line(text, at, "success_rate", monitor == null ? -1.0 : monitor.successRate());
                line(text, at, "local_origin_success_rate", monitor == null ? -1.0 : monitor.localSuccessRate());
            });
        });
        return text;
    }

    private static void limit(StringBuilder text, String cluster, String what, long limit) {
        line(text, cluster + "::default_priority", what, limit(limit));
    }

    /** Envoy's limits have 32 bits; Istio writes the largest of them for none. */
    private static long limit(long limit) {
        return Math.min(limit, 0xFFFF_FFFFL);
    }

    private static void line(StringBuilder text, String at, String what, Object value) {
        text.append(at).append("::").append(what).append("::").append(value).append('\n');
    }

    private static String flags(Health health, Host host) {
        String ejected = host.ejected() ? "/failed_outlier_check" : "";
        return switch (health) {
            case HEALTHY -> ejected.isEmpty() ? "healthy" : ejected;
            case DRAINING -> ejected + "/eds_status_draining";
            case UNHEALTHY -> ejected + "/failed_eds_health";
        };
    }

    /** Envoy: {@code admin.v3.Clusters}. */
    private StringBuilder json() {
        Json json = new Json().open().array("cluster_statuses");
        Program now = program.get();
        new TreeMap<>(now.clusters()).forEach((name, cluster) -> {
            json.open().field("name", name).field("observability_name", name).array("host_statuses");
            visit(now, cluster, (host, health, locality, endpoint) -> {
                ListenersPage.socketAddress(json.open().open("address"), host.address())
                        .close();
                json.array("stats");
                stat(json, "cx_connect_fail", "COUNTER", host.totalConnectFailures());
                stat(json, "cx_total", "COUNTER", host.totalConnections());
                stat(json, "rq_total", "COUNTER", host.totalRequests());
                stat(json, "rq_active", "GAUGE", host.active());
                json.closeArray().open("health_status").field("eds_health_status", health.name());
                if (host.ejected()) {
                    json.field("failed_outlier_check", true);
                }
                json.close()
                        .field("weight", endpoint.weight())
                        .field("priority", locality.priority())
                        .open("locality")
                        .field("region", locality.region())
                        .field("zone", locality.zone())
                        .field("sub_zone", locality.subZone())
                        .close()
                        .close();
            });
            json.closeArray().open("circuit_breakers").array("thresholds").open();
            CircuitBreakers limits = cluster.config().circuitBreakers();
            json.field("max_connections", limit(limits.maxConnections()))
                    .field("max_pending_requests", limit(limits.maxPendingRequests()))
                    .field("max_requests", limit(limits.maxRequests()))
                    .field("max_retries", limit(limits.maxRetries()));
            json.close().closeArray().close().close();
        });
        return json.closeArray().close().text();
    }

    private static void stat(Json json, String name, String type, long value) {
        json.open()
                .field("type", type)
                .field("name", name)
                .longField("value", value)
                .close();
    }
}
