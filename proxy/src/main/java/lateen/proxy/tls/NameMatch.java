package lateen.proxy.tls;

import com.google.re2j.Pattern;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import lateen.decision.config.StringMatcher;

/** The configured names of a peer. Envoy: {@code match_typed_subject_alt_names}. Asked once a handshake. */
final class NameMatch {
    private NameMatch() {}

    static boolean test(StringMatcher matcher, String name) {
        return switch (matcher) {
            case StringMatcher.Exact(String value, boolean fold) ->
                fold(name, fold).equals(fold(value, fold));
            case StringMatcher.Prefix(String value, boolean fold) ->
                fold(name, fold).startsWith(fold(value, fold));
            case StringMatcher.Suffix(String value, boolean fold) ->
                fold(name, fold).endsWith(fold(value, fold));
            case StringMatcher.Contains(String value, boolean fold) ->
                fold(name, fold).contains(fold(value, fold));
            case StringMatcher.Regex(String pattern) -> Pattern.matches(pattern, name);
        };
    }

    static String describe(List<StringMatcher> matchers) {
        return matchers.stream()
                .map(each -> switch (each) {
                    case StringMatcher.Exact(String value, boolean fold) -> value;
                    case StringMatcher.Prefix(String value, boolean fold) -> value + "*";
                    case StringMatcher.Suffix(String value, boolean fold) -> "*" + value;
                    case StringMatcher.Contains(String value, boolean fold) -> "*" + value + "*";
                    case StringMatcher.Regex(String pattern) -> "/" + pattern + "/";
                })
                .collect(Collectors.joining(" or "));
    }

    private static String fold(String text, boolean fold) {
        return fold ? text.toLowerCase(Locale.ROOT) : text;
    }
}
