package lateen.decision.route;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import lateen.decision.TestRequest;
import lateen.decision.config.HeaderMatcher;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.PathMatch;
import lateen.decision.config.RouteConfig.QueryMatcher;
import lateen.decision.config.RouteConfig.Route;
import lateen.decision.config.RouteConfig.RouteMatch;
import lateen.decision.config.RouteConfig.VirtualHost;
import lateen.decision.config.StringMatcher;
import lateen.decision.request.HeaderName;

/** Envoy's description of routing in the plainest Strings there are; knows only what the property test makes. */
final class NaiveRoutes {

    private NaiveRoutes() {}

    static String choose(RouteConfig config, TestRequest request) {
        String authority = request.authority().toString().toLowerCase(Locale.ROOT);
        String name = config.ignorePortInHost() ? authority.replaceFirst(":[0-9]+$", "") : authority;
        Optional<VirtualHost> host = config.virtualHosts().stream()
                .filter(h -> rank(h.domains().getFirst(), name) > 0)
                .max(Comparator.comparingInt(h -> rank(h.domains().getFirst(), name)));
        if (host.isEmpty()) {
            return "-";
        }
        for (Route route : host.get().routes()) {
            if (matches(route.match(), request)) {
                return host.get().name() + "/" + route.name();
            }
        }
        return host.get().name() + "/-";
    }

    private static int rank(String domain, String name) {
        if (domain.equals(name)) {
            return 3000;
        }
        if (domain.equals("*")) {
            return 1;
        }
        String fixed = domain.replace("*", "");
        if (fixed.equals(domain) || name.length() <= fixed.length()) {
            return 0;
        }
        return domain.startsWith("*")
                ? name.endsWith(fixed) ? 2000 + fixed.length() : 0
                : name.startsWith(fixed) ? 1000 + fixed.length() : 0;
    }

    private static boolean matches(RouteMatch match, TestRequest request) {
        String[] parts = request.path().toString().split("\\?", 2);
        return path(match, parts[0])
                && match.headers().stream().allMatch(h -> header(h, request))
                && match.query().stream().allMatch(q -> query(q, parts.length > 1 ? parts[1] : ""));
    }

    private static boolean path(RouteMatch match, String path) {
        if (match.path() instanceof PathMatch.Regex r) {
            return path.matches(r.pattern());
        }
        boolean fold = !match.caseSensitive();
        String seen = fold ? path.toLowerCase(Locale.ROOT) : path;
        return switch (match.path()) {
            case PathMatch.Exact p -> seen.equals(fold(p.value(), fold));
            case PathMatch.Prefix p -> seen.startsWith(fold(p.value(), fold));
            case PathMatch.SegmentPrefix p -> (seen + "/").startsWith(fold(p.value(), fold) + "/");
            case PathMatch.Connect p -> false;
            case PathMatch.Regex p -> throw new AssertionError("answered above");
        };
    }

    private static String fold(String text, boolean fold) {
        return fold ? text.toLowerCase(Locale.ROOT) : text;
    }

    private static boolean header(HeaderMatcher matcher, TestRequest request) {
        String joined = request.joinedHeader(HeaderName.of(matcher.name())).toString();
        boolean absent = joined.isEmpty();
        if (absent && !matcher.absentIsEmpty() && !(matcher.test() instanceof HeaderMatcher.Test.Present)) {
            return false;
        }
        boolean outcome = switch (matcher.test()) {
            case HeaderMatcher.Test.Present p -> absent != p.present();
            case HeaderMatcher.Test.Value v -> joined.startsWith(((StringMatcher.Prefix) v.matcher()).value());
            case HeaderMatcher.Test.Range r ->
                joined.matches("[0-9]+") && r.first() <= Long.parseLong(joined) && Long.parseLong(joined) < r.end();
        };
        return outcome != matcher.invert();
    }

    private static boolean query(QueryMatcher matcher, String query) {
        for (String pair : List.of(query.split("&"))) {
            String[] parts = pair.split("=", 2);
            if (parts[0].equals(matcher.name())) {
                return matcher.matcher() == null
                        || (parts.length > 1 ? parts[1] : "").equals(((StringMatcher.Exact) matcher.matcher()).value());
            }
        }
        return false;
    }
}
