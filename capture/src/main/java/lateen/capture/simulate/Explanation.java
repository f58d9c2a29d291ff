package lateen.capture.simulate;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import lateen.capture.model.Clause;
import lateen.capture.model.HookChain;
import lateen.capture.model.HookRule;
import lateen.capture.model.HookTable;

/**
 * A packet's way, event by event, and its end.
 *
 * @param certain false when a rule that is not understood could have made another end
 */
public record Explanation(List<Event> events, Verdict verdict, Arrival arrival, boolean certain) {
    public Explanation {
        events = List.copyOf(events);
    }

    /** One thing that happened to the packet. */
    public sealed interface Event {}

    /** It entered a base chain. */
    public record Entered(HookTable table, HookChain chain) implements Event {}

    /**
     * It was held against a rule.
     *
     * @param depth number of jumps that led here
     * @param why the first condition that failed or is not understood; empty for a match
     */
    public record Looked(int depth, HookTable table, HookChain chain, HookRule rule, Match match, String why)
            implements Event {}

    /** It came to the end of a base chain. */
    public record Policy(HookTable table, HookChain chain, boolean drops) implements Event {}

    /** Something outside of the rules, such as routing, or a rule's effect. */
    public record Happened(String text) implements Event {}

    /** How a rule was answered. */
    public enum Match {
        MATCH,
        NO_MATCH,
        UNKNOWN
    }

    /**
     * The packet as it ended.
     *
     * @param here true when this host itself takes it
     * @param device by which it leaves; empty when it stays
     * @param transparentPort port of the listener that takes it unchanged, 0 for none
     */
    public record Arrival(
            InetAddress source,
            InetAddress destination,
            int port,
            long mark,
            boolean here,
            String device,
            int transparentPort) {}

    /** The rule that decided: the last that did what the verdict says; for a packet left alone the last that let it go. */
    public Optional<Looked> decisive() {
        Optional<Looked> last = Optional.empty();
        for (Event event : events) {
            if (event instanceof Looked looked && looked.match() == Match.MATCH) {
                boolean better = last.isEmpty() || weight(looked) >= weight(last.get());
                if (weight(looked) > 0 && better) {
                    last = Optional.of(looked);
                }
            }
        }
        return last;
    }

    private int weight(Looked looked) {
        boolean ours = looked.table().ours(looked.chain(), looked.rule());
        return looked.rule().clauses().stream()
                .mapToInt(clause -> decides(clause) ? 3 : letsGo(clause) ? (ours ? 2 : 1) : 0)
                .max()
                .orElse(0);
    }

    private boolean decides(Clause clause) {
        return switch (verdict) {
            case Verdict.Redirected _ -> clause instanceof Clause.Redirect;
            case Verdict.Intercepted _ -> clause instanceof Clause.Tproxy;
            case Verdict.Translated _ -> clause instanceof Clause.Dnat;
            case Verdict.Dropped _ -> clause instanceof Clause.Drop;
            case Verdict.Rejected _ -> clause instanceof Clause.Reject;
            case Verdict.Passed _, Verdict.Unknown _ -> false;
        };
    }

    private boolean letsGo(Clause clause) {
        return verdict instanceof Verdict.Passed
                && (clause instanceof Clause.Return || clause instanceof Clause.Accept);
    }
}
