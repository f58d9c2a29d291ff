package lateen.decision.rbac;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import lateen.decision.TestConnection;
import lateen.decision.TestRequest;
import lateen.decision.config.HeaderMatcher;
import lateen.decision.config.RbacConfig;
import lateen.decision.config.RbacConfig.Permission;
import lateen.decision.config.RbacConfig.Policy;
import lateen.decision.config.RbacConfig.Principal;
import lateen.decision.config.StringMatcher;
import lateen.decision.net.Cidr;
import lateen.decision.request.ConnectionView;
import lateen.decision.request.RequestView;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;

class RbacPropertiesTest {

    private static final HeaderMatcher IS_GET = new HeaderMatcher(
            ":method", new HeaderMatcher.Test.Value(new StringMatcher.Exact("GET", false)), false, false);

    @Property(tries = 3000)
    void aRequestIsDecidedAsAPlainReadingDoesAndExplainedAlike(
            @ForAll("configs") RbacConfig config,
            @ForAll("connections") TestConnection connection,
            @ForAll("methods") String method,
            @ForAll("paths") String path) {
        TestRequest request = TestRequest.of(method, "x", path).over(connection);
        RbacProgram program = RbacProgram.compile(config);
        Verdict verdict = program.decide(request);
        Statistics.label("verdict").collect(verdict.getClass().getSimpleName(), verdict.policy() != null);
        assertThat(verdict).isEqualTo(naive(config, request, connection));
        check(verdict, program.explain(request));
    }

    @Property(tries = 2000)
    void aConnectionIsDecidedAsAPlainReadingDoesAndExplainedAlike(
            @ForAll("configs") RbacConfig config, @ForAll("connections") TestConnection connection) {
        RbacProgram program = RbacProgram.compile(config);
        Verdict verdict = program.decide(connection);
        assertThat(verdict).isEqualTo(naive(config, null, connection));
        check(verdict, program.explain(connection));
    }

    private static void check(Verdict decided, Explanation explained) {
        assertThat(explained.verdict()).isEqualTo(decided);
        for (PolicyTrace policy : explained.policies()) {
            assertThat(policy.matched()).isEqualTo(policy.failures().isEmpty());
            assertThat(policy.matched()).isEqualTo(policy.name().equals(decided.policy()));
        }
    }

    private static Verdict naive(RbacConfig config, RequestView request, ConnectionView connection) {
        String matched = config.policies().entrySet().stream()
                .filter(e -> e.getValue().permissions().stream().anyMatch(p -> holds(p, request, connection))
                        && e.getValue().principals().stream().anyMatch(p -> holds(p, request, connection)))
                .map(e -> e.getKey())
                .findFirst()
                .orElse(null);
        boolean allowed = switch (config.action()) {
            case ALLOW -> matched != null;
            case DENY -> matched == null;
            case LOG -> true;
        };
        return allowed ? new Verdict.Allowed(matched) : new Verdict.Denied(matched);
    }

    private static boolean holds(Permission permission, RequestView r, ConnectionView c) {
        return switch (permission) {
            case Permission.Any p -> true;
            case Permission.And p -> p.all().stream().allMatch(x -> holds(x, r, c));
            case Permission.Or p -> p.any().stream().anyMatch(x -> holds(x, r, c));
            case Permission.Not p -> !holds(p.inner(), r, c);
            case Permission.Header p -> isGet(r);
            case Permission.UrlPath p -> path(p.matcher(), r);
            case Permission.DestinationIp p -> p.range().contains(c.destinationIp());
            case Permission.DestinationPorts p -> c.destinationPort() >= p.first() && c.destinationPort() <= p.last();
            case Permission.RequestedServerName p -> c.serverName().equals(((StringMatcher.Exact) p.matcher()).value());
        };
    }

    private static boolean holds(Principal principal, RequestView r, ConnectionView c) {
        return switch (principal) {
            case Principal.Any p -> true;
            case Principal.And p -> p.all().stream().allMatch(x -> holds(x, r, c));
            case Principal.Or p -> p.any().stream().anyMatch(x -> holds(x, r, c));
            case Principal.Not p -> !holds(p.inner(), r, c);
            case Principal.Authenticated p ->
                c.peerAuthenticated()
                        && (p.names().isEmpty()
                                || p.names().stream()
                                        .map(n -> ((StringMatcher.Exact) n).value())
                                        .anyMatch(c.peerUriNames()::contains));
            case Principal.DirectRemoteIp p -> p.range().contains(c.directSourceIp());
            case Principal.SourceIp p -> p.range().contains(c.connectionSourceIp());
            case Principal.RemoteIp p -> p.range().contains(c.sourceIp());
            case Principal.Header p -> isGet(r);
            case Principal.UrlPath p -> path(p.matcher(), r);
        };
    }

    private static boolean isGet(RequestView r) {
        return r != null && r.method().toString().equals("GET");
    }

    private static boolean path(StringMatcher matcher, RequestView r) {
        return r != null && r.path().toString().split("[?#]")[0].equals(((StringMatcher.Exact) matcher).value());
    }

    @Provide
    Arbitrary<RbacConfig> configs() {
        StringMatcher path = new StringMatcher.Exact("/a", false);
        Arbitrary<Permission> permissionLeaf = Arbitraries.of(
                new Permission.Any(),
                new Permission.Header(IS_GET),
                new Permission.UrlPath(path),
                new Permission.DestinationIp(Cidr.parse("10.0.0.0/24")),
                new Permission.DestinationPorts(80, 81),
                new Permission.RequestedServerName(new StringMatcher.Exact("s", false)));
        Arbitrary<Permission> permission = Arbitraries.lazyOf(
                () -> permissionLeaf,
                () -> permissionLeaf,
                () -> permissionLeaf.map(Permission.Not::new),
                () -> permissionLeaf.list().ofMaxSize(3).map(Permission.And::new),
                () -> permissionLeaf.list().ofMaxSize(3).map(x -> new Permission.Not(new Permission.Or(x))),
                () -> permissionLeaf.list().ofMaxSize(3).map(x -> new Permission.Or(List.of(new Permission.And(x)))));
        Arbitrary<Principal> principalLeaf = Arbitraries.of(
                new Principal.Any(),
                new Principal.Authenticated(Set.of()),
                new Principal.Authenticated(Set.of(new StringMatcher.Exact("spiffe://a", false))),
                new Principal.DirectRemoteIp(Cidr.parse("1.0.0.0/8")),
                new Principal.RemoteIp(Cidr.parse("2.2.0.0/16")),
                new Principal.Header(IS_GET),
                new Principal.UrlPath(path));
        Arbitrary<Principal> principal = Arbitraries.lazyOf(
                () -> principalLeaf,
                () -> principalLeaf,
                () -> principalLeaf.map(Principal.Not::new),
                () -> principalLeaf.list().ofMaxSize(3).map(Principal.And::new),
                () -> principalLeaf.list().ofMaxSize(3).map(x -> new Principal.Not(new Principal.Or(x))));
        Arbitrary<List<Policy>> policies = Combinators.combine(
                        permission.list().ofMaxSize(3), principal.list().ofMaxSize(3))
                .as(Policy::new)
                .list()
                .ofMaxSize(4);
        return Combinators.combine(Arbitraries.of(RbacConfig.Action.class), policies)
                .as((action, all) -> {
                    LinkedHashMap<String, Policy> named = new LinkedHashMap<>();
                    all.forEach(p -> named.put("ns[n]-policy[p]-rule[" + named.size() + "]", p));
                    return new RbacConfig(action, named);
                });
    }

    @Provide
    Arbitrary<TestConnection> connections() {
        return Combinators.combine(
                        Arbitraries.of("10.0.0.1", "10.1.0.1", "fd00::1"),
                        Arbitraries.of(79, 80, 81, 82),
                        Arbitraries.of("", "s"),
                        Arbitraries.of("1.1.1.1", "3.3.3.3"),
                        Arbitraries.of("2.2.1.1", "1.1.1.1"),
                        Arbitraries.of(
                                List.of(), List.of("none"), List.of("spiffe://b"), List.of("spiffe://b", "spiffe://a")))
                .as((ip, port, sni, direct, client, uris) -> {
                    TestConnection c = TestConnection.to(ip, port).tls(sni).from(direct, client, 7);
                    return uris.equals(List.of("none")) ? c : c.peer(uris.toArray(String[]::new));
                });
    }

    @Provide
    Arbitrary<String> methods() {
        return Arbitraries.of("GET", "POST");
    }

    @Provide
    Arbitrary<String> paths() {
        return Arbitraries.of("/a", "/a?b", "/b", "/a#c");
    }
}
