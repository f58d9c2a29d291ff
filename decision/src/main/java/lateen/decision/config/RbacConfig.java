package lateen.decision.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import lateen.decision.net.Cidr;

/**
 * Envoy: {@code config.rbac.v3.RBAC}.
 *
 * @param policies by name, in the order in which they are tried and explained; Istio's names are
 *     {@code ns[shop]-policy[only-client]-rule[0]}
 */
public record RbacConfig(Action action, SequencedMap<String, Policy> policies) {

    public RbacConfig {
        policies = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(policies));
    }

    /** ALLOW: one policy must match. DENY: none may. LOG: never refuses. */
    public enum Action {
        ALLOW,
        DENY,
        LOG
    }

    /**
     * Rules that refuse nothing: the name of the first policy that matches is written into the dynamic metadata of the
     * request, for a filter after this one. Envoy: {@code shadow_rules}.
     *
     * @param statPrefix begins the key; Istio's is {@code istio_ext_authz_}
     */
    public record Shadow(String statPrefix, RbacConfig rules) {

        /** Under which key the name of the policy stands. */
        public String policyKey() {
            return statPrefix + "shadow_effective_policy_id";
        }
    }

    /** Whether a permission asks for the server name of a ClientHello. */
    public boolean asksServerName() {
        return policies.values().stream()
                .flatMap(policy -> policy.permissions().stream())
                .anyMatch(RbacConfig::asksServerName);
    }

    private static boolean asksServerName(Permission permission) {
        return switch (permission) {
            case Permission.RequestedServerName _ -> true;
            case Permission.And(var all) -> all.stream().anyMatch(RbacConfig::asksServerName);
            case Permission.Or(var any) -> any.stream().anyMatch(RbacConfig::asksServerName);
            case Permission.Not(var inner) -> asksServerName(inner);
            case Permission.Any _,
                    Permission.Header _,
                    Permission.UrlPath _,
                    Permission.DestinationIp _,
                    Permission.DestinationPorts _ -> false;
        };
    }

    /** Matches when one permission and one principal do. */
    public record Policy(List<Permission> permissions, List<Principal> principals) {
        public Policy {
            permissions = List.copyOf(permissions);
            principals = List.copyOf(principals);
        }
    }

    /** What is asked for. */
    public sealed interface Permission {
        record Any() implements Permission {}

        record And(List<Permission> all) implements Permission {
            public And {
                all = List.copyOf(all);
            }
        }

        record Or(List<Permission> any) implements Permission {
            public Or {
                any = List.copyOf(any);
            }
        }

        record Not(Permission inner) implements Permission {}

        record Header(HeaderMatcher matcher) implements Permission {}

        /** The path without query and fragment. */
        record UrlPath(StringMatcher matcher) implements Permission {}

        record DestinationIp(Cidr range) implements Permission {}

        /** Inclusive bounds. */
        record DestinationPorts(int first, int last) implements Permission {}

        record RequestedServerName(StringMatcher matcher) implements Permission {}
    }

    /** Who asks. */
    public sealed interface Principal {
        record Any() implements Principal {}

        record And(List<Principal> all) implements Principal {
            public And {
                all = List.copyOf(all);
            }
        }

        record Or(List<Principal> any) implements Principal {
            public Or {
                any = List.copyOf(any);
            }
        }

        record Not(Principal inner) implements Principal {}

        /**
         * A peer with a verified certificate, one of whose URI names matches one of these.
         *
         * @param names empty: any verified peer
         */
        record Authenticated(Set<StringMatcher> names) implements Principal {
            public Authenticated {
                names = Set.copyOf(names);
            }
        }

        /** The peer of the connection. */
        record DirectRemoteIp(Cidr range) implements Principal {}

        /** The client as told by proxy protocol, else the peer. Envoy: {@code source_ip}. */
        record SourceIp(Cidr range) implements Principal {}

        /** The client as told by {@code x-forwarded-for} where that is believed, else the peer. */
        record RemoteIp(Cidr range) implements Principal {}

        record Header(HeaderMatcher matcher) implements Principal {}

        record UrlPath(StringMatcher matcher) implements Principal {}
    }
}
