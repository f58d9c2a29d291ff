package lateen.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.NetworkFilter.Codec;
import lateen.decision.config.NetworkFilter.ForwardClientCert;
import lateen.decision.config.NetworkFilter.RouteSource;
import lateen.decision.config.NetworkFilter.ServerHeader;
import lateen.decision.config.RbacConfig;

/** Envoy: {@code extensions.filters.network.http_connection_manager.v3}. */
final class HttpConnectionManagerDecoder {

    private static final int DEFAULT_HEADERS_KB = 60;
    private static final int MOST_HEADERS_KB = 8192;
    private static final Duration STREAM_IDLE = Duration.ofMinutes(5);

    private HttpConnectionManagerDecoder() {}

    static NetworkFilter.HttpConnectionManager manager(HttpConnectionManager manager, FieldPath at) {
        var common = manager.getCommonHttpProtocolOptions();
        refuseConnectionLimits(common, at.at("common_http_protocol_options"));
        return new NetworkFilter.HttpConnectionManager(
                at.required(manager.getStatPrefix(), "stat_prefix"),
                codec(manager, at),
                routes(manager, at),
                filters(manager, at),
                AccessLogDecoder.logs(manager.getAccessLogList(), at),
                manager.getServerName().isEmpty() ? "envoy" : manager.getServerName(),
                serverHeader(manager, at),
                forwardClientCert(manager, at),
                manager.getUseRemoteAddress().getValue(),
                !manager.hasGenerateRequestId()
                        || manager.getGenerateRequestId().getValue(),
                manager.getPreserveExternalRequestId(),
                manager.getNormalizePath().getValue(),
                manager.getMergeSlashes(),
                headersKb(manager, at.at("max_request_headers_kb")) * 1024,
                common.hasIdleTimeout()
                        ? Values.duration(
                                common.getIdleTimeout(),
                                at.at("common_http_protocol_options").at("idle_timeout"))
                        : NetworkFilterDecoder.IDLE,
                manager.hasStreamIdleTimeout()
                        ? Values.duration(manager.getStreamIdleTimeout(), at.at("stream_idle_timeout"))
                        : STREAM_IDLE,
                manager.hasRequestHeadersTimeout()
                        ? Values.duration(manager.getRequestHeadersTimeout(), at.at("request_headers_timeout"))
                        : Duration.ZERO,
                upgrades(manager, at),
                ProtocolOptionsDecoder.http1(manager.getHttpProtocolOptions()),
                ProtocolOptionsDecoder.http2(manager.getHttp2ProtocolOptions(), at.at("http2_protocol_options")));
    }

    /** Fields that are read of a cluster only. */
    private static void refuseConnectionLimits(HttpProtocolOptions common, FieldPath at) {
        if (common.hasMaxConnectionDuration()) {
            throw at.at("max_connection_duration").because("unsupported in a listener (expected: not set)");
        }
        if (common.hasMaxRequestsPerConnection()) {
            throw at.at("max_requests_per_connection").because("unsupported in a listener (expected: not set)");
        }
    }

    private static int headersKb(HttpConnectionManager manager, FieldPath at) {
        if (!manager.hasMaxRequestHeadersKb()) {
            return DEFAULT_HEADERS_KB;
        }
        int kb = manager.getMaxRequestHeadersKb().getValue();
        if (kb < 1 || kb > MOST_HEADERS_KB) {
            throw at.refuse(Integer.toUnsignedString(kb), "1.." + MOST_HEADERS_KB);
        }
        return kb;
    }

    private static Codec codec(HttpConnectionManager manager, FieldPath at) {
        return switch (manager.getCodecType()) {
            case AUTO -> Codec.AUTO;
            case HTTP1 -> Codec.HTTP1;
            case HTTP2 -> Codec.HTTP2;
            case HTTP3, UNRECOGNIZED ->
                throw at.at("codec_type").refuse(manager.getCodecType(), "AUTO, HTTP1 or HTTP2");
        };
    }

    private static RouteSource routes(HttpConnectionManager manager, FieldPath at) {
        return switch (manager.getRouteSpecifierCase()) {
            case RDS -> {
                FieldPath rds = at.at("rds");
                if (!manager.getRds().getConfigSource().hasAds()
                        && !manager.getRds().getConfigSource().hasSelf()) {
                    throw rds.at("config_source")
                            .refuse(manager.getRds().getConfigSource().getConfigSourceSpecifierCase(), "ads");
                }
                yield new RouteSource.Named(rds.required(manager.getRds().getRouteConfigName(), "route_config_name"));
            }
            case ROUTE_CONFIG ->
                new RouteSource.Inline(RouteDecoder.routes(manager.getRouteConfig(), at.at("route_config")));
            case SCOPED_ROUTES, ROUTESPECIFIER_NOT_SET ->
                throw at.refuse(manager.getRouteSpecifierCase(), "rds or route_config");
        };
    }

    private static List<HttpFilter> filters(HttpConnectionManager manager, FieldPath at) {
        List<HttpFilter> filters =
                at.each(manager.getHttpFiltersList(), "http_filters", HttpConnectionManagerDecoder::filter);
        List<RbacConfig.Shadow> marks = new ArrayList<>();
        for (int i = 0; i < filters.size(); i++) {
            switch (filters.get(i)) {
                case HttpFilter.Rbac(var _, var shadow) -> {
                    if (shadow != null) {
                        marks.add(shadow);
                    }
                }
                case HttpFilter.ExtAuthz(var external) -> {
                    ExtAuthzDecoder.requireMark(external, marks, at.at("http_filters", i));
                    marks.clear();
                }
                case HttpFilter.LocalRateLimited _ -> {}
                case HttpFilter.Router _ -> {
                    if (i < filters.size() - 1) {
                        throw at.at("http_filters", i).because("router before other filters (expected: the last)");
                    }
                }
            }
        }
        if (filters.isEmpty() || !(filters.getLast() instanceof HttpFilter.Router)) {
            throw at.missing("http_filters", "envoy.filters.http.router as the last filter");
        }
        return filters;
    }

    private static HttpFilter filter(
            io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter filter,
            FieldPath where) {
        FieldPath at = where.at("typed_config");
        Any config = TypedStructs.plain(filter.getTypedConfig(), at);
        return switch (Values.typeName(config)) {
            case "envoy.extensions.filters.http.rbac.v3.RBAC" ->
                Values.open(
                        config,
                        RBAC.getDefaultInstance(),
                        at,
                        (rbac, inside) -> new HttpFilter.Rbac(
                                RbacDecoder.rules(rbac.hasRules(), rbac.getRules(), inside.at("rules")),
                                ExtAuthzDecoder.shadow(
                                        rbac.hasShadowRules(),
                                        rbac.getShadowRules(),
                                        rbac.getShadowRulesStatPrefix(),
                                        inside)));
            case "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz" ->
                new HttpFilter.ExtAuthz(Values.open(config, ExtAuthz.getDefaultInstance(), at, ExtAuthzDecoder::http));
            case "envoy.extensions.filters.http.router.v3.Router" -> {
                var _ = Values.open(config, Router.getDefaultInstance(), at);
                yield new HttpFilter.Router();
            }
            case LocalRateLimitDecoder.TYPE ->
                new HttpFilter.LocalRateLimited(
                        filter.getName(),
                        LocalRateLimitDecoder.limit(Values.open(config, LocalRateLimit.getDefaultInstance(), at), at));
            default ->
                throw where.because("unsupported HTTP filter '" + filter.getName() + "' of type '"
                        + Values.typeName(config) + "' (supported: rbac, ext_authz, local_ratelimit, router)");
        };
    }

    private static ServerHeader serverHeader(HttpConnectionManager manager, FieldPath at) {
        return switch (manager.getServerHeaderTransformation()) {
            case OVERWRITE -> ServerHeader.OVERWRITE;
            case APPEND_IF_ABSENT -> ServerHeader.APPEND_IF_ABSENT;
            case PASS_THROUGH -> ServerHeader.PASS_THROUGH;
            case UNRECOGNIZED ->
                throw at.at("server_header_transformation")
                        .refuse(
                                manager.getServerHeaderTransformationValue(),
                                "OVERWRITE, APPEND_IF_ABSENT or PASS_THROUGH");
        };
    }

    private static ForwardClientCert forwardClientCert(HttpConnectionManager manager, FieldPath at) {
        return switch (manager.getForwardClientCertDetails()) {
            case SANITIZE -> ForwardClientCert.SANITIZE;
            case FORWARD_ONLY -> ForwardClientCert.FORWARD_ONLY;
            case APPEND_FORWARD -> ForwardClientCert.APPEND_FORWARD;
            case SANITIZE_SET -> ForwardClientCert.SANITIZE_SET;
            case ALWAYS_FORWARD_ONLY -> ForwardClientCert.ALWAYS_FORWARD_ONLY;
            case UNRECOGNIZED ->
                throw at.at("forward_client_cert_details")
                        .refuse(manager.getForwardClientCertDetailsValue(), "a value that Envoy defines");
        };
    }

    private static Set<String> upgrades(HttpConnectionManager manager, FieldPath at) {
        Set<String> upgrades = new HashSet<>();
        for (int i = 0; i < manager.getUpgradeConfigsCount(); i++) {
            var config = manager.getUpgradeConfigs(i);
            if (config.hasEnabled() && !config.getEnabled().getValue()) {
                continue;
            }
            String type = at.at("upgrade_configs", i)
                    .required(config.getUpgradeType(), "upgrade_type")
                    .toLowerCase(Locale.ROOT);
            if (type.equals("connect-udp")) {
                throw at.at("upgrade_configs", i)
                        .at("upgrade_type")
                        .refuse(type, "CONNECT, websocket or another Upgrade protocol");
            }
            upgrades.add(type);
        }
        return upgrades;
    }
}
