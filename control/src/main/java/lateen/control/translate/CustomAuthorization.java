package lateen.control.translate;

import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.BufferSettings;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import java.util.List;
import java.util.SortedMap;
import lateen.control.registry.ProviderLookup;
import lateen.control.source.ExtensionProvider;
import org.jspecify.annotations.Nullable;

/**
 * Istio's CUSTOM action. Rules that refuse nothing leave the name of the one that matched in the request's metadata, and
 * the filter after them asks the provider only where it finds such a name.
 *
 * <p>Fails closed, as Istio does: when the provider cannot be asked, or a workload's policies name several, what the
 * rules are about is refused, under a name that says why.
 */
final class CustomAuthorization {

    private static final String STAT_PREFIX = "istio_ext_authz_";
    private static final String POLICY_ID = STAT_PREFIX + "shadow_effective_policy_id";
    private static final String REFUSED = "-deny-due-to-bad-CUSTOM-action";

    /** By name, of all that the policies of a workload mention. */
    private final SortedMap<String, ProviderLookup> providers;

    CustomAuthorization(SortedMap<String, ProviderLookup> providers) {
        this.providers = providers;
    }

    /** Begins the names of the rules that are put to a provider. */
    static String prefix(String provider) {
        return "istio-ext-authz-" + provider + "-";
    }

    /** @param rules of all CUSTOM policies, action DENY, named with {@link #prefix} */
    List<HttpFilter> http(RBAC rules) {
        ExtensionProvider provider = provider();
        if (provider == null) {
            return List.of(Filters.httpRbac(refusing(rules)));
        }
        var shadow = io.envoyproxy
                .envoy
                .extensions
                .filters
                .http
                .rbac
                .v3
                .RBAC
                .newBuilder()
                .setShadowRules(rules)
                .setShadowRulesStatPrefix(STAT_PREFIX);
        return List.of(
                Filters.httpFilter(Filters.HTTP_RBAC, shadow.build()),
                Filters.httpFilter("envoy.filters.http.ext_authz", question(provider)));
    }

    /** @param rules as in {@link #http}, without what only an HTTP request has */
    List<Filter> tcp(RBAC rules) {
        ExtensionProvider provider = provider();
        if (provider == null) {
            return List.of(Filters.networkRbac(refusing(rules)));
        }
        var shadow = io.envoyproxy
                .envoy
                .extensions
                .filters
                .network
                .rbac
                .v3
                .RBAC
                .newBuilder()
                .setShadowRules(rules)
                .setShadowRulesStatPrefix(STAT_PREFIX)
                .setStatPrefix("tcp.");
        var question = io.envoyproxy.envoy.extensions.filters.network.ext_authz.v3.ExtAuthz.newBuilder()
                .setStatPrefix("tcp.")
                .setFailureModeAllow(provider.failOpen())
                .setTransportApiVersion(ApiVersion.V3)
                .setGrpcService(service(provider))
                .setFilterEnabledMetadata(matched(Filters.NETWORK_RBAC, provider));
        return List.of(
                Filters.network(Filters.NETWORK_RBAC, shadow.build()),
                Filters.network("envoy.filters.network.ext_authz", question.build()));
    }

    private @Nullable ExtensionProvider provider() {
        return providers.size() == 1
                        && providers.firstEntry().getValue() instanceof ProviderLookup.Found(var found, String _)
                ? found
                : null;
    }

    private static RBAC refusing(RBAC rules) {
        RBAC.Builder out = RBAC.newBuilder().setAction(RBAC.Action.DENY);
        for (var entry : rules.getPoliciesMap().entrySet()) {
            Policy policy = entry.getValue();
            out.putPolicies(entry.getKey() + REFUSED, policy);
        }
        return out.build();
    }

    private static ExtAuthz question(ExtensionProvider provider) {
        ExtAuthz.Builder out = ExtAuthz.newBuilder()
                .setGrpcService(service(provider))
                .setTransportApiVersion(ApiVersion.V3)
                .setFailureModeAllow(provider.failOpen())
                .setFilterEnabledMetadata(matched(Filters.HTTP_RBAC, provider));
        Integer status = provider.statusOnError();
        if (status != null) {
            out.setStatusOnError(HttpStatus.newBuilder().setCodeValue(status));
        }
        ExtensionProvider.RequestBody body = provider.body();
        if (body != null) {
            out.setWithRequestBody(BufferSettings.newBuilder()
                    .setMaxRequestBytes(body.maxBytes())
                    .setAllowPartialMessage(body.allowPartial())
                    .setPackAsBytes(body.packAsBytes()));
        }
        return out.build();
    }

    /** A cluster's name as it is would be no authority: servers refuse {@code |} in it. */
    private static GrpcService service(ExtensionProvider provider) {
        String cluster = XdsNames.outbound(provider.host(), provider.port());
        return GrpcService.newBuilder()
                .setEnvoyGrpc(GrpcService.EnvoyGrpc.newBuilder()
                        .setClusterName(cluster)
                        .setAuthority(cluster.replace("|", "_.")))
                .setTimeout(Pack.duration(provider.timeout()))
                .build();
    }

    private static MetadataMatcher matched(String filter, ExtensionProvider provider) {
        return MetadataMatcher.newBuilder()
                .setFilter(filter)
                .addPath(MetadataMatcher.PathSegment.newBuilder().setKey(POLICY_ID))
                .setValue(ValueMatcher.newBuilder()
                        .setStringMatch(StringMatcher.newBuilder().setPrefix(prefix(provider.name()))))
                .build();
    }
}
