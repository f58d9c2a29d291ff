package lateen.decision.rbac;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What came of one condition. */
public sealed interface TraceStep {

    boolean holds();

    /**
     * The values that would have to be others for this to hold, as few as there are; empty when it holds.
     *
     * <p>Of alternatives, the one with the fewest speaks for all.
     */
    List<Value> failures();

    /** A condition on one value, in words. */
    record Value(String what, String seen, String expected, boolean holds) implements TraceStep {
        @Override
        public List<Value> failures() {
            return holds ? List.of() : List.of(this);
        }

        /** {@code path: "/a" (expected: "/b")}. */
        @Override
        public String toString() {
            return what + ": " + seen + " (expected: " + expected + ")";
        }
    }

    /** How a group's outcome follows from its members'. */
    enum Kind {
        ALL,
        ANY,
        NOT
    }

    /** Conditions taken together; all members were asked. */
    record Group(Kind kind, List<TraceStep> members, boolean holds) implements TraceStep {
        public Group {
            members = List.copyOf(members);
        }

        @Override
        public List<Value> failures() {
            if (holds) {
                return List.of();
            }
            return switch (kind) {
                case ALL -> members.stream().flatMap(m -> m.failures().stream()).toList();
                case ANY -> nearest();
                case NOT -> List.of(negated(members.getFirst()));
            };
        }

        private List<Value> nearest() {
            List<Value> best = List.of(new Value("alternatives", "none configured", "at least one", false));
            int fewest = Integer.MAX_VALUE;
            for (TraceStep member : members) {
                List<Value> failures = member.failures();
                if (failures.size() < fewest) {
                    best = failures;
                    fewest = failures.size();
                }
            }
            return best;
        }

        private static Value negated(TraceStep inner) {
            if (inner instanceof Value v) {
                return new Value(v.what, v.seen, "anything but " + v.expected, false);
            }
            List<Value> holding = new ArrayList<>();
            holding(inner, holding);
            return new Value(
                    "excluded combination",
                    holding.stream().map(v -> v.what + " " + v.seen).collect(Collectors.joining(" and ")),
                    "not all of it",
                    false);
        }

        private static void holding(TraceStep step, List<Value> into) {
            switch (step) {
                case Value v -> {
                    if (v.holds) {
                        into.add(v);
                    }
                }
                case Group g -> g.members.forEach(m -> holding(m, into));
            }
        }
    }
}
