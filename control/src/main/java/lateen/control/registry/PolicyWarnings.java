package lateen.control.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lateen.control.source.AuthorizationPolicy;
import lateen.control.source.AuthorizationPolicy.Rule;
import lateen.control.source.ObjectMeta;
import lateen.control.source.PeerAuthentication;
import lateen.control.source.Problems;

/** What is allowed and yet hardly meant. */
final class PolicyWarnings {

    private PolicyWarnings() {}

    static void report(MeshSnapshot snapshot, Problems problems) {
        scopes(snapshot, problems);
        for (AuthorizationPolicy policy : snapshot.policies().authorizations()) {
            httpRulesOnTcp(policy, snapshot, problems);
        }
    }

    /** Of two in one scope only the oldest holds. */
    private static void scopes(MeshSnapshot snapshot, Problems problems) {
        Map<List<Object>, PeerAuthentication> seen = new HashMap<>();
        for (PeerAuthentication policy : snapshot.policies().peerAuthentications()) {
            ObjectMeta meta = policy.meta();
            if (meta.namespace().equals(snapshot.settings().rootNamespace())
                    && !policy.selector().isEmpty()) {
                problems.warn(
                        meta.at("spec.selector"), "spec.selector", "in the root namespace has no effect, as in Istio");
            }
            PeerAuthentication first = seen.putIfAbsent(List.of(meta.namespace(), policy.selector()), policy);
            if (first != null) {
                problems.warn(
                        meta.origin(),
                        "metadata.name",
                        '"' + meta.key() + "\" has no effect: \"" + first.meta().key() + "\" ("
                                + first.meta().origin() + ") is for the same workloads and older");
            }
        }
    }

    private static void httpRulesOnTcp(AuthorizationPolicy policy, MeshSnapshot snapshot, Problems problems) {
        Service.Port port = tcpPort(policy, snapshot);
        if (port == null) {
            return;
        }
        for (Rule rule : policy.rules()) {
            if (rule.needsHttp()) {
                String effect = switch (policy.action()) {
                    case ALLOW -> "the rule never allows there";
                    case DENY -> "the rule denies there by what else it says";
                    case CUSTOM -> "the provider is asked there by what else it says";
                };
                problems.warn(
                        rule.origin(),
                        "spec.rules",
                        "asks for something of HTTP, and port " + port.port() + " (" + port.origin() + ") is not HTTP: "
                                + effect);
            }
        }
    }

    private static Service.@org.jspecify.annotations.Nullable Port tcpPort(
            AuthorizationPolicy policy, MeshSnapshot snapshot) {
        boolean everywhere =
                policy.meta().namespace().equals(snapshot.settings().rootNamespace());
        return snapshot.services().values().stream()
                .filter(s -> everywhere || s.namespace().equals(policy.meta().namespace()))
                .filter(s -> s.workloads().stream().anyMatch(w -> w.matches(policy.selector())))
                .flatMap(s -> s.ports().stream())
                .filter(p -> !p.protocol().isHttp())
                .findFirst()
                .orElse(null);
    }
}
