package lateen.proxy.program;

import java.util.List;
import java.util.Objects;
import lateen.decision.rbac.Explanation;
import lateen.decision.rbac.RbacProgram;
import lateen.decision.rbac.Verdict;
import lateen.decision.request.ConnectionView;
import lateen.decision.request.RequestView;
import lateen.proxy.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One RBAC filter. Every loop may ask. A denial is logged in words, at most ten a second. */
public final class Authorization implements AccessStep {
    private static final Logger log = LoggerFactory.getLogger(Authorization.class);

    private final RbacProgram rules;
    private final LogLimit limit = new LogLimit();

    public Authorization(RbacProgram rules) {
        this.rules = rules;
    }

    /** The same decision, of which nothing is said. */
    public boolean permits(ConnectionView connection) {
        return rules.decide(connection) instanceof Verdict.Allowed;
    }

    /** Null: it may pass. */
    public Failure.@Nullable Denied check(ConnectionView connection) {
        return switch (rules.decide(connection)) {
            case Verdict.Allowed ignored -> null;
            case Verdict.Denied denied -> {
                if (limit.mayLog()) {
                    say("connection", connection, rules.explain(connection));
                }
                yield failure(denied);
            }
        };
    }

    /** Null: it may pass. */
    public Failure.@Nullable Denied check(RequestView request) {
        return switch (rules.decide(request)) {
            case Verdict.Allowed ignored -> null;
            case Verdict.Denied denied -> {
                if (limit.mayLog()) {
                    say(
                            Printable.of(request.method() + " " + request.path()),
                            request.connection(),
                            rules.explain(request));
                }
                yield failure(denied);
            }
        };
    }

    private static Failure.Denied failure(Verdict.Denied denied) {
        return new Failure.Denied(Objects.requireNonNullElse(denied.policy(), "none"));
    }

    private void say(String what, ConnectionView from, Explanation why) {
        List<String> words = why.words();
        log.warn(
                "RBAC: {} from {} ({}) to {}:{} {}",
                what,
                from.peerUriNames().isEmpty()
                        ? "a peer without identity"
                        : from.peerUriNames().getFirst(),
                from.directSourceIp(),
                from.destinationIp(),
                from.destinationPort(),
                String.join("; ", words));
    }
}
