package lateen.decision.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import lateen.decision.TestRequest;
import lateen.decision.config.HeaderEdits;
import lateen.decision.config.HeaderMatcher;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.PathMatch;
import lateen.decision.config.RouteConfig.QueryMatcher;
import lateen.decision.config.RouteConfig.Route;
import lateen.decision.config.RouteConfig.RouteAction;
import lateen.decision.config.RouteConfig.RouteMatch;
import lateen.decision.config.RouteConfig.VirtualHost;
import lateen.decision.config.StringMatcher;
import lateen.decision.config.WeightedCluster;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTableTest {

    static Route route(String name, RouteMatch match) {
        return new Route(
                name,
                match,
                new RouteAction.Forward(
                        List.of(new WeightedCluster(name, 1)),
                        Duration.ZERO,
                        Duration.ZERO,
                        null,
                        null,
                        null,
                        false,
                        false),
                HeaderEdits.NONE,
                HeaderEdits.NONE,
                "",
                Map.of());
    }

    static RouteMatch path(PathMatch path) {
        return new RouteMatch(path, true, List.of(), List.of());
    }

    static VirtualHost host(String name, List<String> domains, Route... routes) {
        return new VirtualHost(name, domains, List.of(routes), HeaderEdits.NONE, HeaderEdits.NONE, null, Map.of());
    }

    static RouteConfig config(boolean ignorePort, VirtualHost... hosts) {
        return new RouteConfig("80", List.of(hosts), HeaderEdits.NONE, HeaderEdits.NONE, ignorePort, Map.of());
    }

    private static String chosen(RouteDecision decision) {
        return switch (decision) {
            case RouteDecision.Matched m ->
                m.virtualHost().name() + "/" + m.route().name();
            case RouteDecision.NoRoute n -> n.virtualHost().name() + "/-";
            case RouteDecision.NoVirtualHost n -> "-";
        };
    }

    @ParameterizedTest
    @CsvSource({
        "a.shop.svc,exact", "A.Shop.SVC,exact", "b.shop.svc,shop", "b.x.svc,svc", ".shop.svc,svc", ".svc,any",
        "b-bar.foo,dash", "-bar.foo,any", "a.shop.svc:80,prefix-a", "a.other,prefix-a", "a.,any", "zz,any",
        "a.shop.com,prefix-shop", "a.x.svc,svc", "'',any"
    })
    void theVirtualHostIsExactThenLongestSuffixThenLongestPrefixThenAny(String authority, String expected) {
        RouteTable table = RouteTable.compile(config(
                false,
                host("any", List.of("*")),
                host("prefix-a", List.of("a.*")),
                host("prefix-shop", List.of("a.shop.c*")),
                host("svc", List.of("*.svc")),
                host("shop", List.of("*.shop.svc")),
                host("dash", List.of("*-bar.foo")),
                host("exact", List.of("a.shop.svc"))));
        assertThat(chosen(table.route(TestRequest.get(authority, "/")))).isEqualTo(expected + "/-");
    }

    @ParameterizedTest
    @CsvSource({
        "a:80,true,a",
        "a,true,a",
        "a:80,false,-",
        "a:,true,-",
        "[fd00::1]:80,true,six",
        "[fd00::1],true,six",
        "fd00::1,true,bare",
        "a:8x,true,-"
    })
    void aPortDoesNotCountWhenItIsIgnored(String authority, boolean ignore, String expected) {
        RouteTable table = RouteTable.compile(config(
                ignore, host("a", List.of("a")), host("six", List.of("[fd00::1]")), host("bare", List.of("fd00::1"))));
        assertThat(chosen(table.route(TestRequest.get(authority, "/"))))
                .isEqualTo(expected.equals("-") ? "-" : expected + "/-");
    }

    @ParameterizedTest
    @CsvSource({
        "prefix,/a,true,/ab,true", "prefix,/a,true,/A,false", "prefix,/A,false,/ab,true", "exact,/a,true,/a?x=/b,true",
        "exact,/a,true,/ab,false", "exact,/a,false,/A,true", "segment,/a,true,/a,true", "segment,/a,true,/a?q,true",
        "segment,/a,true,/a/b,true", "segment,/a,true,/ab,false", "segment,/a,true,/,false",
                "regex,/a+,true,/aaa?b,true",
        "regex,/a+,true,/aab,false", "regex,/a,false,/A,false", "prefix,/a?,true,/a?b,false"
    })
    void pathsAreMatchedWithoutTheirQuery(
            String kind, String value, boolean caseSensitive, String path, boolean matches) {
        PathMatch match = switch (kind) {
            case "prefix" -> new PathMatch.Prefix(value);
            case "exact" -> new PathMatch.Exact(value);
            case "segment" -> new PathMatch.SegmentPrefix(value);
            default -> new PathMatch.Regex(value);
        };
        RouteTable table = RouteTable.compile(config(
                false,
                host("h", List.of("*"), route("r", new RouteMatch(match, caseSensitive, List.of(), List.of())))));
        assertThat(chosen(table.route(TestRequest.get("x", path)))).isEqualTo(matches ? "h/r" : "h/-");
    }

    @ParameterizedTest
    @CsvSource({
        "/a?k=v,true",
        "/a?x=1&k=v,true",
        "/a?k=w&k=v,false",
        "/a?k,false",
        "/a,false",
        "/a?kk=v,false",
        "/a?k=v#k=w,true",
        "/a#?k=v,false",
        "/a?&&k=v,true",
        "/a?k=v=,false"
    })
    void theFirstQueryParameterOfTheNameIsAsked(String path, boolean matches) {
        QueryMatcher query = new QueryMatcher("k", new StringMatcher.Exact("v", false));
        RouteTable table = RouteTable.compile(config(
                false,
                host(
                        "h",
                        List.of("*"),
                        route("r", new RouteMatch(new PathMatch.Prefix("/"), true, List.of(), List.of(query))))));
        assertThat(chosen(table.route(TestRequest.get("x", path)))).isEqualTo(matches ? "h/r" : "h/-");
    }

    @Test
    void theFirstRouteThatMatchesIsTakenAndHasItsOrdinal() {
        RouteTable table = RouteTable.compile(config(
                false,
                host("o", List.of("o"), route("x", path(new PathMatch.Prefix("/")))),
                host(
                        "h",
                        List.of("*"),
                        route("b", path(new PathMatch.Exact("/b"))),
                        route("all", path(new PathMatch.Prefix("/"))),
                        route("never", path(new PathMatch.Prefix("/"))))));
        assertThat(table.routeCount()).isEqualTo(4);
        assertThat(table.route(TestRequest.get("z", "/c"))).isInstanceOfSatisfying(RouteDecision.Matched.class, m -> {
            assertThat(m.route().name()).isEqualTo("all");
            assertThat(m.ordinal()).isEqualTo(2);
        });
    }

    @Test
    void aDomainInTwoHostsIsRefusedNamingBoth() {
        assertThatThrownBy(() -> RouteTable.compile(config(false, host("a", List.of("x")), host("b", List.of("X")))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("'a'", "'b'", "'X'");
    }

    @Property(tries = 3000)
    void theTableChoosesAsAPlainReadingOfTheConfigurationDoes(
            @ForAll("configs") RouteConfig config, @ForAll("requests") TestRequest request) {
        String expected = NaiveRoutes.choose(config, request);
        Statistics.label("outcome")
                .collect(expected.equals("-") ? "no host" : expected.endsWith("-") ? "no route" : "route");
        assertThat(chosen(RouteTable.compile(config).route(request))).isEqualTo(expected);
    }

    @Provide
    Arbitrary<RouteConfig> configs() {
        Arbitrary<PathMatch> paths = Arbitraries.of(
                new PathMatch.Prefix("/"),
                new PathMatch.Prefix("/a"),
                new PathMatch.Exact("/a/b"),
                new PathMatch.SegmentPrefix("/A"),
                new PathMatch.SegmentPrefix("/a"),
                new PathMatch.Regex("/a.*b"));
        Arbitrary<List<HeaderMatcher>> headers = Arbitraries.of(
                List.of(),
                List.of(),
                List.of(new HeaderMatcher(
                        "x", new HeaderMatcher.Test.Value(new StringMatcher.Prefix("1", false)), false, false)),
                List.of(new HeaderMatcher("x", new HeaderMatcher.Test.Present(true), true, false)),
                List.of(new HeaderMatcher("x", new HeaderMatcher.Test.Range(0, 5), true, true)));
        Arbitrary<List<QueryMatcher>> query = Arbitraries.of(
                List.of(),
                List.of(),
                List.of(new QueryMatcher("q", null)),
                List.of(new QueryMatcher("q", new StringMatcher.Exact("1", false))));
        Arbitrary<List<RouteMatch>> routes = Combinators.combine(paths, Arbitraries.of(true, false), headers, query)
                .as(RouteMatch::new)
                .list()
                .ofMaxSize(4);
        Arbitrary<List<String>> domains = Arbitraries.of(
                        "*", "a.b.c", "*.b.c", "*.c", "*b.c", "a.*", "a.b*", "a.b.c:80", "b.c")
                .list()
                .uniqueElements()
                .ofMaxSize(7);
        return Combinators.combine(domains, routes.list().ofSize(7), Arbitraries.of(true, false))
                .as((names, tables, ignorePort) -> {
                    List<VirtualHost> hosts = new ArrayList<>();
                    for (String name : names) {
                        List<Route> own = new ArrayList<>();
                        for (RouteMatch match : tables.get(hosts.size())) {
                            own.add(route("r" + own.size(), match));
                        }
                        hosts.add(host(name, List.of(name), own.toArray(Route[]::new)));
                    }
                    return config(ignorePort, hosts.toArray(VirtualHost[]::new));
                });
    }

    @Provide
    Arbitrary<TestRequest> requests() {
        return Combinators.combine(
                        Arbitraries.of(
                                "a.b.c", "A.B.c", "x.b.c", "xb.c", "b.c", ".c", "a.b.c:80", "b.c:81", "a.x", "a.", "q"),
                        Arbitraries.of("/", "/a", "/A/b", "/a/b", "/ab", "/a/x/b", "/b"),
                        Arbitraries.of("", "?q", "?q=1", "?p=1&q=2&q=1", "?q=1&"),
                        Arbitraries.of("", "1", "3", "12", "z"))
                .as((authority, path, query, header) -> {
                    TestRequest request = TestRequest.get(authority, path + query);
                    return header.isEmpty() ? request : request.with("X", header);
                });
    }

    @ParameterizedTest
    @CsvSource({
        "prefix,/a,/x,/a/b?q,/x/b?q",
        "prefix,/a,/,/a/b,//b",
        "segment,/a,/x,/A?q,/x?q",
        "exact,/a,/x,/a?q=1,/x?q=1",
        "regex,/a.*,/x,/abc#f,/x#f"
    })
    void aRewriteReplacesWhatWasMatched(String kind, String value, String replacement, String path, String expected) {
        PathMatch match = switch (kind) {
            case "prefix" -> new PathMatch.Prefix(value);
            case "exact" -> new PathMatch.Exact(value);
            case "segment" -> new PathMatch.SegmentPrefix(value);
            default -> new PathMatch.Regex(value);
        };
        PathRewrite rewrite = PathRewrite.compile(match, replacement);
        var slice = TestRequest.get("x", path).path();
        byte[] into = new byte[rewrite.length(slice) + 2];
        assertThat(rewrite.write(slice, into, 1)).isEqualTo(into.length - 1);
        assertThat(new String(into, 1, into.length - 2)).isEqualTo(expected);
    }

    @Test
    void clustersAreChosenInProportionToTheirWeights() {
        WeightedChoice choice = WeightedChoice.compile(List.of(
                new WeightedCluster("z", 0),
                new WeightedCluster("a", 1),
                new WeightedCluster("n", 0),
                new WeightedCluster("b", 3),
                new WeightedCluster("e", 0)));
        int[] counts = new int[5];
        for (long random = 0; random < 400; random++) {
            counts[choice.pickIndex(random)]++;
        }
        assertThat(Arrays.stream(counts).boxed()).containsExactly(0, 100, 0, 300, 0);
        assertThat(choice.pick(-1).name()).isIn("a", "b");
        assertThat(WeightedChoice.compile(List.of(new WeightedCluster("only", 0)))
                        .pick(-7)
                        .name())
                .isEqualTo("only");
        assertThatThrownBy(
                        () -> WeightedChoice.compile(List.of(new WeightedCluster("a", 0), new WeightedCluster("b", 0))))
                .hasMessageContaining("sum to 0");
    }
}
