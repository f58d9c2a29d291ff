package lateen.decision;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lateen.decision.config.ExtAuthzConfig;
import lateen.decision.config.HeaderEdits;
import lateen.decision.config.HeaderMatcher;
import lateen.decision.config.RbacConfig;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.StringMatcher;
import lateen.decision.config.WeightedCluster;
import lateen.decision.net.Cidr;
import lateen.decision.rbac.CheckCondition;
import lateen.decision.rbac.RbacProgram;
import lateen.decision.rbac.Verdict;
import lateen.decision.route.RouteDecision;
import lateen.decision.route.RouteTable;
import org.junit.jupiter.api.Test;

class AllocationTest {

    private static final int DECISIONS = 20_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final TestRequest request = TestRequest.get("Ratings.shop.svc:9080", "/api/ratings/7?full=1")
            .with("x-version", "v2")
            .with("Accept", "*/*")
            .over(TestConnection.to("10.0.0.1", 9080).peer("spiffe://cluster.local/ns/shop/sa/client"));

    /** Bytes for each run, after runs enough for the compiler to have finished. */
    private static long bytesEach(Runnable decision) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < DECISIONS; i++) {
                decision.run();
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least / DECISIONS;
    }

    @Test
    void aRouteAndAnAccessDecisionAllocateNothing() {
        RouteTable routes = routes();
        RbacProgram rbac = rbac();
        assertThat(routes.route(request))
                .isInstanceOfSatisfying(
                        RouteDecision.Matched.class,
                        m -> assertThat(m.ordinal()).isEqualTo(5));
        assertThat(rbac.decide(request)).isEqualTo(new Verdict.Allowed("allow"));
        assertThat(bytesEach(() -> {
                    if (routes.route(request) instanceof RouteDecision.NoRoute
                            || rbac.decide(request) instanceof Verdict.Denied) {
                        throw new AssertionError("decided otherwise than before");
                    }
                }))
                .isLessThanOrEqualTo(16);
    }

    @Test
    void whetherAServerIsAskedAllocatesNothing() {
        LinkedHashMap<String, RbacConfig.Policy> policies = new LinkedHashMap<>();
        policies.put(
                "istio-ext-authz-ns[shop]-policy[opa]-rule[0]",
                new RbacConfig.Policy(
                        List.of(new RbacConfig.Permission.UrlPath(new StringMatcher.Prefix("/admin", false))),
                        List.of(new RbacConfig.Principal.Any())));
        CheckCondition condition = CheckCondition.compile(
                new ExtAuthzConfig.Condition(
                        "istio_ext_authz_shadow_effective_policy_id",
                        new StringMatcher.Prefix("istio-ext-authz", false),
                        false),
                List.of(new RbacConfig.Shadow("istio_ext_authz_", new RbacConfig(RbacConfig.Action.DENY, policies))));
        assertThat(bytesEach(() -> {
                    if (condition.applies(request)) {
                        throw new AssertionError("decided otherwise than before");
                    }
                }))
                .isLessThanOrEqualTo(16);
    }

    @Test
    void theMeasureSeesWhatIsAllocated() {
        RbacProgram rbac = rbac();
        assertThat(bytesEach(() -> rbac.explain(request))).isGreaterThan(100);
    }

    private static RouteTable routes() {
        var action = new RouteConfig.RouteAction.Forward(
                List.of(new WeightedCluster("c", 1)), Duration.ZERO, Duration.ZERO, null, null, null, false, false);
        HeaderMatcher version = new HeaderMatcher(
                "x-version", new HeaderMatcher.Test.Value(new StringMatcher.Exact("v2", false)), false, false);
        List<RouteConfig.Route> all = new ArrayList<>();
        for (String path : List.of("/a", "/api/x", "/api/ratings/8", "/b", "/c", "/api/ratings")) {
            all.add(new RouteConfig.Route(
                    path,
                    new RouteConfig.RouteMatch(
                            new RouteConfig.PathMatch.SegmentPrefix(path),
                            true,
                            List.of(version),
                            List.of(new RouteConfig.QueryMatcher("full", new StringMatcher.Exact("1", false)))),
                    action,
                    HeaderEdits.NONE,
                    HeaderEdits.NONE,
                    "",
                    Map.of()));
        }
        var host = new RouteConfig.VirtualHost(
                "ratings",
                List.of("*.shop.svc", "catalog.shop.svc"),
                all,
                HeaderEdits.NONE,
                HeaderEdits.NONE,
                null,
                Map.of());
        return RouteTable.compile(
                new RouteConfig("80", List.of(host), HeaderEdits.NONE, HeaderEdits.NONE, true, Map.of()));
    }

    private static RbacProgram rbac() {
        var get = new RbacConfig.Permission.Header(new HeaderMatcher(
                ":method", new HeaderMatcher.Test.Value(new StringMatcher.Exact("GET", false)), false, false));
        var path = new RbacConfig.Permission.UrlPath(new StringMatcher.Prefix("/api/", false));
        var port = new RbacConfig.Permission.DestinationPorts(9080, 9080);
        var elsewhere = new RbacConfig.Principal.RemoteIp(Cidr.parse("192.168.0.0/16"));
        var client = new RbacConfig.Principal.Authenticated(
                Set.of(new StringMatcher.Exact("spiffe://cluster.local/ns/shop/sa/client", false)));
        LinkedHashMap<String, RbacConfig.Policy> policies = new LinkedHashMap<>();
        policies.put("elsewhere", new RbacConfig.Policy(List.of(get), List.of(elsewhere)));
        policies.put(
                "allow",
                new RbacConfig.Policy(
                        List.of(new RbacConfig.Permission.And(List.of(get, path, port))), List.of(client)));
        return RbacProgram.compile(new RbacConfig(RbacConfig.Action.ALLOW, policies));
    }
}
