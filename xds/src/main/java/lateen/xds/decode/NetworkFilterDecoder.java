package lateen.xds.decode;

import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.extensions.filters.network.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.HeaderEdits;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.RbacConfig;
import lateen.decision.config.WeightedCluster;

/** Envoy: {@code extensions.filters.network}. */
final class NetworkFilterDecoder {

    /** Envoy's idle timeout of TCP and HTTP connections when unset. */
    static final Duration IDLE = Duration.ofHours(1);

    private NetworkFilterDecoder() {}

    static List<NetworkFilter> filters(List<Filter> filters, FieldPath at) {
        if (filters.isEmpty()) {
            throw at.missing("filters", "at least a terminal one");
        }
        List<NetworkFilter> read = at.each(filters, "filters", NetworkFilterDecoder::filter);
        List<RbacConfig.Shadow> marks = new ArrayList<>();
        for (int i = 0; i < read.size(); i++) {
            boolean terminal = switch (read.get(i)) {
                case NetworkFilter.Rbac rbac -> {
                    if (rbac.shadow() != null) {
                        marks.add(rbac.shadow());
                    }
                    yield false;
                }
                case NetworkFilter.ExtAuthz(var _, var external) -> {
                    ExtAuthzDecoder.requireMark(external, marks, at.at("filters", i));
                    marks.clear();
                    yield false;
                }
                case NetworkFilter.TcpProxy _, NetworkFilter.HttpConnectionManager _ -> true;
            };
            if (terminal != (i == read.size() - 1)) {
                throw at.at("filters", i)
                        .refuse(
                                filters.get(i).getName(),
                                "tcp_proxy or http_connection_manager in the last place only");
            }
        }
        return read;
    }

    private static NetworkFilter filter(Filter filter, FieldPath where) {
        FieldPath at = where.at("typed_config");
        return switch (Values.typeName(filter.getTypedConfig())) {
            case "envoy.extensions.filters.network.rbac.v3.RBAC" ->
                Values.open(
                        filter.getTypedConfig(),
                        RBAC.getDefaultInstance(),
                        at,
                        (rbac, inside) -> new NetworkFilter.Rbac(
                                rbac.getStatPrefix(),
                                RbacDecoder.rules(rbac.hasRules(), rbac.getRules(), inside.at("rules")),
                                ExtAuthzDecoder.shadow(
                                        rbac.hasShadowRules(),
                                        rbac.getShadowRules(),
                                        rbac.getShadowRulesStatPrefix(),
                                        inside)));
            case "envoy.extensions.filters.network.ext_authz.v3.ExtAuthz" ->
                Values.open(
                        filter.getTypedConfig(),
                        ExtAuthz.getDefaultInstance(),
                        at,
                        (external, inside) -> new NetworkFilter.ExtAuthz(
                                inside.required(external.getStatPrefix(), "stat_prefix"),
                                ExtAuthzDecoder.network(external, inside)));
            case "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy" ->
                tcpProxy(Values.open(filter.getTypedConfig(), TcpProxy.getDefaultInstance(), at), at);
            case "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager" ->
                Values.open(
                        filter.getTypedConfig(),
                        HttpConnectionManager.getDefaultInstance(),
                        at,
                        HttpConnectionManagerDecoder::manager);
            default ->
                throw where.because("unsupported filter '" + filter.getName() + "' of type '"
                        + Values.typeName(filter.getTypedConfig())
                        + "' (supported: rbac, ext_authz, tcp_proxy, http_connection_manager)");
        };
    }

    private static NetworkFilter tcpProxy(TcpProxy proxy, FieldPath at) {
        List<WeightedCluster> clusters = switch (proxy.getClusterSpecifierCase()) {
            case CLUSTER -> List.of(new WeightedCluster(at.required(proxy.getCluster(), "cluster"), 1));
            case WEIGHTED_CLUSTERS -> {
                FieldPath inner = at.at("weighted_clusters");
                yield total(
                        inner.each(
                                proxy.getWeightedClusters().getClustersList(),
                                "clusters",
                                (cluster, where) -> weighted(cluster.getName(), cluster.getWeight(), where)),
                        inner);
            }
            case CLUSTERSPECIFIER_NOT_SET -> throw at.missing("cluster", "a cluster, or weighted_clusters");
        };
        return new NetworkFilter.TcpProxy(
                at.required(proxy.getStatPrefix(), "stat_prefix"),
                clusters,
                proxy.hasIdleTimeout() ? Values.duration(proxy.getIdleTimeout(), at.at("idle_timeout")) : IDLE,
                Values.duration(
                        proxy.getMaxDownstreamConnectionDuration(), at.at("max_downstream_connection_duration")),
                AccessLogDecoder.logs(proxy.getAccessLogList(), at),
                proxy.hasTunnelingConfig() ? tunneling(proxy.getTunnelingConfig(), at.at("tunneling_config")) : null);
    }

    private static NetworkFilter.Tunneling tunneling(TcpProxy.TunnelingConfig config, FieldPath at) {
        String path = config.getPostPath().isEmpty() ? "/" : config.getPostPath();
        if (!path.startsWith("/")) {
            throw at.at("post_path").refuse(path, "a path that begins with '/'");
        }
        return new NetworkFilter.Tunneling(
                Values.inHead(at.required(config.getHostname(), "hostname"), at.at("hostname")),
                config.getUsePost(),
                Values.inHead(path, at.at("post_path")),
                new HeaderEdits(
                        List.of(), at.each(config.getHeadersToAddList(), "headers_to_add", HeaderEditDecoder::edit)));
    }

    static WeightedCluster weighted(String name, int weight, FieldPath at) {
        return new WeightedCluster(at.required(name, "name"), Integer.toUnsignedLong(weight));
    }

    /** A choice needs something to choose from. */
    static List<WeightedCluster> total(List<WeightedCluster> clusters, FieldPath at) {
        long total = clusters.stream().mapToLong(WeightedCluster::weight).sum();
        if (total == 0 || total > 0xFFFF_FFFFL) {
            throw at.refuse("total weight " + total, "1..4294967295");
        }
        return clusters;
    }
}
