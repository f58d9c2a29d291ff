package lateen.xds.decode;

import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.PathMatch;
import lateen.decision.config.RouteConfig.QueryMatcher;
import lateen.decision.config.RouteConfig.Route;
import lateen.decision.config.RouteConfig.RouteMatch;
import lateen.decision.config.RouteConfig.VirtualHost;

/** Envoy: {@code config.route.v3}, down to what is matched; actions are in {@link RouteActionDecoder}. */
final class RouteDecoder {

    private RouteDecoder() {}

    static RouteConfig routes(RouteConfiguration routes, FieldPath at) {
        List<VirtualHost> hosts = at.each(routes.getVirtualHostsList(), "virtual_hosts", RouteDecoder::host);
        Set<String> seen = new HashSet<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < hosts.size(); i++) {
            if (!names.add(hosts.get(i).name())) {
                throw at.at("virtual_hosts", i).at("name").refuse(hosts.get(i).name(), "a name that no other has");
            }
            for (String domain : hosts.get(i).domains()) {
                if (!seen.add(domain)) {
                    throw at.at("virtual_hosts", i)
                            .at("domains")
                            .refuse(domain, "a domain that stands in no other place of this configuration");
                }
            }
        }
        return new RouteConfig(
                routes.getName(),
                hosts,
                HeaderEditDecoder.edits(
                        "request", routes.getRequestHeadersToAddList(), routes.getRequestHeadersToRemoveList(), at),
                HeaderEditDecoder.edits(
                        "response", routes.getResponseHeadersToAddList(), routes.getResponseHeadersToRemoveList(), at),
                routes.getIgnorePortInHostMatching(),
                LocalRateLimitDecoder.overrides(at));
    }

    private static VirtualHost host(io.envoyproxy.envoy.config.route.v3.VirtualHost host, FieldPath at) {
        if (host.getDomainsCount() == 0) {
            throw at.missing("domains", "at least one");
        }
        return new VirtualHost(
                at.required(host.getName(), "name"),
                at.each(host.getDomainsList(), "domains", RouteDecoder::domain),
                at.each(host.getRoutesList(), "routes", RouteDecoder::route),
                HeaderEditDecoder.edits(
                        "request", host.getRequestHeadersToAddList(), host.getRequestHeadersToRemoveList(), at),
                HeaderEditDecoder.edits(
                        "response", host.getResponseHeadersToAddList(), host.getResponseHeadersToRemoveList(), at),
                host.hasRetryPolicy() ? RetryDecoder.retry(host.getRetryPolicy(), at.at("retry_policy")) : null,
                LocalRateLimitDecoder.overrides(at));
    }

    private static String domain(String domain, FieldPath at) {
        int star = domain.indexOf('*');
        boolean oneStarAtAnEnd =
                star < 0 || (star == domain.lastIndexOf('*') && (star == 0 || star == domain.length() - 1));
        if (domain.isEmpty() || !oneStarAtAnEnd) {
            throw at.refuse(domain, "a host, *.suffix, prefix.* or *");
        }
        return domain.toLowerCase(Locale.ROOT);
    }

    private static Route route(io.envoyproxy.envoy.config.route.v3.Route route, FieldPath at) {
        return new Route(
                route.getName(),
                match(route.getMatch(), at.at("match")),
                RouteActionDecoder.action(route, at),
                HeaderEditDecoder.edits(
                        "request", route.getRequestHeadersToAddList(), route.getRequestHeadersToRemoveList(), at),
                HeaderEditDecoder.edits(
                        "response", route.getResponseHeadersToAddList(), route.getResponseHeadersToRemoveList(), at),
                Values.metadataText(at.at("metadata"), "istio", "config"),
                LocalRateLimitDecoder.overrides(at));
    }

    private static RouteMatch match(io.envoyproxy.envoy.config.route.v3.RouteMatch match, FieldPath at) {
        PathMatch path = switch (match.getPathSpecifierCase()) {
            case PREFIX -> new PathMatch.Prefix(match.getPrefix());
            case PATH -> new PathMatch.Exact(match.getPath());
            case SAFE_REGEX -> new PathMatch.Regex(MatcherDecoder.regex(match.getSafeRegex(), at.at("safe_regex")));
            case PATH_SEPARATED_PREFIX -> new PathMatch.SegmentPrefix(segments(match, at));
            case CONNECT_MATCHER -> new PathMatch.Connect();
            case PATH_MATCH_POLICY, PATHSPECIFIER_NOT_SET ->
                throw at.refuse(
                        match.getPathSpecifierCase(),
                        "prefix, path, path_separated_prefix, safe_regex or connect_matcher");
        };
        return new RouteMatch(
                path,
                !match.hasCaseSensitive() || match.getCaseSensitive().getValue(),
                at.each(match.getHeadersList(), "headers", MatcherDecoder::header),
                at.each(match.getQueryParametersList(), "query_parameters", RouteDecoder::query));
    }

    private static String segments(io.envoyproxy.envoy.config.route.v3.RouteMatch match, FieldPath at) {
        String prefix = match.getPathSeparatedPrefix();
        if (!prefix.startsWith("/") || prefix.endsWith("/") || prefix.contains("?") || prefix.contains("#")) {
            throw at.at("path_separated_prefix").refuse(prefix, "/… without a slash at its end, without ? or #");
        }
        return prefix;
    }

    private static QueryMatcher query(io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher matcher, FieldPath at) {
        String name = at.required(matcher.getName(), "name");
        return switch (matcher.getQueryParameterMatchSpecifierCase()) {
            case STRING_MATCH ->
                new QueryMatcher(name, MatcherDecoder.string(matcher.getStringMatch(), at.at("string_match")));
            case QUERYPARAMETERMATCHSPECIFIER_NOT_SET -> new QueryMatcher(name, null);
            case PRESENT_MATCH -> {
                if (!matcher.getPresentMatch()) {
                    throw at.at("present_match").refuse(false, "true");
                }
                yield new QueryMatcher(name, null);
            }
        };
    }
}
