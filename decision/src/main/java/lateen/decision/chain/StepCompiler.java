package lateen.decision.chain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lateen.decision.config.FilterChainConfig;
import org.jspecify.annotations.Nullable;

/** Grows the tree of a {@link ChainSelector}. Used once, by one thread. */
final class StepCompiler {

    private static final Criterion[] ORDER = Criterion.values();

    private final List<FilterChainConfig> chains;
    private final Map<Place, Step> grown = new HashMap<>();
    private List<Integer> rivals = List.of();

    StepCompiler(List<FilterChainConfig> chains) {
        this.chains = chains;
    }

    /** The first set of chains found that nothing tells apart; empty: every connection has one chain at most. */
    List<Integer> rivals() {
        return rivals;
    }

    Step compile(List<Integer> candidates) {
        return candidates.isEmpty() ? new Step.Transport(Map.of(), null) : step(new Place(0, candidates));
    }

    private Step step(Place place) {
        // Chains with many values meet again and again; the same candidates share one subtree.
        Step known = grown.get(place);
        if (known == null) {
            known = grow(place);
            grown.put(place, known);
        }
        return known;
    }

    private Step grow(Place place) {
        if (place.depth == ORDER.length) {
            if (place.candidates.size() > 1 && rivals.isEmpty()) {
                rivals = place.candidates;
            }
            return new Step.Take(place.candidates.getFirst());
        }
        Criterion criterion = ORDER[place.depth];
        Map<Object, List<Integer>> named = new LinkedHashMap<>();
        List<Integer> any = new ArrayList<>();
        for (int chain : place.candidates) {
            Set<?> values = criterion.values(chains.get(chain).match());
            if (values.isEmpty()) {
                any.add(chain);
            }
            for (Object value : values) {
                named.computeIfAbsent(value, v -> new ArrayList<>()).add(chain);
            }
        }
        @Nullable Step otherwise = any.isEmpty() ? null : step(new Place(place.depth + 1, any));
        if (named.isEmpty() && otherwise != null) {
            return otherwise;
        }
        Map<Object, Step> next = new LinkedHashMap<>();
        named.forEach((value, group) -> next.put(value, step(new Place(place.depth + 1, group))));
        return switch (criterion) {
            case DESTINATION_PORT, SOURCE_PORT -> Step.Port.of(criterion, next, otherwise);
            case DESTINATION_IP, DIRECT_SOURCE_IP, SOURCE_IP -> Step.Prefix.of(criterion, next, otherwise);
            case SOURCE_TYPE -> Step.Source.of(next, otherwise);
            case SERVER_NAME -> Step.ServerName.of(next, otherwise);
            case TRANSPORT_PROTOCOL -> new Step.Transport(Step.byText(next), otherwise);
            case APPLICATION_PROTOCOL -> new Step.Application(Step.byText(next), otherwise);
        };
    }

    private record Place(int depth, List<Integer> candidates) {}
}
