package lateen.decision.route;

import lateen.decision.config.RouteConfig.QueryMatcher;
import lateen.decision.match.TextMatch;
import lateen.decision.request.ByteSlice;
import org.jspecify.annotations.Nullable;

/**
 * A condition on the first query parameter of a name, not decoded. Envoy: {@code QueryParameterMatcher}. A parameter
 * without {@code =} has an empty value. Immutable.
 */
final class QueryMatch {

    private final byte[] name;
    private final @Nullable TextMatch value;

    private QueryMatch(byte[] name, @Nullable TextMatch value) {
        this.name = name;
        this.value = value;
    }

    static QueryMatch compile(QueryMatcher matcher) {
        return new QueryMatch(
                PathRewrite.bytes(matcher.name()),
                matcher.matcher() == null ? null : TextMatch.compile(matcher.matcher()));
    }

    static boolean all(QueryMatch[] matches, ByteSlice target, int endOfPath) {
        for (QueryMatch match : matches) {
            if (!match.matches(target, endOfPath)) {
                return false;
            }
        }
        return true;
    }

    private boolean matches(ByteSlice target, int endOfPath) {
        byte[] array = target.array();
        int end = target.end();
        if (endOfPath == end || array[endOfPath] != '?') {
            return false;
        }
        int start = endOfPath + 1;
        while (start < end && array[start] != '#') {
            int equals = -1;
            int at = start;
            for (; at < end && array[at] != '&' && array[at] != '#'; at++) {
                if (equals < 0 && array[at] == '=') {
                    equals = at;
                }
            }
            if (isName(array, start, equals < 0 ? at : equals)) {
                return value == null || value.matches(array, equals < 0 ? at : equals + 1, at);
            }
            if (at == end || array[at] == '#') {
                return false;
            }
            start = at + 1;
        }
        return false;
    }

    private boolean isName(byte[] array, int start, int end) {
        if (end - start != name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            if (array[start + i] != name[i]) {
                return false;
            }
        }
        return true;
    }
}
