package lateen.decision.rbac;

import java.util.List;
import lateen.decision.config.ExtAuthzConfig;
import lateen.decision.config.RbacConfig;
import lateen.decision.match.TextMatch;
import lateen.decision.request.ConnectionView;
import lateen.decision.request.RequestView;
import org.jspecify.annotations.Nullable;

/**
 * Which requests an external authorization server is asked about: those that the shadow rules of an RBAC filter before
 * it mark. Envoy writes the name of the policy into metadata and matches it there; here the two are one step. Immutable.
 */
public final class CheckCondition {

    private static final CheckCondition ALWAYS = new CheckCondition(null, null, false);

    private final @Nullable RbacProgram marks;
    private final @Nullable TextMatch policy;
    private final boolean invert;

    private CheckCondition(@Nullable RbacProgram marks, @Nullable TextMatch policy, boolean invert) {
        this.marks = marks;
        this.policy = policy;
        this.invert = invert;
    }

    /**
     * @param condition null: every request
     * @param before shadow rules of the filters between this one and an external authorization before it, which may
     *     have changed the request
     * @throws IllegalArgumentException when none of them writes the key, so that no request would ever be checked; or
     *     two do; or a regular expression is not RE2 syntax
     */
    public static CheckCondition compile(ExtAuthzConfig.@Nullable Condition condition, List<RbacConfig.Shadow> before) {
        if (condition == null) {
            return ALWAYS;
        }
        List<RbacConfig.Shadow> marking = before.stream()
                .filter(shadow -> shadow.policyKey().equals(condition.key()))
                .toList();
        if (marking.size() != 1) {
            throw new IllegalArgumentException("key '" + condition.key() + "' is written by " + marking.size()
                    + " filters before (expected: shadow_rules of one RBAC filter, whose shadow_rules_stat_prefix begins"
                    + " the key)");
        }
        return new CheckCondition(
                RbacProgram.compile(marking.getFirst().rules()),
                TextMatch.compile(condition.policy()),
                condition.invert());
    }

    public boolean applies(RequestView request) {
        return marks == null || matches(marks.decide(request));
    }

    public boolean applies(ConnectionView connection) {
        return marks == null || matches(marks.decide(connection));
    }

    private boolean matches(Verdict verdict) {
        String name = verdict.policy();
        return (name != null && policy != null && policy.matches(name)) != invert;
    }
}
