package lateen.control.translate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import lateen.control.registry.Load;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.RouteAction;
import lateen.decision.route.RouteDecision;
import lateen.decision.route.RouteTable;
import lateen.decision.route.WeightedChoice;
import lateen.xds.decode.Decoding;
import lateen.xds.decode.ResourceDecoder;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What the sidecar's own table decides by the translated routes is what a plain reading of the VirtualService says. */
class RoutingPropertiesTest {

    private static final String HOST = "catalog.shop.svc.cluster.local";

    /**
     * @param how {@code exact}, {@code prefix}, {@code regex} or {@code any}
     */
    record Text(String how, String value) {
        boolean holds(String text) {
            return switch (how) {
                case "exact" -> text.equals(value);
                case "prefix" -> text.startsWith(value);
                case "regex" -> text.matches(value);
                default -> true;
            };
        }

        String yaml() {
            return how.equals("any") ? "{}" : "{" + how + ": \"" + value + "\"}";
        }
    }

    /** Maps and lists of none or one condition each. */
    record Match(
            List<Text> uri,
            boolean ignoreCase,
            List<Text> method,
            List<Text> authority,
            Map<String, Text> headers,
            Map<String, Text> without,
            Map<String, Text> query,
            List<Integer> port,
            List<String> app,
            List<String> namespace) {

        boolean holds(Request request) {
            String path = request.path;
            return uri.stream().allMatch(u -> ignoreCase ? folded(u).holds(fold(u, path)) : u.holds(path))
                    && method.stream().allMatch(m -> m.holds(request.method))
                    && authority.stream().allMatch(a -> a.holds(HOST))
                    && headers.entrySet().stream()
                            .allMatch(h -> request.headers.containsKey(h.getKey())
                                    && h.getValue().holds(request.headers.get(h.getKey())))
                    && without.entrySet().stream()
                            .noneMatch(h -> h.getValue().how.equals("any")
                                    ? request.headers.containsKey(h.getKey())
                                    : h.getValue().holds(request.headers.getOrDefault(h.getKey(), "")))
                    && query.entrySet().stream()
                            .allMatch(q -> request.query.containsKey(q.getKey())
                                    && q.getValue().holds(request.query.get(q.getKey())))
                    && port.stream().allMatch(p -> p == 80)
                    && app.stream().allMatch("catalog"::equals)
                    && namespace.stream().allMatch("shop"::equals);
        }

        /** Letter case counts in regular expressions always. */
        private static Text folded(Text text) {
            return text.how.equals("regex") ? text : new Text(text.how, text.value.toLowerCase(Locale.ROOT));
        }

        private static String fold(Text text, String path) {
            return text.how.equals("regex") ? path : path.toLowerCase(Locale.ROOT);
        }

        String yaml(int number) {
            List<String> fields = new ArrayList<>(List.of("name: m" + number, "ignoreUriCase: " + ignoreCase));
            uri.forEach(u -> fields.add("uri: " + u.yaml()));
            method.forEach(m -> fields.add("method: " + m.yaml()));
            authority.forEach(a -> fields.add("authority: " + a.yaml()));
            fields.add("headers: " + map(headers));
            fields.add("withoutHeaders: " + map(without));
            fields.add("queryParams: " + map(query));
            port.forEach(p -> fields.add("port: " + p));
            app.forEach(a -> fields.add("sourceLabels: {app: " + a + "}"));
            namespace.forEach(n -> fields.add("sourceNamespace: " + n));
            return "{" + String.join(", ", fields) + "}";
        }

        private static String map(Map<String, Text> all) {
            return all.entrySet().stream()
                    .map(e -> e.getKey() + ": " + e.getValue().yaml())
                    .collect(Collectors.joining(", ", "{", "}"));
        }
    }

    record Request(String method, String path, Map<String, String> query, Map<String, String> headers) {
        String target() {
            return query.isEmpty()
                    ? path
                    : path
                            + query.entrySet().stream()
                                    .map(e -> e.getKey() + "=" + e.getValue())
                                    .collect(Collectors.joining("&", "?", ""));
        }
    }

    @Property(tries = 400)
    void the_first_route_that_holds_is_taken(
            @ForAll("routes") List<List<Match>> routes, @ForAll("requests") List<Request> requests) {
        RouteTable table = RouteTable.compile(decoded(yaml(routes)));
        for (Request request : requests) {
            RouteDecision decision =
                    table.route(new PlainRequest(request.method, HOST, request.target(), request.headers));
            String taken = decision instanceof RouteDecision.Matched matched
                    ? matched.route().name()
                    : "none";
            assertThat(taken).as("%s of %s", request, routes).isEqualTo(expected(routes, request));
        }
    }

    @Property(tries = 25)
    void a_weighted_split_gives_each_its_share(@ForAll("weights") List<Integer> weights, @ForAll("seeds") long seed) {
        String route = weights.stream()
                .map(w -> "{destination: {host: catalog, subset: s" + w + "}, weight: " + w + "}")
                .collect(Collectors.joining(", "));
        RouteConfig config = decoded(virtualService("[{route: [" + route + "]}]"));
        RouteAction.Forward forward = (RouteAction.Forward) config.virtualHosts().stream()
                .filter(h -> h.domains().contains(HOST))
                .findFirst()
                .orElseThrow()
                .routes()
                .getFirst()
                .action();
        Map<String, Integer> counts = new TreeMap<>();
        WeightedChoice choice = WeightedChoice.compile(forward.clusters());
        SplittableRandom random = new SplittableRandom(seed);
        int picks = 20_000;
        for (int i = 0; i < picks; i++) {
            counts.merge(choice.pick(random.nextLong()).name(), 1, Integer::sum);
        }
        double sum = weights.stream().mapToInt(w -> w).sum();
        for (int weight : weights) {
            double share = weight / sum;
            int count = counts.getOrDefault("outbound|80|s" + weight + "|" + HOST, 0);
            // Five standard deviations: a false alarm once in a million.
            assertThat(Math.abs(count - picks * share)).isLessThanOrEqualTo(5 * Math.sqrt(picks * share * (1 - share)));
        }
    }

    private static String expected(List<List<Match>> routes, Request request) {
        boolean some = false;
        for (int i = 0; i < routes.size(); i++) {
            if (routes.get(i).isEmpty()) {
                return "r" + i;
            }
            for (int j = 0; j < routes.get(i).size(); j++) {
                Match match = routes.get(i).get(j);
                some |= match.port.stream().allMatch(p -> p == 80)
                        && match.app.stream().allMatch("catalog"::equals)
                        && match.namespace.stream().allMatch("shop"::equals);
                if (match.holds(request)) {
                    return "r" + i + ".m" + j;
                }
            }
        }
        // One that has no route at all for this caller and port leaves the service as it is.
        return some ? "none" : "default";
    }

    private static String yaml(List<List<Match>> routes) {
        List<String> http = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            List<String> matches = new ArrayList<>();
            for (int j = 0; j < routes.get(i).size(); j++) {
                matches.add(routes.get(i).get(j).yaml(j));
            }
            String match = matches.isEmpty() ? "" : "match: [" + String.join(", ", matches) + "], ";
            http.add("{name: r" + i + ", " + match + "route: [{destination: {host: catalog}}]}");
        }
        return virtualService("[" + String.join(", ", http) + "]");
    }

    private static String virtualService(String http) {
        return """
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: random, namespace: shop}
                spec: {hosts: [catalog], http: %s}
                """.formatted(http);
    }

    private static RouteConfig decoded(String yaml) {
        TranslationInput input = TranslationInput.of(Shop.CATALOG, Load.mesh(Shop.MESH + yaml));
        var routes = Translation.outbound(input.outbound()).routes().stream()
                .filter(r -> r.getName().equals("80"))
                .findFirst()
                .orElseThrow();
        return switch (ResourceDecoder.route(Pack.any(routes))) {
            case Decoding.Decoded<RouteConfig> decoded -> decoded.value();
            case Decoding.Rejected<RouteConfig> rejected -> throw new AssertionError(rejected.reason());
        };
    }

    @Provide
    Arbitrary<List<List<Match>>> routes() {
        return match().list().ofMaxSize(3).list().ofMinSize(1).ofMaxSize(4);
    }

    private static Arbitrary<Match> match() {
        Arbitrary<Text> uri = Arbitraries.of(
                new Text("exact", "/a"),
                new Text("exact", "/A/b"),
                new Text("prefix", "/"),
                new Text("prefix", "/a"),
                new Text("prefix", "/B"),
                new Text("regex", "/a/[a-z]+"),
                new Text("regex", ".*b"));
        Arbitrary<Text> method = Arbitraries.of(new Text("exact", "GET"), new Text("prefix", "P"));
        Arbitrary<Text> host = Arbitraries.of(new Text("prefix", "catalog"), new Text("exact", "x"));
        Arbitrary<Text> value = Arbitraries.of(
                new Text("exact", "1"), new Text("prefix", "1"), new Text("regex", "[12]*"), new Text("any", ""));
        return Combinators.combine(
                        maybe(uri),
                        Arbitraries.of(true, false),
                        maybe(method),
                        maybe(host),
                        Arbitraries.maps(Arbitraries.of("x-a", "x-b"), value).ofMaxSize(2),
                        Arbitraries.maps(Arbitraries.of("x-a", "x-c"), value).ofMaxSize(1),
                        Arbitraries.maps(Arbitraries.of("q", "r"), value).ofMaxSize(1),
                        Combinators.combine(
                                        maybe(Arbitraries.of(80, 80, 81)),
                                        maybe(Arbitraries.of("catalog", "catalog", "other")),
                                        maybe(Arbitraries.of("shop", "shop", "bank")))
                                .as(Where::new))
                .as((u, c, m, a, h, w, q, where) ->
                        new Match(u, c, m, a, h, w, q, where.port, where.app, where.namespace));
    }

    private record Where(List<Integer> port, List<String> app, List<String> namespace) {}

    private static <T> Arbitrary<List<T>> maybe(Arbitrary<T> value) {
        return value.list().ofMaxSize(1);
    }

    @Provide
    Arbitrary<List<Request>> requests() {
        Arbitrary<String> value = Arbitraries.of("1", "12", "3", "");
        return Combinators.combine(
                        Arbitraries.of("GET", "POST", "PUT", "DELETE"),
                        Arbitraries.of("/", "/a", "/A/b", "/a/b", "/ab", "/b", "/B"),
                        Arbitraries.maps(Arbitraries.of("q", "r"), value).ofMaxSize(2),
                        Arbitraries.maps(Arbitraries.of("x-a", "x-b", "x-c"), value)
                                .ofMaxSize(3))
                .as(Request::new)
                .list()
                .ofSize(12);
    }

    @Provide
    Arbitrary<List<Integer>> weights() {
        return Arbitraries.integers()
                .between(0, 100)
                .list()
                .uniqueElements()
                .ofMinSize(2)
                .ofMaxSize(4)
                .filter(l -> l.stream().mapToInt(w -> w).sum() > 0);
    }

    @Provide
    Arbitrary<Long> seeds() {
        return Arbitraries.longs();
    }
}
