package lateen.capture.model;

import java.util.List;
import java.util.Optional;

/**
 * One rule of any engine, in the form that can be walked: conditions and actions in the order in which the kernel takes
 * them. nft lets them alternate; in iptables there is one action, at the end.
 *
 * @param text the rule as its own program lists it, after the chain's name
 * @param counters what the kernel counted; empty for a rule of nft without a counter
 */
public record HookRule(String text, List<Clause> clauses, Optional<Rule.Counters> counters) {
    public HookRule {
        clauses = List.copyOf(clauses);
    }

    /** True when a part of it is not understood. */
    public boolean hasUnknown() {
        return clauses.stream()
                .anyMatch(c -> c instanceof Clause.UnknownCondition || c instanceof Clause.UnknownAction);
    }
}
