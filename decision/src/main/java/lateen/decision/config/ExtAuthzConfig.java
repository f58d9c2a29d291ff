package lateen.decision.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Authorization by a server that is asked over gRPC. Envoy: {@code extensions.filters.http.ext_authz.v3.ExtAuthz} and
 * {@code extensions.filters.network.ext_authz.v3.ExtAuthz}.
 *
 * @param cluster whose hosts are asked
 * @param authority sent to them; empty: the cluster's name
 * @param timeout for the whole call, connecting included; zero: none
 * @param failureModeAllow a request passes when there is no decision
 * @param failureModeAllowHeaderAdd such a request says so: {@code x-envoy-auth-failure-mode-allowed: true}
 * @param statusOnError of the answer when there is no decision, 200 to 599
 * @param includePeerCertificate the client's certificate is part of the question
 * @param clearRouteCache the route is chosen anew after the server changed the request
 * @param allowedHeaders only these are part of the question; null: all
 * @param disallowedHeaders these are not
 * @param condition which requests are meant; null: all
 */
public record ExtAuthzConfig(
        String cluster,
        String authority,
        Duration timeout,
        boolean failureModeAllow,
        boolean failureModeAllowHeaderAdd,
        int statusOnError,
        boolean includePeerCertificate,
        boolean clearRouteCache,
        @Nullable List<StringMatcher> allowedHeaders,
        List<StringMatcher> disallowedHeaders,
        @Nullable Condition condition) {

    public ExtAuthzConfig {
        allowedHeaders = allowedHeaders == null ? null : List.copyOf(allowedHeaders);
        disallowedHeaders = List.copyOf(disallowedHeaders);
    }

    /**
     * What an RBAC filter before wrote into the dynamic metadata of the request. Envoy: {@code filter_enabled_metadata}.
     *
     * @param key {@link RbacConfig.Shadow#policyKey} of that filter
     * @param policy what the name of the policy that matched must be
     */
    public record Condition(String key, StringMatcher policy, boolean invert) {}
}
