package lateen.capture.model;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** One rule of a chain, with how much traffic it has seen when it was read from a kernel. */
public sealed interface Rule {
    Counters counters();

    /** A rule that capture can write, explain and simulate; its conditions are kept in the order of the listing. */
    record Known(List<Match> matches, Target target, Counters counters) implements Rule {
        public Known {
            matches = matches.stream()
                    .sorted(Comparator.comparingInt(Match::rank))
                    .toList();
        }
    }

    /** Somebody else's rule, or a form that is not understood: {@code spec} is everything after the chain's name. */
    record Opaque(String spec, Counters counters) implements Rule {}

    /**
     * What the kernel counted.
     *
     * @param packets number of packets; in the nat table only the first of each connection
     * @param bytes their bytes
     */
    record Counters(long packets, long bytes) {
        public static final Counters ZERO = new Counters(0, 0);
    }

    static Rule of(Target target, Match... matches) {
        return new Known(Arrays.asList(matches), target, Counters.ZERO);
    }

    /** The same rule without its counters, for comparing. */
    default Rule uncounted() {
        return switch (this) {
            case Known known -> new Known(known.matches, known.target, Counters.ZERO);
            case Opaque opaque -> new Opaque(opaque.spec, Counters.ZERO);
        };
    }
}
