package lateen.capture.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A chain and its rules.
 *
 * @param policy what happens at the end of a built-in chain; empty for users' chains, and where the policy is not ours to set
 */
public record Chain(String name, Optional<String> policy, List<Rule> rules) {
    private static final Set<String> BUILT_IN = Set.of("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING");

    /** The names under which capture keeps its rules; all it writes elsewhere are jumps to these. */
    public static final Set<String> OURS = Set.of(
            "ISTIO_INBOUND",
            "ISTIO_IN_REDIRECT",
            "ISTIO_OUTPUT",
            "ISTIO_REDIRECT",
            "ISTIO_OUTPUT_DNS",
            "ISTIO_TPROXY",
            "ISTIO_DIVERT",
            "ISTIO_DROP",
            "ISTIO_VIRTUAL",
            "ISTIO_GUARD");

    public Chain {
        rules = List.copyOf(rules);
    }

    public boolean builtIn() {
        return BUILT_IN.contains(name);
    }

    /** True for a chain of capture's own. */
    public boolean ours() {
        return OURS.contains(name);
    }
}
