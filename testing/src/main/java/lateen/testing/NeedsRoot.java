package lateen.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Tests with real namespaces, rules and users. Without root they are reported as not run; with CI=true they fail. */
@Tag("kernel")
@ExtendWith(NeedsRoot.Condition.class)
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface NeedsRoot {

    /** Looks at user and environment. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if ("root".equals(System.getProperty("user.name")) || "true".equals(System.getenv("CI"))) {
                return ConditionEvaluationResult.enabled("root, or CI where a missing root must fail");
            }
            return ConditionEvaluationResult.disabled("needs root: network namespaces and capture rules");
        }
    }
}
