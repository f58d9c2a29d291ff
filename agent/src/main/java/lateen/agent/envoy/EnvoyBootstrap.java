package lateen.agent.envoy;

import static lateen.agent.envoy.Json.array;
import static lateen.agent.envoy.Json.field;
import static lateen.agent.envoy.Json.object;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import lateen.decision.net.IpAddress;
import lateen.xds.client.NodeIdentity;

/**
 * What an Envoy starts with, {@code envoy.config.bootstrap.v3.Bootstrap} in JSON: who it is, where its agent is, and the
 * ports of a sidecar that people and their monitoring know. All else comes from the control plane.
 *
 * @param socket of the agent, for configuration and secrets
 */
record EnvoyBootstrap(NodeIdentity node, Path socket) {
    static final int ADMIN_PORT = 15000;
    private static final int READY_PORT = 15021;
    private static final int METRICS_PORT = 15090;
    private static final String ADMIN_CLUSTER = "prometheus_stats";
    private static final String TYPE = "type.googleapis.com/";

    /** Anything a connection could need; without a limit of its own Envoy complains in its log. */
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    private static final int LARGEST_REGEX = 32768;

    JsonObject json() {
        return object(
                field("node", nodeJson()),
                field(
                        "admin",
                        field("address", address("127.0.0.1", ADMIN_PORT)),
                        // Who looks for the reason of an overload must get in.
                        field("ignore_global_conn_limit", true)),
                field("stats_config", statsConfig()),
                field("overload_manager", overloadManager()),
                field("layered_runtime", runtime()),
                field(
                        "dynamic_resources",
                        field("lds_config", fromAds()),
                        field("cds_config", fromAds()),
                        field("ads_config", adsConfig())),
                field(
                        "static_resources",
                        field(
                                "clusters",
                                array(
                                        cluster(ADMIN_CLUSTER, address("127.0.0.1", ADMIN_PORT)),
                                        agentCluster("xds-grpc"),
                                        agentCluster("sds-grpc"))),
                        field(
                                "listeners",
                                array(
                                        page("agent", READY_PORT, "/healthz/ready", "/ready"),
                                        page("stats", METRICS_PORT, "/stats/prometheus", "/stats/prometheus")))));
    }

    private JsonObject nodeJson() {
        JsonObject metadata = object(node.texts());
        metadata.add("LABELS", object(node.labels()));
        // istioctl shows only nodes that have this one.
        metadata.add("PROXY_CONFIG", object());
        return object(field("id", node.id()), field("cluster", node.cluster()), field("metadata", metadata));
    }

    /** From the control plane, waited for without end: a sidecar without configuration is not ready. */
    private static JsonObject fromAds() {
        return object(field("ads"), field("initial_fetch_timeout", "0s"), field("resource_api_version", "V3"));
    }

    private static JsonObject adsConfig() {
        JsonObject agent = object(field(
                "envoy_grpc",
                field("cluster_name", "xds-grpc"),
                // As long as a Lateen sidecar waits before it tries again.
                field(
                        "retry_policy",
                        field("retry_back_off", field("base_interval", "0.2s"), field("max_interval", "10s")))));
        return object(
                field("api_type", "DELTA_GRPC"),
                field("transport_api_version", "V3"),
                field("set_node_on_first_message_only", true),
                field("grpc_services", array(agent)));
    }

    private JsonObject agentCluster(String name) {
        JsonObject cluster = cluster(name, object(field("pipe", field("path", socket.toString()))));
        cluster.add(
                "typed_extension_protocol_options",
                object(field(
                        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                        field("@type", TYPE + "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"),
                        field("explicit_http_config", field("http2_protocol_options")))));
        return cluster;
    }

    private static JsonObject cluster(String name, JsonObject address) {
        JsonObject endpoint = object(field("endpoint", field("address", address)));
        return object(
                field("name", name),
                field("type", "STATIC"),
                field("connect_timeout", "1s"),
                field(
                        "load_assignment",
                        field("cluster_name", name),
                        field("endpoints", array(object(field("lb_endpoints", array(endpoint)))))));
    }

    /** One page of the administration interface, open to everybody. */
    private JsonObject page(String name, int port, String path, String adminPath) {
        JsonObject route = object(
                field("match", field("path", path)),
                field("route", field("cluster", ADMIN_CLUSTER), field("prefix_rewrite", adminPath)));
        JsonObject host =
                object(field("name", name), field("domains", array(text("*"))), field("routes", array(route)));
        JsonObject router = object(
                field("name", "envoy.filters.http.router"),
                field("typed_config", field("@type", TYPE + "envoy.extensions.filters.http.router.v3.Router")));
        JsonObject manager = object(
                field("name", "envoy.filters.network.http_connection_manager"),
                field(
                        "typed_config",
                        field(
                                "@type",
                                TYPE
                                        + "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
                        field("stat_prefix", name),
                        field("route_config", field("virtual_hosts", array(host))),
                        field("http_filters", array(router))));
        JsonObject listener = object(
                field("name", name),
                field("address", address("0.0.0.0", port)),
                field("ignore_global_conn_limit", true),
                field("filter_chains", array(object(field("filters", array(manager))))));
        if (node.addresses().stream().anyMatch(IpAddress::v6)) {
            listener.add("additional_addresses", array(object(field("address", address("::", port)))));
        }
        return listener;
    }

    private static JsonObject overloadManager() {
        JsonObject connections = object(
                field("name", "envoy.resource_monitors.global_downstream_max_connections"),
                field(
                        "typed_config",
                        field(
                                "@type",
                                TYPE
                                        + "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig"),
                        field("max_active_downstream_connections", NO_LIMIT)));
        return object(field("resource_monitors", array(connections)));
    }

    /**
     * The parts of names that become labels, as Istio calls them, so that its boards find them. Each expression's first
     * group is cut out of the name, the second is the value; the names of services have dots of their own.
     */
    private static JsonObject statsConfig() {
        String service = "((?:in|out)bound\\|[^.]*(?:\\.[^.]+\\.svc\\.cluster\\.local)?|[^|.]+)";
        return object(
                field("use_all_default_tags", false),
                field(
                        "stats_tags",
                        array(
                                tag("cluster_name", "^cluster\\.(" + service + "\\.)"),
                                tag("tcp_prefix", "^tcp\\.(" + service + "\\.)"),
                                tag(
                                        "http_conn_manager_prefix",
                                        "^http\\.((outbound_(?:[0-9]+\\.){3}[0-9_]+|[^.]+)\\.)"),
                                tag(
                                        "listener_address",
                                        "^listener\\.((admin|(?:[0-9]+\\.){3}[0-9_]+|\\[[0-9a-f_]+\\]_[0-9]+)\\.)"),
                                tag("response_code", "_rq(_([0-9]{3}))$"),
                                tag("response_code_class", "_rq(_([0-9]xx))$"))));
    }

    /** As Istio's: Envoy's own limit of 100 refuses ordinary regular expressions, and with one all routes of a port. */
    private static JsonObject runtime() {
        return object(field(
                "layers",
                array(object(
                        field("name", "static"),
                        field("static_layer", field("re2.max_program_size.error_level", LARGEST_REGEX))))));
    }

    private static JsonObject tag(String name, String regex) {
        return object(field("tag_name", name), field("regex", regex));
    }

    private static JsonObject address(String ip, int port) {
        return object(field("socket_address", field("address", ip), field("port_value", port)));
    }

    private static JsonElement text(String value) {
        return new com.google.gson.JsonPrimitive(value);
    }
}
