package lateen.decision.rbac;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import lateen.decision.config.RbacConfig;

/**
 * A verdict and how it came about.
 *
 * @param policies those tried, in order; the last one matched when the verdict names a policy
 */
public record Explanation(RbacConfig.Action action, Verdict verdict, List<PolicyTrace> policies) {

    public Explanation {
        policies = List.copyOf(policies);
    }

    /** When none matched: the one with the fewest failing values, the first of equals. */
    public Optional<PolicyTrace> nearest() {
        if (verdict.policy() != null) {
            return Optional.empty();
        }
        return policies.stream().min(Comparator.comparingInt(p -> p.failures().size()));
    }

    /** One line for the verdict, one for each policy tried, and one for the nearest. */
    public List<String> words() {
        List<String> lines = new ArrayList<>();
        lines.add(verdict.message() + " (action " + action + ", " + policies.size() + " tried)");
        policies.forEach(policy -> lines.add(policy.toString()));
        nearest().ifPresent(policy -> lines.add("nearest: " + PolicyName.describe(policy.name())));
        return lines;
    }
}
