package lateen.control.translate;

import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Function;
import lateen.control.registry.ProviderLookup;
import lateen.control.source.AuthorizationPolicy;
import lateen.control.source.AuthorizationPolicy.Action;
import lateen.control.source.AuthorizationPolicy.Operation;
import lateen.control.source.AuthorizationPolicy.Rule;
import lateen.control.source.AuthorizationPolicy.Source;
import lateen.control.source.AuthorizationPolicy.Values;
import lateen.decision.net.Cidr;

/**
 * Istio's AuthorizationPolicy → filters: what is put to a provider (CUSTOM), then DENY, then ALLOW, each one rule set.
 *
 * <p>On a port that is not HTTP, as in Istio: an ALLOW rule that asks for something of HTTP allows nothing; a DENY rule
 * denies, and a CUSTOM rule asks, by what is left of it, which is more than it says and never less.
 */
final class Authorization {

    private final Principals principals;
    private final CustomAuthorization custom;
    private final List<AuthorizationPolicy> policies;

    Authorization(String trustDomain, List<AuthorizationPolicy> policies, SortedMap<String, ProviderLookup> providers) {
        this.principals = new Principals(trustDomain);
        this.policies = policies;
        this.custom = new CustomAuthorization(providers);
    }

    List<HttpFilter> http() {
        return filters(false, custom::http, Filters::httpRbac);
    }

    List<Filter> tcp() {
        return filters(true, custom::tcp, Filters::networkRbac);
    }

    private <F> List<F> filters(boolean tcp, Function<RBAC, List<F>> asking, Function<RBAC, F> deciding) {
        List<F> out = new ArrayList<>();
        RBAC asked = rbac(Action.CUSTOM, tcp);
        if (asked.getPoliciesCount() > 0) {
            out.addAll(asking.apply(asked));
        }
        RBAC denied = rbac(Action.DENY, tcp);
        if (denied.getPoliciesCount() > 0) {
            out.add(deciding.apply(denied));
        }
        // A DENY set without rules does nothing; an ALLOW set without rules allows nothing and must be there.
        if (policies.stream().anyMatch(p -> p.action() == Action.ALLOW)) {
            out.add(deciding.apply(rbac(Action.ALLOW, tcp)));
        }
        return out;
    }

    private RBAC rbac(Action action, boolean tcp) {
        RBAC.Builder out = RBAC.newBuilder()
                .setAction(
                        switch (action) {
                            case ALLOW -> RBAC.Action.ALLOW;
                            case DENY, CUSTOM -> RBAC.Action.DENY;
                        });
        for (AuthorizationPolicy policy : policies) {
            for (int i = 0; policy.action() == action && i < policy.rules().size(); i++) {
                Rule rule = policy.rules().get(i);
                if (!(tcp && action == Action.ALLOW && rule.needsHttp())) {
                    String prefix = action == Action.CUSTOM ? CustomAuthorization.prefix(policy.provider()) : "";
                    String name = prefix + "ns[" + policy.meta().namespace() + "]-policy["
                            + policy.meta().name() + "]-rule[" + i + "]";
                    out.putPolicies(name, policy(rule, tcp));
                }
            }
        }
        return out.build();
    }

    private Policy policy(Rule rule, boolean tcp) {
        Policy.Builder out = Policy.newBuilder();
        rule.to().forEach(to -> out.addPermissions(permission(to, tcp)));
        rule.from().forEach(from -> out.addPrincipals(principal(from, tcp)));
        if (rule.to().isEmpty()) {
            out.addPermissions(Permission.newBuilder().setAny(true));
        }
        if (rule.from().isEmpty()) {
            out.addPrincipals(Principal.newBuilder().setAny(true));
        }
        return out.build();
    }

    private static Permission permission(Operation to, boolean tcp) {
        List<Permission> all = new ArrayList<>();
        add(
                all,
                to.ports(),
                p -> Permission.newBuilder()
                        .setDestinationPort(Integer.parseInt(p))
                        .build());
        if (!tcp) {
            add(all, to.hosts(), h -> header(":authority", matcher(h).setIgnoreCase(true)));
            add(all, to.methods(), m -> header(":method", matcher(m)));
            add(
                    all,
                    to.paths(),
                    p -> Permission.newBuilder()
                            .setUrlPath(PathMatcher.newBuilder().setPath(matcher(p)))
                            .build());
        }
        return switch (all.size()) {
            case 0 -> Permission.newBuilder().setAny(true).build();
            case 1 -> all.getFirst();
            default ->
                Permission.newBuilder()
                        .setAndRules(Permission.Set.newBuilder().addAllRules(all))
                        .build();
        };
    }

    private static void add(List<Permission> all, Values values, Function<String, Permission> one) {
        if (!values.any().isEmpty()) {
            all.add(anyOf(values.any(), one));
        }
        if (!values.not().isEmpty()) {
            all.add(Permission.newBuilder().setNotRule(anyOf(values.not(), one)).build());
        }
    }

    private static Permission anyOf(List<String> values, Function<String, Permission> one) {
        return values.size() == 1
                ? one.apply(values.getFirst())
                : Permission.newBuilder()
                        .setOrRules(Permission.Set.newBuilder()
                                .addAllRules(values.stream().map(one).toList()))
                        .build();
    }

    private Principal principal(Source from, boolean tcp) {
        List<Principal> all = new ArrayList<>();
        addPrincipal(all, from.principals(), principals::principal);
        addPrincipal(all, from.namespaces(), principals::namespace);
        addPrincipal(
                all,
                from.ipBlocks(),
                r -> Principal.newBuilder()
                        .setDirectRemoteIp(Pack.range(Cidr.parse(r)))
                        .build());
        if (!tcp) {
            addPrincipal(
                    all,
                    from.remoteIpBlocks(),
                    r -> Principal.newBuilder()
                            .setRemoteIp(Pack.range(Cidr.parse(r)))
                            .build());
        }
        return switch (all.size()) {
            case 0 -> Principal.newBuilder().setAny(true).build();
            case 1 -> all.getFirst();
            default ->
                Principal.newBuilder()
                        .setAndIds(Principal.Set.newBuilder().addAllIds(all))
                        .build();
        };
    }

    private static void addPrincipal(List<Principal> all, Values values, Function<String, Principal> one) {
        if (!values.any().isEmpty()) {
            all.add(anyPrincipal(values.any(), one));
        }
        if (!values.not().isEmpty()) {
            all.add(Principal.newBuilder()
                    .setNotId(anyPrincipal(values.not(), one))
                    .build());
        }
    }

    private static Principal anyPrincipal(List<String> values, Function<String, Principal> one) {
        return values.size() == 1
                ? one.apply(values.getFirst())
                : Principal.newBuilder()
                        .setOrIds(Principal.Set.newBuilder()
                                .addAllIds(values.stream().map(one).toList()))
                        .build();
    }

    private static Permission header(String name, StringMatcher.Builder matcher) {
        HeaderMatcher.Builder header = HeaderMatcher.newBuilder().setName(name).setStringMatch(matcher);
        return Permission.newBuilder().setHeader(header).build();
    }

    /** Exact, {@code prefix*}, {@code *suffix}; {@code *} alone is anything that is not empty. */
    private static StringMatcher.Builder matcher(String pattern) {
        StringMatcher.Builder out = StringMatcher.newBuilder();
        if (pattern.equals("*")) {
            return out.setSafeRegex(Principals.regex(".+"));
        }
        if (pattern.startsWith("*")) {
            return out.setSuffix(pattern.substring(1));
        }
        return pattern.endsWith("*")
                ? out.setPrefix(pattern.substring(0, pattern.length() - 1))
                : out.setExact(pattern);
    }
}
