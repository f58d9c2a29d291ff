package lateen.xds.decode;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import java.util.Locale;
import lateen.decision.config.HeaderMatcher;
import lateen.decision.config.HeaderMatcher.Test;
import lateen.decision.config.StringMatcher;

/** Envoy's matchers of text and headers. */
final class MatcherDecoder {

    private MatcherDecoder() {}

    static StringMatcher string(io.envoyproxy.envoy.type.matcher.v3.StringMatcher matcher, FieldPath at) {
        boolean fold = matcher.getIgnoreCase();
        return switch (matcher.getMatchPatternCase()) {
            case EXACT -> new StringMatcher.Exact(matcher.getExact(), fold);
            case PREFIX -> new StringMatcher.Prefix(at.required(matcher.getPrefix(), "prefix"), fold);
            case SUFFIX -> new StringMatcher.Suffix(at.required(matcher.getSuffix(), "suffix"), fold);
            case CONTAINS -> new StringMatcher.Contains(at.required(matcher.getContains(), "contains"), fold);
            case SAFE_REGEX -> new StringMatcher.Regex(regex(matcher.getSafeRegex(), at.at("safe_regex")));
            case CUSTOM, MATCHPATTERN_NOT_SET ->
                throw at.refuse(matcher.getMatchPatternCase(), "exact, prefix, suffix, contains or safe_regex");
        };
    }

    static String regex(RegexMatcher matcher, FieldPath at) {
        try {
            var _ = Pattern.compile(at.required(matcher.getRegex(), "regex"));
            return matcher.getRegex();
        } catch (PatternSyntaxException e) {
            throw at.at("regex").refuse(matcher.getRegex(), "RE2 syntax; " + e.getDescription());
        }
    }

    @SuppressWarnings("deprecation") // exact_match and its like are what older control planes still send.
    static HeaderMatcher header(io.envoyproxy.envoy.config.route.v3.HeaderMatcher matcher, FieldPath at) {
        Test test = switch (matcher.getHeaderMatchSpecifierCase()) {
            case STRING_MATCH -> new Test.Value(string(matcher.getStringMatch(), at.at("string_match")));
            case PRESENT_MATCH -> new Test.Present(matcher.getPresentMatch());
            case HEADERMATCHSPECIFIER_NOT_SET -> new Test.Present(true);
            case EXACT_MATCH -> new Test.Value(new StringMatcher.Exact(matcher.getExactMatch(), false));
            case PREFIX_MATCH -> new Test.Value(new StringMatcher.Prefix(matcher.getPrefixMatch(), false));
            case SUFFIX_MATCH -> new Test.Value(new StringMatcher.Suffix(matcher.getSuffixMatch(), false));
            case CONTAINS_MATCH -> new Test.Value(new StringMatcher.Contains(matcher.getContainsMatch(), false));
            case SAFE_REGEX_MATCH ->
                new Test.Value(new StringMatcher.Regex(regex(matcher.getSafeRegexMatch(), at.at("safe_regex_match"))));
            case RANGE_MATCH ->
                new Test.Range(
                        matcher.getRangeMatch().getStart(),
                        matcher.getRangeMatch().getEnd());
        };
        String name = at.required(matcher.getName(), "name").toLowerCase(Locale.ROOT);
        return new HeaderMatcher(name, test, matcher.getInvertMatch(), matcher.getTreatMissingHeaderAsEmpty());
    }
}
