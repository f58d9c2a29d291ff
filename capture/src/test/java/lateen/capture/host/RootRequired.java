package lateen.capture.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Lets kernel tests run as root; elsewhere they are skipped with the reason, and under {@code CI=true} they fail. */
public final class RootRequired implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        String missing = missing();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("root, with all programs that are needed");
        }
        if ("true".equals(System.getenv("CI"))) {
            throw new IllegalStateException("CI=true, but kernel tests cannot run: " + missing);
        }
        return ConditionEvaluationResult.disabled("kernel tests cannot run: " + missing);
    }

    private static String missing() {
        try {
            if (Files.readAllLines(Path.of("/proc/self/status")).stream().noneMatch(l -> l.matches("Uid:\\s+0\\s.*"))) {
                return "not root";
            }
            for (String program : new String[] {"ip", "iptables", "ip6tables", "nft", "nsenter", "python3"}) {
                if (new ProcessRunner(java.time.Duration.ofSeconds(10))
                                .run(java.util.List.of("sh", "-c", "command -v " + program), "")
                                .status()
                        != 0) {
                    return "program " + program + " is missing";
                }
            }
            return "";
        } catch (IOException e) {
            return "cannot tell: " + e.getMessage();
        }
    }
}
