package lateen.decision.route;

import java.util.Arrays;
import lateen.decision.config.RouteConfig.PathMatch;
import lateen.decision.config.RouteConfig.RouteMatch;
import lateen.decision.config.StringMatcher;
import lateen.decision.match.HeaderMatch;
import lateen.decision.match.PathPart;
import lateen.decision.match.TextMatch;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.RequestView;

/** One route's conditions: all must hold. Envoy: {@code RouteMatch}. Immutable. */
final class RouteMatcher {

    private static final byte[] CONNECT = {'C', 'O', 'N', 'N', 'E', 'C', 'T'};

    private final boolean connect;
    private final TextMatch path;
    private final boolean segments;
    private final int prefixLength;
    private final HeaderMatch[] headers;
    private final QueryMatch[] query;

    private RouteMatcher(boolean connect, TextMatch path, int prefixLength, HeaderMatch[] headers, QueryMatch[] query) {
        this.connect = connect;
        this.path = path;
        this.segments = prefixLength >= 0;
        this.prefixLength = prefixLength;
        this.headers = headers;
        this.query = query;
    }

    static RouteMatcher compile(RouteMatch match) {
        boolean fold = !match.caseSensitive();
        int segmentPrefix = -1;
        StringMatcher path;
        switch (match.path()) {
            case PathMatch.Prefix p -> path = new StringMatcher.Prefix(p.value(), fold);
            case PathMatch.Exact p -> path = new StringMatcher.Exact(p.value(), fold);
            case PathMatch.SegmentPrefix p -> {
                path = new StringMatcher.Prefix(p.value(), fold);
                segmentPrefix = PathRewrite.bytes(p.value()).length;
            }
            // Letter case is the pattern's own business, as in Envoy.
            case PathMatch.Regex p -> path = new StringMatcher.Regex(p.pattern());
            case PathMatch.Connect _ -> path = new StringMatcher.Prefix("", false);
        }
        return new RouteMatcher(
                match.path() instanceof PathMatch.Connect,
                TextMatch.compile(path),
                segmentPrefix,
                HeaderMatch.compileAll(match.headers()),
                match.query().stream().map(QueryMatch::compile).toArray(QueryMatch[]::new));
    }

    boolean matches(RequestView request) {
        ByteSlice target = request.path();
        int end = PathPart.endOfPath(target);
        return connect == isConnect(request.method())
                && path.matches(target.array(), target.start(), end)
                && (!segments || wholeSegments(target, end))
                && HeaderMatch.all(headers, request)
                && QueryMatch.all(query, target, end);
    }

    private static boolean isConnect(ByteSlice method) {
        return method.length() == CONNECT.length
                && Arrays.equals(method.array(), method.start(), method.end(), CONNECT, 0, CONNECT.length);
    }

    private boolean wholeSegments(ByteSlice target, int end) {
        int after = target.start() + prefixLength;
        return after == end || target.array()[after] == '/';
    }
}
