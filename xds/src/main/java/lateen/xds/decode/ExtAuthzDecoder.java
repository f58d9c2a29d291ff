package lateen.xds.decode;

import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.type.matcher.v3.ListStringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import java.time.Duration;
import java.util.List;
import lateen.decision.config.ExtAuthzConfig;
import lateen.decision.config.ExtAuthzConfig.Condition;
import lateen.decision.config.RbacConfig;
import lateen.decision.config.StringMatcher;
import org.jspecify.annotations.Nullable;

/** Envoy: {@code extensions.filters.http.ext_authz.v3} and {@code extensions.filters.network.ext_authz.v3}. */
final class ExtAuthzDecoder {

    private static final String HTTP_RBAC = "envoy.filters.http.rbac";
    private static final String NETWORK_RBAC = "envoy.filters.network.rbac";
    /** Envoy's timeout when unset. */
    private static final Duration TIMEOUT = Duration.ofMillis(200);

    private static final int FORBIDDEN = 403;

    private ExtAuthzDecoder() {}

    static ExtAuthzConfig http(io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz filter, FieldPath at) {
        version(filter.getTransportApiVersion(), at);
        if (!filter.hasGrpcService()) {
            throw at.refuse(filter.getServicesCase(), "grpc_service");
        }
        Service service = service(filter.getGrpcService(), at.at("grpc_service"));
        return new ExtAuthzConfig(
                service.cluster,
                service.authority,
                service.timeout,
                filter.getFailureModeAllow(),
                filter.getFailureModeAllowHeaderAdd(),
                filter.hasStatusOnError()
                        ? status(filter.getStatusOnError().getCodeValue(), at.at("status_on_error"))
                        : FORBIDDEN,
                filter.getIncludePeerCertificate(),
                filter.getClearRouteCache(),
                filter.hasAllowedHeaders() ? matchers(filter.getAllowedHeaders(), at.at("allowed_headers")) : null,
                matchers(filter.getDisallowedHeaders(), at.at("disallowed_headers")),
                filter.hasFilterEnabledMetadata()
                        ? condition(filter.getFilterEnabledMetadata(), HTTP_RBAC, at.at("filter_enabled_metadata"))
                        : null);
    }

    static ExtAuthzConfig network(
            io.envoyproxy.envoy.extensions.filters.network.ext_authz.v3.ExtAuthz filter, FieldPath at) {
        version(filter.getTransportApiVersion(), at);
        if (!filter.hasGrpcService()) {
            throw at.missing("grpc_service", "the server to ask");
        }
        Service service = service(filter.getGrpcService(), at.at("grpc_service"));
        return new ExtAuthzConfig(
                service.cluster,
                service.authority,
                service.timeout,
                filter.getFailureModeAllow(),
                false,
                FORBIDDEN,
                filter.getIncludePeerCertificate(),
                false,
                null,
                List.of(),
                filter.hasFilterEnabledMetadata()
                        ? condition(filter.getFilterEnabledMetadata(), NETWORK_RBAC, at.at("filter_enabled_metadata"))
                        : null);
    }

    /** Refuses a condition on what no filter before writes: Envoy would then never ask, and let everything pass. */
    static void requireMark(ExtAuthzConfig filter, List<RbacConfig.Shadow> before, FieldPath at) {
        Condition condition = filter.condition();
        if (condition != null
                && before.stream()
                                .filter(shadow -> shadow.policyKey().equals(condition.key()))
                                .count()
                        != 1) {
            throw at.at("typed_config")
                    .at("filter_enabled_metadata")
                    .at("path")
                    .refuse(
                            condition.key(),
                            "the shadow_rules_stat_prefix of exactly one RBAC filter with shadow_rules before this one,"
                                    + " and after any other ext_authz, followed by shadow_effective_policy_id");
        }
    }

    static RbacConfig.@Nullable Shadow shadow(
            boolean present, io.envoyproxy.envoy.config.rbac.v3.RBAC rules, String prefix, FieldPath at) {
        return present ? new RbacConfig.Shadow(prefix, RbacDecoder.rules(true, rules, at.at("shadow_rules"))) : null;
    }

    private static void version(ApiVersion version, FieldPath at) {
        if (version != ApiVersion.V3) {
            throw at.at("transport_api_version").refuse(version, "V3");
        }
    }

    private record Service(String cluster, String authority, Duration timeout) {}

    private static Service service(GrpcService service, FieldPath at) {
        if (!service.hasEnvoyGrpc()) {
            throw at.refuse(service.getTargetSpecifierCase(), "envoy_grpc");
        }
        FieldPath inside = at.at("envoy_grpc");
        return new Service(
                inside.required(service.getEnvoyGrpc().getClusterName(), "cluster_name"),
                service.getEnvoyGrpc().getAuthority(),
                service.hasTimeout() ? Values.duration(service.getTimeout(), at.at("timeout")) : TIMEOUT);
    }

    private static int status(int code, FieldPath at) {
        if (code < 200 || code > 599) {
            throw at.at("code").refuse(code, "200..599");
        }
        return code;
    }

    private static List<StringMatcher> matchers(ListStringMatcher list, FieldPath at) {
        return at.each(list.getPatternsList(), "patterns", MatcherDecoder::string);
    }

    private static Condition condition(MetadataMatcher matcher, String namespace, FieldPath at) {
        if (!matcher.getFilter().equals(namespace)) {
            throw at.at("filter").refuse(matcher.getFilter(), namespace + ", the only metadata that is written");
        }
        if (matcher.getPathCount() != 1) {
            throw at.at("path").refuse(matcher.getPathCount() + " segments", "one key");
        }
        if (!matcher.getValue().hasStringMatch()) {
            throw at.at("value").refuse(matcher.getValue().getMatchPatternCase(), "string_match");
        }
        return new Condition(
                at.at("path", 0).required(matcher.getPath(0).getKey(), "key"),
                MatcherDecoder.string(
                        matcher.getValue().getStringMatch(), at.at("value").at("string_match")),
                matcher.getInvert());
    }
}
