package lateen.decision.config;

/** Envoy: {@code type.matcher.v3.StringMatcher}. {@code ignoreCase} folds ASCII letters only. */
public sealed interface StringMatcher {

    record Exact(String value, boolean ignoreCase) implements StringMatcher {}

    record Prefix(String value, boolean ignoreCase) implements StringMatcher {}

    record Suffix(String value, boolean ignoreCase) implements StringMatcher {}

    record Contains(String value, boolean ignoreCase) implements StringMatcher {}

    /** RE2 syntax, matched against the whole value; checked to compile when decoded. */
    record Regex(String pattern) implements StringMatcher {}
}
