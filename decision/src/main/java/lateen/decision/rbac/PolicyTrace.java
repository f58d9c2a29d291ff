package lateen.decision.rbac;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How one policy was tried.
 *
 * @param name as configured
 * @param permissions what was asked for
 * @param principals who asked
 */
public record PolicyTrace(String name, TraceStep permissions, TraceStep principals) {

    public boolean matched() {
        return permissions.holds() && principals.holds();
    }

    /** The values that kept it from matching; empty when it matched. */
    public List<TraceStep.Value> failures() {
        List<TraceStep.Value> all = new ArrayList<>(permissions.failures());
        all.addAll(principals.failures());
        return all;
    }

    /** {@code policy shop/only-client, rule 0: did not match: path: "/a" (expected: "/b")}. */
    @Override
    public String toString() {
        String outcome = matched()
                ? "matched"
                : "did not match: "
                        + failures().stream().map(TraceStep.Value::toString).collect(Collectors.joining("; "));
        return PolicyName.describe(name) + ": " + outcome;
    }
}
