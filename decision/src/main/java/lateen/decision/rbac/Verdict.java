package lateen.decision.rbac;

import org.jspecify.annotations.Nullable;

/** What an {@link RbacProgram} says. Made when the program is compiled, never for a request. */
public sealed interface Verdict {

    /** The policy that matched, as configured; null: none did. */
    @Nullable
    String policy();

    /** In words, for a log line or an answer. */
    String message();

    /** @param policy the one that allowed it, or under LOG the one to be logged; null: allowed because none matched */
    record Allowed(@Nullable String policy) implements Verdict {
        @Override
        public String message() {
            return policy == null ? "allowed: no policy matched" : "allowed by " + PolicyName.describe(policy);
        }
    }

    /** @param policy the one that denied it; null: denied because none allowed it */
    record Denied(@Nullable String policy) implements Verdict {
        @Override
        public String message() {
            return policy == null ? "denied: no policy allows it" : "denied by " + PolicyName.describe(policy);
        }
    }
}
