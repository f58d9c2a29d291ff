package lateen.capture.simulate;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What became of a packet, in short.
 *
 * @param verdict where it ends up
 * @param chains the chains in which a rule took effect, in order
 * @param certain false when a rule that is not understood could have made another end
 */
public record SimulatedPath(Verdict verdict, List<String> chains, boolean certain) {
    public SimulatedPath {
        chains = List.copyOf(chains);
    }

    static SimulatedPath of(Explanation explanation) {
        List<String> chains = explanation.events().stream()
                .filter(Explanation.Looked.class::isInstance)
                .map(Explanation.Looked.class::cast)
                .filter(looked -> looked.match() == Explanation.Match.MATCH)
                .map(looked -> looked.chain().name())
                .distinct()
                .toList();
        return new SimulatedPath(explanation.verdict(), chains, explanation.certain());
    }

    /** The way in one line, such as {@code OUTPUT → ISTIO_OUTPUT → ISTIO_REDIRECT → :15001}. */
    public String summary() {
        String end = verdict.words();
        return (chains.isEmpty() ? end : chains.stream().collect(Collectors.joining(" → ")) + " → " + end)
                + (certain ? "" : " (if other programs' rules let it)");
    }
}
