package lateen.decision.rbac;

import lateen.decision.config.RbacConfig;
import lateen.decision.request.ConnectionView;
import lateen.decision.request.RequestView;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request or a connection may pass. Envoy: {@code config.rbac.v3.RBAC}. Immutable.
 *
 * <p>A policy matches when one of its permissions and one of its principals do; the first that matches counts. A bare
 * connection is a request without headers and path: a condition on one of their values does not match it.
 */
public final class RbacProgram {

    private final RbacConfig.Action action;
    private final Policy[] policies;
    private final Verdict otherwise;

    private RbacProgram(RbacConfig.Action action, Policy[] policies, Verdict otherwise) {
        this.action = action;
        this.policies = policies;
        this.otherwise = otherwise;
    }

    /** @throws IllegalArgumentException when a regular expression is not RE2 syntax; names it */
    public static RbacProgram compile(RbacConfig config) {
        Policy[] policies = config.policies().entrySet().stream()
                .map(e -> new Policy(
                        e.getKey(),
                        ConditionCompiler.anyPermission(e.getValue().permissions()),
                        ConditionCompiler.anyPrincipal(e.getValue().principals()),
                        whenMatched(config.action(), e.getKey())))
                .toArray(Policy[]::new);
        Verdict otherwise = switch (config.action()) {
            case ALLOW -> new Verdict.Denied(null);
            case DENY, LOG -> new Verdict.Allowed(null);
        };
        return new RbacProgram(config.action(), policies, otherwise);
    }

    private static Verdict whenMatched(RbacConfig.Action action, String policy) {
        return switch (action) {
            case ALLOW, LOG -> new Verdict.Allowed(policy);
            case DENY -> new Verdict.Denied(policy);
        };
    }

    public Verdict decide(RequestView request) {
        return run(request, request.connection(), null);
    }

    public Verdict decide(ConnectionView connection) {
        return run(null, connection, null);
    }

    /** The same decision with the reasons; allocates. */
    public Explanation explain(RequestView request) {
        return explain(request, request.connection());
    }

    /** The same decision with the reasons; allocates. */
    public Explanation explain(ConnectionView connection) {
        return explain(null, connection);
    }

    private Explanation explain(@Nullable RequestView request, ConnectionView connection) {
        Recorder recorder = new Recorder();
        Verdict verdict = run(request, connection, recorder);
        return new Explanation(action, verdict, recorder.policies());
    }

    private Verdict run(@Nullable RequestView request, ConnectionView connection, @Nullable Recorder recorder) {
        for (Policy policy : policies) {
            if (policy.matches(request, connection, recorder)) {
                return policy.verdict;
            }
        }
        return otherwise;
    }

    private record Policy(String name, Condition permissions, Condition principals, Verdict verdict) {

        boolean matches(@Nullable RequestView request, ConnectionView connection, @Nullable Recorder recorder) {
            boolean permitted = permissions.test(request, connection, recorder);
            if (!permitted && recorder == null) {
                return false;
            }
            boolean known = principals.test(request, connection, recorder);
            if (recorder != null) {
                recorder.policy(name);
            }
            return permitted && known;
        }
    }
}
