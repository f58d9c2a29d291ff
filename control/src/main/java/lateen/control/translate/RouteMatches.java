package lateen.control.translate;

import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.Map;
import lateen.control.source.HttpMatch;
import lateen.control.source.StringMatch;
import org.jspecify.annotations.Nullable;

/** Istio's HTTPMatchRequest → Envoy's RouteMatch. What is known beforehand (port, source) is not among it. */
final class RouteMatches {

    static final RouteMatch ANY = RouteMatch.newBuilder().setPrefix("/").build();

    private RouteMatches() {}

    static RouteMatch of(HttpMatch match) {
        RouteMatch.Builder out = RouteMatch.newBuilder();
        switch (match.uri()) {
            case StringMatch.Exact(String path) -> out.setPath(path);
            case StringMatch.Prefix(String prefix) -> out.setPrefix(prefix);
            case StringMatch.Regex(String pattern) -> out.setSafeRegex(Principals.regex(pattern));
            case StringMatch.Present _ -> out.setPrefix("/");
            case null -> out.setPrefix("/");
        }
        out.setCaseSensitive(Pack.bool(!match.ignoreUriCase()));
        match.headers().forEach((name, value) -> out.addHeaders(header(name, value)));
        match.withoutHeaders().forEach((name, value) -> out.addHeaders(without(name, value)));
        pseudo(":method", match.method(), out);
        pseudo(":authority", match.authority(), out);
        pseudo(":scheme", match.scheme(), out);
        for (Map.Entry<String, StringMatch> each : match.queryParams().entrySet()) {
            out.addQueryParameters(query(each.getKey(), each.getValue()));
        }
        return out.build();
    }

    private static void pseudo(String name, @Nullable StringMatch match, RouteMatch.Builder out) {
        if (match != null) {
            out.addHeaders(header(name, match));
        }
    }

    private static HeaderMatcher.Builder header(String name, StringMatch match) {
        HeaderMatcher.Builder out = HeaderMatcher.newBuilder().setName(name);
        StringMatcher value = value(match);
        return value == null ? out.setPresentMatch(true) : out.setStringMatch(value);
    }

    /** A header that is not there has no value, and so not the one that is unwanted. */
    private static HeaderMatcher.Builder without(String name, StringMatch match) {
        HeaderMatcher.Builder out = header(name, match).setInvertMatch(true);
        return out.hasStringMatch() ? out.setTreatMissingHeaderAsEmpty(true) : out;
    }

    private static QueryParameterMatcher query(String name, StringMatch match) {
        QueryParameterMatcher.Builder out = QueryParameterMatcher.newBuilder().setName(name);
        StringMatcher value = value(match);
        return (value == null ? out.setPresentMatch(true) : out.setStringMatch(value)).build();
    }

    /** Null: any value. */
    private static @Nullable StringMatcher value(StringMatch match) {
        StringMatcher.Builder out = StringMatcher.newBuilder();
        return switch (match) {
            case StringMatch.Exact(String value) -> out.setExact(value).build();
            case StringMatch.Prefix(String value) -> out.setPrefix(value).build();
            case StringMatch.Regex(String pattern) ->
                out.setSafeRegex(Principals.regex(pattern)).build();
            case StringMatch.Present _ -> null;
        };
    }
}
