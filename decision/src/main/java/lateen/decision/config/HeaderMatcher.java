package lateen.decision.config;

/**
 * Envoy: {@code config.route.v3.HeaderMatcher}. Several values of one header are joined by commas first.
 *
 * @param name lower case; {@code :method}, {@code :path}, {@code :authority} and {@code :scheme} name those parts
 * @param invert the outcome is turned round
 * @param absentIsEmpty Envoy: {@code treat_missing_header_as_empty}
 */
public record HeaderMatcher(String name, Test test, boolean invert, boolean absentIsEmpty) {

    /** What is asked of the value. */
    public sealed interface Test {
        /** The header is there, or (false) is not. */
        record Present(boolean present) implements Test {}

        record Value(StringMatcher matcher) implements Test {}

        /** A decimal integer with {@code first <= value < end}. */
        record Range(long first, long end) implements Test {}
    }
}
