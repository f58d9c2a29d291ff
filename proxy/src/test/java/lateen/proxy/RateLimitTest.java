package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lateen.decision.config.FilterOverride;
import lateen.decision.config.HeaderEdits;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.LocalRateLimit;
import lateen.decision.config.LocalRateLimit.Share;
import lateen.decision.config.LocalRateLimit.TokenBucket;
import lateen.decision.config.ProxyConfig;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.Route;
import lateen.decision.config.RouteConfig.RouteAction;
import lateen.decision.config.RouteConfig.VirtualHost;
import lateen.decision.config.WeightedCluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Buckets here fill once in an hour: nothing comes back during a test. */
class RateLimitTest {
    private static final String FILTER = "envoy.filters.http.local_ratelimit";

    private final Rig rig = new Rig();

    @TempDir
    Path dir;

    private LogFile log;

    @BeforeEach
    void file() {
        log = new LogFile(dir.resolve("access.log"));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static LocalRateLimit limit(String prefix, int tokens, Share enforced, boolean perConnection) {
        return new LocalRateLimit(
                prefix,
                tokens == 0 ? null : new TokenBucket(tokens, 1, Duration.ofHours(1)),
                Share.ALL,
                enforced,
                429,
                List.of(new HeaderEdits.Edit("x-limited", "yes", HeaderEdits.Action.OVERWRITE_IF_EXISTS_OR_ADD)),
                true,
                perConnection);
    }

    private static LocalRateLimit limit(String prefix, int tokens) {
        return limit(prefix, tokens, Share.ALL, false);
    }

    private static Route route(String path, Map<String, FilterOverride> overrides) {
        return new Route(
                path,
                new RouteConfig.RouteMatch(new RouteConfig.PathMatch.Prefix(path), true, List.of(), List.of()),
                new RouteAction.Forward(
                        List.of(new WeightedCluster("app", 1)),
                        Duration.ofSeconds(15),
                        Duration.ZERO,
                        null,
                        null,
                        null,
                        false,
                        false),
                HeaderEdits.NONE,
                HeaderEdits.NONE,
                "",
                overrides);
    }

    private ProxyConfig config(
            int port, List<Route> routes, Map<String, FilterOverride> ofHost, HttpFilter... filters) {
        RouteConfig table = new RouteConfig(
                "routes",
                List.of(new VirtualHost("any", List.of("*"), routes, HeaderEdits.NONE, HeaderEdits.NONE, null, ofHost)),
                HeaderEdits.NONE,
                HeaderEdits.NONE,
                true,
                Map.of());
        return Configs.of(
                List.of(Configs.listener(
                        "http",
                        Configs.NO_INSPECTORS,
                        Configs.chain("c", null, Configs.logged(Configs.http(table, filters), log.config())))),
                Configs.cluster("app", null, port));
    }

    private Proxy proxy(List<Route> routes, Map<String, FilterOverride> ofHost, HttpFilter... filters)
            throws Exception {
        return rig.proxy(config(rig.with(Backend.echoing()).port(), routes, ofHost, filters));
    }

    private Wire open(Proxy proxy) throws Exception {
        return rig.with(new Wire(Rig.address(proxy, "http")));
    }

    private static List<Integer> statuses(Wire wire, String path, int times) throws Exception {
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            statuses.add(Integer.parseInt(wire.get(path).substring(9, 12)));
        }
        return statuses;
    }

    private static String stat(Proxy proxy, String name) {
        StringBuilder text = new StringBuilder();
        proxy.stats().renderPlain(text);
        return text.toString()
                .lines()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElse("none");
    }

    @Test
    void whatIsTooMuchIsAnsweredAtOnceAndSaysSo() throws Exception {
        Proxy proxy = proxy(
                List.of(route("/", Map.of())), Map.of(), new HttpFilter.LocalRateLimited(FILTER, limit("top", 2)));
        Wire wire = open(proxy);
        assertThat(wire.get("/"))
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("x-ratelimit-limit: 2\r\n")
                .containsIgnoringCase("x-ratelimit-remaining: 1\r\n")
                .containsIgnoringCase("x-ratelimit-reset: 0\r\n")
                .doesNotContainIgnoringCase("x-limited");
        assertThat(wire.get("/")).containsIgnoringCase("x-ratelimit-remaining: 0\r\n");
        assertThat(wire.get("/"))
                .startsWith("HTTP/1.1 429")
                .containsIgnoringCase("x-limited: yes\r\n")
                .containsIgnoringCase("x-ratelimit-reset: 3600\r\n")
                .endsWith("\r\n\r\nlocal_rate_limited");
        LogFile.Line line = log.lines(3).getLast();
        assertThat(line.of("response_code")).isEqualTo("429");
        assertThat(line.of("response_flags")).isEqualTo("RL");
        assertThat(line.of("response_code_details")).isEqualTo("local_rate_limited");
        assertThat(line.of("route_name")).isEqualTo("/");
        assertThat(line.of("upstream_host")).isNull();
        assertThat(List.of("enabled", "ok", "rate_limited", "enforced"))
                .map(each -> stat(proxy, "top.http_local_rate_limit." + each))
                .containsExactly("3", "2", "1", "1");
    }

    @Test
    void theClosestLimitCountsAndOneOfAVirtualHostIsSharedByItsRoutes() throws Exception {
        Proxy proxy = proxy(
                List.of(route("/own", Map.of(FILTER, limit("route", 1))), route("/a", Map.of()), route("/", Map.of())),
                Map.of(FILTER, limit("host", 3)),
                new HttpFilter.LocalRateLimited(FILTER, limit("top", 0)));
        Wire wire = open(proxy);
        assertThat(statuses(wire, "/own", 3)).containsExactly(200, 429, 429);
        assertThat(statuses(wire, "/a", 2)).containsExactly(200, 200);
        assertThat(statuses(wire, "/b", 2)).containsExactly(200, 429);
        assertThat(stat(proxy, "host.http_local_rate_limit.ok")).isEqualTo("3");
        assertThat(stat(proxy, "route.http_local_rate_limit.enforced")).isEqualTo("2");
    }

    @Test
    void aLimitOfARouteForAFilterThatIsNotThereDoesNothing() throws Exception {
        Proxy proxy = proxy(List.of(route("/", Map.of(FILTER, limit("route", 1)))), Map.of());
        assertThat(statuses(open(proxy), "/", 3)).containsExactly(200, 200, 200);
    }

    @Test
    void whatIsNotEnforcedIsOnlyCounted() throws Exception {
        Proxy proxy = proxy(
                List.of(route("/", Map.of())),
                Map.of(),
                new HttpFilter.LocalRateLimited(FILTER, limit("top", 1, Share.NONE, false)));
        assertThat(statuses(open(proxy), "/", 3)).containsExactly(200, 200, 200);
        assertThat(stat(proxy, "top.http_local_rate_limit.rate_limited")).isEqualTo("2");
        assertThat(stat(proxy, "top.http_local_rate_limit.enforced")).isEqualTo("0");
    }

    @Test
    void eachConnectionMayHaveABucketOfItsOwn() throws Exception {
        Proxy proxy = proxy(
                List.of(route("/", Map.of())),
                Map.of(),
                new HttpFilter.LocalRateLimited(FILTER, limit("top", 2, Share.ALL, true)));
        assertThat(statuses(open(proxy), "/", 3)).containsExactly(200, 200, 429);
        assertThat(statuses(open(proxy), "/", 3)).containsExactly(200, 200, 429);
    }

    @Test
    void filtersActInTheirOrder() throws Exception {
        HttpFilter nobody = new HttpFilter.Rbac(Configs.allowOnly("ns[shop]-policy[only]-rule[0]", "client"));
        HttpFilter limited = new HttpFilter.LocalRateLimited(FILTER, limit("top", 1));
        assertThat(statuses(open(proxy(List.of(route("/", Map.of())), Map.of(), nobody, limited)), "/", 2))
                .containsExactly(403, 403);
        assertThat(statuses(open(proxy(List.of(route("/", Map.of())), Map.of(), limited, nobody)), "/", 2))
                .containsExactly(403, 429);
    }

    @Test
    void anUpdateOfSomethingElseLeavesTheBucketAsItIs() throws Exception {
        int port = rig.with(Backend.echoing()).port();
        ProxyConfig config = config(
                port,
                List.of(route("/", Map.of())),
                Map.of(),
                new HttpFilter.LocalRateLimited(FILTER, limit("top", 2)));
        Proxy proxy = rig.proxy(config);
        Wire wire = open(proxy);
        assertThat(statuses(wire, "/", 2)).containsExactly(200, 200);
        Rig.apply(
                proxy,
                new ProxyConfig(
                        config.listeners(),
                        config.routes(),
                        Map.of("app", config.clusters().get("app"), "b", Configs.cluster("b", null, port)),
                        config.endpoints()));
        assertThat(statuses(wire, "/", 1)).containsExactly(429);
    }
}
