package lateen.capture.simulate;

import java.util.List;
import java.util.stream.Collectors;
import lateen.capture.model.Table;

/**
 * What became of a packet, and why.
 *
 * @param verdict where it ends up
 * @param steps the rules that took effect, in order
 * @param certain false when a rule of another program stood in the way that could not be evaluated
 */
public record SimulatedPath(Verdict verdict, List<Step> steps, boolean certain) {
    public SimulatedPath {
        steps = List.copyOf(steps);
    }

    /** One rule that took effect: its table, its chain, its line of the listing, and why it did. */
    public record Step(Table table, String chain, String rule, String why) {}

    /** The way in one line, such as {@code OUTPUT → ISTIO_OUTPUT → ISTIO_REDIRECT → :15001}. */
    public String summary() {
        String chains = steps.stream().map(Step::chain).distinct().collect(Collectors.joining(" → "));
        String end = switch (verdict) {
            case Verdict.Redirected(int port) -> ":" + port;
            case Verdict.Intercepted(int port) -> ":" + port + " (transparent)";
            case Verdict.Passed _ -> "untouched";
            case Verdict.Dropped _ -> "dropped";
        };
        return (chains.isEmpty() ? end : chains + " → " + end) + (certain ? "" : " (if other programs' rules let it)");
    }
}
