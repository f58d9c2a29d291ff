package lateen.control.source;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Istio: {@code HTTPRoute}.
 *
 * @param name empty: none
 * @param matches one must hold; empty: any request
 * @param headers of the route as a whole
 */
public record HttpRoute(String name, List<HttpMatch> matches, Action action, HeaderChanges headers) {

    public HttpRoute {
        matches = List.copyOf(matches);
    }

    /** What becomes of a request. */
    public sealed interface Action {

        /**
         * @param destinations at least one
         * @param rewritePath in place of what matched; null: kept
         * @param rewriteAuthority null: kept
         * @param timeout null: none
         * @param retries null: the mesh's own
         */
        record Forward(
                List<Weighted> destinations,
                @Nullable String rewritePath,
                @Nullable String rewriteAuthority,
                @Nullable Duration timeout,
                @Nullable Retries retries)
                implements Action {
            public Forward {
                destinations = List.copyOf(destinations);
            }
        }

        /**
         * @param port 0: that of the scheme
         * @param listenerPort the port is that on which the request came
         * @param status 301, 302, 303, 307 or 308
         */
        record Redirect(
                @Nullable String path,
                @Nullable String authority,
                @Nullable String scheme,
                int port,
                boolean listenerPort,
                int status)
                implements Action {}

        record Direct(int status, String body) implements Action {}
    }

    /**
     * Istio: {@code HTTPRouteDestination}.
     *
     * @param weight 0 or more; of no meaning when alone
     */
    public record Weighted(Destination destination, int weight, HeaderChanges headers) {}

    static HttpRoute read(FieldReader in) {
        String name = in.text("name", TextRule.ANY, "");
        List<HttpMatch> matches = in.list("match", HttpMatch::read);
        HeaderChanges headers = HeaderChanges.read(in);
        in.unsupported("delegate", "fault", "mirror", "mirrors", "mirrorPercentage", "mirror_percent");
        in.unsupported("mirrorPercent", "corsPolicy");
        Action action = action(in);
        in.end();
        return new HttpRoute(name, matches, action, headers);
    }

    private static Action action(FieldReader in) {
        FieldReader redirect = in.child("redirect");
        FieldReader direct = in.child("directResponse");
        Action.Forward forward = forward(in);
        int kinds = (redirect == null ? 0 : 1) + (direct == null ? 0 : 1) + (in.has("route") ? 1 : 0);
        if (kinds != 1) {
            String text = kinds == 0 ? "has no action" : "has " + kinds + " actions";
            in.problems().error(in.origin(), in.path(), text + " (expected: one of route, redirect, directResponse)");
        }
        if (redirect == null && direct == null) {
            return forward;
        }
        for (String name : List.of("rewrite", "timeout", "retries")) {
            if (in.has(name)) {
                in.problems().error(in.origin(name), in.path(name), "without route (expected: a route beside it)");
            }
        }
        return redirect != null ? redirect(redirect) : direct(direct);
    }

    private static Action.Forward forward(FieldReader in) {
        List<Weighted> destinations = in.list("route", HttpRoute::weighted);
        if (in.has("route") && destinations.isEmpty()) {
            in.problems().error(in.origin("route"), in.path("route"), "is empty (expected: a destination)");
        }
        List<Integer> weights = destinations.stream().map(Weighted::weight).toList();
        Destination.checkWeights(in, "route", weights);
        for (Weighted each : destinations) {
            if (destinations.size() > 1 && !each.headers().equals(HeaderChanges.NONE)) {
                in.problems()
                        .error(
                                each.destination().origin(),
                                each.destination().path().replaceAll("destination$", "headers"),
                                "is not supported yet beside other destinations (expected: headers of the route)");
            }
        }
        FieldReader rewrite = in.childOrEmpty("rewrite");
        String path = rewrite.text("uri", TextRule.REQUEST_PATH);
        String authority = rewrite.text("authority", TextRule.HOST_AND_PORT);
        rewrite.unsupported("uriRegexRewrite");
        rewrite.end();
        return new Action.Forward(
                destinations, path, authority, in.durationOrNull("timeout", Duration.ZERO), Retries.read(in));
    }

    private static Weighted weighted(FieldReader in) {
        Destination destination = Destination.read(in);
        int weight = in.integer("weight", 0, Integer.MAX_VALUE, 0);
        HeaderChanges headers = HeaderChanges.read(in);
        in.end();
        return new Weighted(destination, weight, headers);
    }

    private static Action redirect(FieldReader in) {
        List<Integer> codes = List.of(301, 302, 303, 307, 308);
        String derive = in.text("derivePort", TextRule.oneOf("FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT"));
        int status = in.integer("redirectCode", 301, 308, 301);
        if (!codes.contains(status)) {
            in.problems()
                    .error(in.origin("redirectCode"), in.path("redirectCode"), status + " (expected: " + codes + ")");
        }
        Action.Redirect redirect = new Action.Redirect(
                in.text(
                        "uri",
                        new TextRule(
                                TextRule.REQUEST_PATH.expected() + ", and without %",
                                s -> TextRule.REQUEST_PATH.holds().test(s) && s.indexOf('%') < 0)),
                in.text("authority", TextRule.HOST_AND_PORT),
                in.text("scheme", TextRule.oneOf("http", "https")),
                in.integer("port", 1, 65535, 0),
                "FROM_REQUEST_PORT".equals(derive),
                status);
        if (derive != null && in.has("port")) {
            in.problems().error(in.origin("port"), in.path("port"), "beside derivePort (expected: one of them)");
        }
        in.end();
        return redirect;
    }

    /** Envoy's own limit of a body in a configuration. */
    private static boolean fits(String body) {
        return body.getBytes(StandardCharsets.UTF_8).length <= 4096;
    }

    private static Action direct(@Nullable FieldReader in) {
        if (in == null) {
            return new Action.Direct(500, "");
        }
        int status = in.integer("status", 200, 599, 500);
        if (!in.has("status")) {
            in.missing("status", "a number, 200..599");
        }
        FieldReader body = in.childOrEmpty("body");
        String text = body.text("string", new TextRule("up to 4096 bytes", HttpRoute::fits));
        body.unsupported("bytes");
        body.end();
        in.end();
        return new Action.Direct(status, text == null ? "" : text);
    }
}
