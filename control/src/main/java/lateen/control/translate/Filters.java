package lateen.control.translate;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import lateen.control.registry.MeshSettings;

/** Filters under the names by which Envoy and users' patches know them. */
final class Filters {

    static final String HTTP_RBAC = "envoy.filters.http.rbac";
    static final String NETWORK_RBAC = "envoy.filters.network.rbac";

    private Filters() {}

    static Filter tcpProxy(String statPrefix, String cluster, MeshSettings.AccessLog log) {
        return tcpProxy(TcpProxy.newBuilder().setStatPrefix(statPrefix).setCluster(cluster), log);
    }

    static Filter tcpProxy(TcpProxy.Builder proxy, MeshSettings.AccessLog log) {
        return network(
                "envoy.filters.network.tcp_proxy",
                proxy.addAllAccessLog(AccessLogs.of(log)).build());
    }

    static Filter http(HttpConnectionManager.Builder manager) {
        return network(
                "envoy.filters.network.http_connection_manager",
                manager.addHttpFilters(HttpFilter.newBuilder()
                                .setName("envoy.filters.http.router")
                                .setTypedConfig(Pack.any(Router.getDefaultInstance())))
                        .build());
    }

    /** What both directions have in common. */
    static HttpConnectionManager.Builder manager(String statPrefix, MeshSettings.AccessLog log) {
        return HttpConnectionManager.newBuilder()
                .setCodecType(HttpConnectionManager.CodecType.AUTO)
                .setStatPrefix(statPrefix)
                .addAllAccessLog(AccessLogs.of(log))
                .setUseRemoteAddress(Pack.bool(false))
                .setGenerateRequestId(Pack.bool(true))
                // A policy on paths must see the path that the application will see.
                .setNormalizePath(Pack.bool(true))
                .setStreamIdleTimeout(Duration.getDefaultInstance())
                .addUpgradeConfigs(
                        HttpConnectionManager.UpgradeConfig.newBuilder().setUpgradeType("websocket"));
    }

    static Filter networkRbac(RBAC rules) {
        return network(
                NETWORK_RBAC,
                io.envoyproxy
                        .envoy
                        .extensions
                        .filters
                        .network
                        .rbac
                        .v3
                        .RBAC
                        .newBuilder()
                        .setRules(rules)
                        .setStatPrefix("tcp.")
                        .build());
    }

    static HttpFilter httpRbac(RBAC rules) {
        return httpFilter(
                HTTP_RBAC,
                io.envoyproxy
                        .envoy
                        .extensions
                        .filters
                        .http
                        .rbac
                        .v3
                        .RBAC
                        .newBuilder()
                        .setRules(rules)
                        .build());
    }

    static HttpFilter httpFilter(String name, com.google.protobuf.Message config) {
        return HttpFilter.newBuilder()
                .setName(name)
                .setTypedConfig(Pack.any(config))
                .build();
    }

    static ListenerFilter originalDestination() {
        return ListenerFilter.newBuilder()
                .setName("envoy.filters.listener.original_dst")
                .setTypedConfig(Pack.any(OriginalDst.getDefaultInstance()))
                .build();
    }

    static ListenerFilter tlsInspector() {
        return ListenerFilter.newBuilder()
                .setName("envoy.filters.listener.tls_inspector")
                .setTypedConfig(Pack.any(TlsInspector.getDefaultInstance()))
                .build();
    }

    static Filter network(String name, com.google.protobuf.Message config) {
        return Filter.newBuilder()
                .setName(name)
                .setTypedConfig(Pack.any(config))
                .build();
    }
}
