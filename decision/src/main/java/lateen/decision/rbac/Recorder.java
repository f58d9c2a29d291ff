package lateen.decision.rbac;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Takes down what an {@link RbacProgram} asks while it decides. For one decision, one thread. */
final class Recorder {

    private final List<PolicyTrace> policies = new ArrayList<>();
    private final Deque<Open> open = new ArrayDeque<>();
    private final List<TraceStep> roots = new ArrayList<>();

    void open(TraceStep.Kind kind) {
        open.push(new Open(kind, new ArrayList<>()));
    }

    void close(boolean holds) {
        Open group = open.pop();
        add(new TraceStep.Group(group.kind, group.members, holds));
    }

    void add(TraceStep step) {
        Open around = open.peek();
        (around == null ? roots : around.members).add(step);
    }

    /** Ends a policy, of which permissions and principals were asked. */
    void policy(String name) {
        policies.add(new PolicyTrace(name, roots.get(0), roots.get(1)));
        roots.clear();
    }

    List<PolicyTrace> policies() {
        return policies;
    }

    private record Open(TraceStep.Kind kind, List<TraceStep> members) {}
}
