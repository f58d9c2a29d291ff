package lateen.xds.decode;

import com.google.protobuf.UInt32Value;
import java.time.Duration;
import java.util.List;
import lateen.decision.config.RouteConfig.RouteAction;
import lateen.decision.config.WeightedCluster;
import org.jspecify.annotations.Nullable;

/** What a route does. Envoy: {@code RouteAction}, {@code RedirectAction}, {@code DirectResponseAction}. */
final class RouteActionDecoder {

    /** Envoy's route timeout when unset. */
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private static final int LONGEST_BODY = 4096;

    private RouteActionDecoder() {}

    static RouteAction action(io.envoyproxy.envoy.config.route.v3.Route route, FieldPath at) {
        return switch (route.getActionCase()) {
            case ROUTE -> forward(route.getRoute(), at.at("route"));
            case REDIRECT -> redirect(route.getRedirect(), at.at("redirect"));
            case DIRECT_RESPONSE -> {
                var direct = route.getDirectResponse();
                FieldPath inner = at.at("direct_response");
                String body = direct.hasBody() ? Values.text(direct.getBody(), inner.at("body")) : "";
                if (body.length() > LONGEST_BODY) {
                    throw inner.at("body").refuse(body.length() + " characters", "at most " + LONGEST_BODY);
                }
                yield new RouteAction.DirectResponse(status(direct.getStatus(), inner.at("status")), body);
            }
            case FILTER_ACTION, NON_FORWARDING_ACTION, ACTION_NOT_SET ->
                throw at.refuse(route.getActionCase(), "route, redirect or direct_response");
        };
    }

    static int status(int status, FieldPath at) {
        if (status < 200 || status > 599) {
            throw at.refuse(Integer.toUnsignedString(status), "200..599");
        }
        return status;
    }

    private static RouteAction forward(io.envoyproxy.envoy.config.route.v3.RouteAction action, FieldPath at) {
        return new RouteAction.Forward(
                clusters(action, at),
                action.hasTimeout() ? Values.duration(action.getTimeout(), at.at("timeout")) : TIMEOUT,
                action.hasIdleTimeout() ? Values.duration(action.getIdleTimeout(), at.at("idle_timeout")) : null,
                action.hasRetryPolicy() ? RetryDecoder.retry(action.getRetryPolicy(), at.at("retry_policy")) : null,
                inHead(action.getPrefixRewrite(), at.at("prefix_rewrite")),
                inHead(action.getHostRewriteLiteral(), at.at("host_rewrite_literal")),
                action.getAutoHostRewrite().getValue(),
                tunnel(action, at));
    }

    /** Whether CONNECT ends here; of upgrades a route may say nothing else that the connection manager does not say. */
    private static boolean tunnel(io.envoyproxy.envoy.config.route.v3.RouteAction action, FieldPath at) {
        boolean tunnel = false;
        for (int i = 0; i < action.getUpgradeConfigsCount(); i++) {
            var upgrade = action.getUpgradeConfigs(i);
            FieldPath where = at.at("upgrade_configs", i);
            if (!upgrade.getUpgradeType().equalsIgnoreCase("connect")) {
                throw where.at("upgrade_type")
                        .refuse(upgrade.getUpgradeType(), "CONNECT (others are allowed by the connection manager)");
            }
            if (upgrade.hasEnabled() && !upgrade.getEnabled().getValue()) {
                throw where.at("enabled").refuse(false, "true");
            }
            tunnel = upgrade.hasConnectConfig();
        }
        return tunnel;
    }

    private static List<WeightedCluster> clusters(
            io.envoyproxy.envoy.config.route.v3.RouteAction action, FieldPath at) {
        return switch (action.getClusterSpecifierCase()) {
            case CLUSTER -> List.of(new WeightedCluster(at.required(action.getCluster(), "cluster"), 1));
            case WEIGHTED_CLUSTERS -> {
                FieldPath inner = at.at("weighted_clusters");
                yield NetworkFilterDecoder.total(
                        inner.each(
                                action.getWeightedClusters().getClustersList(),
                                "clusters",
                                (cluster, where) -> NetworkFilterDecoder.weighted(
                                        cluster.getName(), weight(cluster.getWeight()), where)),
                        inner);
            }
            case CLUSTER_HEADER, CLUSTER_SPECIFIER_PLUGIN, INLINE_CLUSTER_SPECIFIER_PLUGIN, CLUSTERSPECIFIER_NOT_SET ->
                throw at.refuse(action.getClusterSpecifierCase(), "cluster or weighted_clusters");
        };
    }

    private static int weight(UInt32Value weight) {
        return weight.getValue();
    }

    private static RouteAction redirect(io.envoyproxy.envoy.config.route.v3.RedirectAction redirect, FieldPath at) {
        int status = switch (redirect.getResponseCode()) {
            case MOVED_PERMANENTLY -> 301;
            case FOUND -> 302;
            case SEE_OTHER -> 303;
            case TEMPORARY_REDIRECT -> 307;
            case PERMANENT_REDIRECT -> 308;
            case UNRECOGNIZED -> throw at.at("response_code").refuse(redirect.getResponseCodeValue(), "a redirection");
        };
        return new RouteAction.Redirect(
                status,
                redirect.getHttpsRedirect() ? "https" : inHead(redirect.getSchemeRedirect(), at.at("scheme_redirect")),
                inHead(redirect.getHostRedirect(), at.at("host_redirect")),
                Values.port(redirect.getPortRedirect(), at.at("port_redirect")),
                inHead(redirect.getPathRedirect(), at.at("path_redirect")),
                inHead(redirect.getPrefixRewrite(), at.at("prefix_rewrite")),
                redirect.getStripQuery());
    }

    /** Empty is null. */
    private static @Nullable String inHead(String text, FieldPath at) {
        return text.isEmpty() ? null : Values.inHead(text, at);
    }
}
