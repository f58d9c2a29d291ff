package lateen.decision.rbac;

import lateen.decision.request.ConnectionView;
import lateen.decision.request.RequestView;
import org.jspecify.annotations.Nullable;

/**
 * A node of a compiled policy. Permissions and principals become the same nodes.
 *
 * <p>Without a recorder a group stops at the first member that settles it. With one it asks all of them, so that the
 * trace is complete; as members have no effects, the outcome is the same.
 */
sealed interface Condition permits Condition.All, Condition.Any, Condition.Not, Check {

    /**
     * @param request null: a bare connection
     * @param recorder null: nobody wants to know why
     */
    boolean test(@Nullable RequestView request, ConnectionView connection, @Nullable Recorder recorder);

    /** Every member holds; none: holds. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never seen outside
    record All(Condition[] members) implements Condition {
        @Override
        public boolean test(@Nullable RequestView request, ConnectionView connection, @Nullable Recorder recorder) {
            if (recorder != null) {
                recorder.open(TraceStep.Kind.ALL);
            }
            boolean outcome = true;
            for (Condition member : members) {
                if (!member.test(request, connection, recorder)) {
                    outcome = false;
                    if (recorder == null) {
                        return false;
                    }
                }
            }
            if (recorder != null) {
                recorder.close(outcome);
            }
            return outcome;
        }
    }

    /** One member holds at least; none: does not hold. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never seen outside
    record Any(Condition[] members) implements Condition {
        @Override
        public boolean test(@Nullable RequestView request, ConnectionView connection, @Nullable Recorder recorder) {
            if (recorder != null) {
                recorder.open(TraceStep.Kind.ANY);
            }
            boolean outcome = false;
            for (Condition member : members) {
                if (member.test(request, connection, recorder)) {
                    outcome = true;
                    if (recorder == null) {
                        return true;
                    }
                }
            }
            if (recorder != null) {
                recorder.close(outcome);
            }
            return outcome;
        }
    }

    record Not(Condition inner) implements Condition {
        @Override
        public boolean test(@Nullable RequestView request, ConnectionView connection, @Nullable Recorder recorder) {
            if (recorder != null) {
                recorder.open(TraceStep.Kind.NOT);
            }
            boolean outcome = !inner.test(request, connection, recorder);
            if (recorder != null) {
                recorder.close(outcome);
            }
            return outcome;
        }
    }
}
