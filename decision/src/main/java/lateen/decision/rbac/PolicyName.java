package lateen.decision.rbac;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Optional;

/**
 * The origin of a policy as Istio writes it into its name: {@code ns[shop]-policy[only-client]-rule[0]}.
 *
 * @param rule place in {@code spec.rules}, from 0
 */
public record PolicyName(String namespace, String policy, int rule) {

    private static final Pattern FORM =
            Pattern.compile("ns\\[([^\\]]+)\\]-policy\\[([^\\]]+)\\]-rule\\[([0-9]{1,9})\\]");

    /** Empty when the name is not of that form; other control planes name policies as they like. */
    public static Optional<PolicyName> parse(String name) {
        Matcher m = FORM.matcher(name);
        return m.matches()
                ? Optional.of(new PolicyName(m.group(1), m.group(2), Integer.parseInt(m.group(3))))
                : Optional.empty();
    }

    /** {@code policy shop/only-client, rule 0}; a name of another form in quotes. */
    public static String describe(String name) {
        return parse(name).map(PolicyName::toString).orElseGet(() -> "policy '" + name + "'");
    }

    @Override
    public String toString() {
        return "policy " + namespace + "/" + policy + ", rule " + rule;
    }
}
