package lateen.decision.match;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Arrays;
import lateen.decision.config.StringMatcher;

/** The whole value against an RE2 pattern: linear in its length whatever the pattern. Allocates. */
final class RegexMatch extends TextMatch {

    private final Pattern pattern;

    RegexMatch(StringMatcher.Regex source) {
        super(source);
        this.pattern = compile(source.pattern());
    }

    private static Pattern compile(String pattern) {
        try {
            return Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "pattern '" + pattern + "': " + e.getDescription() + " (expected: RE2 syntax)", e);
        }
    }

    @Override
    public boolean matches(byte[] array, int start, int end) {
        // RE2/J reads whole arrays only.
        return pattern.matches(Arrays.copyOfRange(array, start, end));
    }

    @Override
    public boolean matches(String text) {
        return pattern.matches(text);
    }
}
