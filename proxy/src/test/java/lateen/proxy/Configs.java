package lateen.proxy;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import lateen.decision.config.AccessLogConfig;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterConfig.CircuitBreakers;
import lateen.decision.config.ClusterConfig.Discovery;
import lateen.decision.config.ClusterConfig.LbPolicy;
import lateen.decision.config.ClusterConfig.UpstreamHttp;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.ClusterEndpoints.Endpoint;
import lateen.decision.config.ClusterEndpoints.Health;
import lateen.decision.config.ClusterEndpoints.Locality;
import lateen.decision.config.DownstreamTls;
import lateen.decision.config.ExtAuthzConfig;
import lateen.decision.config.FilterChainConfig;
import lateen.decision.config.FilterChainMatch;
import lateen.decision.config.HeaderEdits;
import lateen.decision.config.Http1Options;
import lateen.decision.config.Http2Options;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.NetworkFilter.HttpConnectionManager;
import lateen.decision.config.ProxyConfig;
import lateen.decision.config.RbacConfig;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.RetryOn;
import lateen.decision.config.RouteConfig.RetryPolicy;
import lateen.decision.config.RouteConfig.Route;
import lateen.decision.config.RouteConfig.RouteAction;
import lateen.decision.config.RouteConfig.VirtualHost;
import lateen.decision.config.StringMatcher;
import lateen.decision.config.TlsValidation;
import lateen.decision.config.TlsVersion;
import lateen.decision.config.UpstreamTls;
import lateen.decision.config.WeightedCluster;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;

/** Configurations for tests, in a few words. */
final class Configs {
    static final SocketAddr ANY_PORT = new SocketAddr(IpAddress.parse("127.0.0.1"), 0);
    static final ListenerConfig.Inspectors NO_INSPECTORS =
            new ListenerConfig.Inspectors(false, false, false, Duration.ofSeconds(5), false);

    private Configs() {}

    static ProxyConfig of(List<ListenerConfig> listeners, ClusterConfig... clusters) {
        Map<String, ListenerConfig> byName = new LinkedHashMap<>();
        listeners.forEach(each -> byName.put(each.name(), each));
        return new ProxyConfig(
                byName,
                Map.of(),
                Arrays.stream(clusters).collect(Collectors.toMap(ClusterConfig::name, each -> each)),
                Map.of());
    }

    static ListenerConfig listener(String name, ListenerConfig.Inspectors inspectors, FilterChainConfig... chains) {
        return new ListenerConfig(
                name,
                List.of(ANY_PORT),
                true,
                false,
                ListenerConfig.Direction.UNSPECIFIED,
                inspectors,
                List.of(chains),
                null,
                List.of());
    }

    static FilterChainConfig chain(String name, DownstreamTls tls, NetworkFilter... filters) {
        return new FilterChainConfig(name, FilterChainMatch.ANY, tls, List.of(filters));
    }

    static NetworkFilter.TcpProxy tcp(String cluster) {
        return new NetworkFilter.TcpProxy(
                "tcp",
                List.of(new WeightedCluster(cluster, 1)),
                Duration.ofMinutes(10),
                Duration.ZERO,
                List.of(),
                null);
    }

    static HttpConnectionManager http(RouteConfig routes, HttpFilter... filters) {
        List<HttpFilter> all = new java.util.ArrayList<>(List.of(filters));
        all.add(new HttpFilter.Router());
        return new HttpConnectionManager(
                "http",
                NetworkFilter.Codec.AUTO,
                new NetworkFilter.RouteSource.Inline(routes),
                all,
                List.of(),
                "lateen",
                NetworkFilter.ServerHeader.OVERWRITE,
                NetworkFilter.ForwardClientCert.SANITIZE_SET,
                true,
                true,
                true,
                true,
                true,
                8192,
                Duration.ofMinutes(1),
                Duration.ZERO,
                Duration.ofSeconds(10),
                Set.of("websocket"),
                Http1Options.DEFAULT,
                Http2Options.DEFAULT);
    }

    /** The same, writing JSON lines with these keys and operators. */
    static HttpConnectionManager logged(HttpConnectionManager http, AccessLogConfig log) {
        return Edited.with(http, "accessLogs", List.of(log));
    }

    static HttpConnectionManager upgrading(HttpConnectionManager http, Set<String> upgrades) {
        return Edited.with(http, "upgrades", upgrades);
    }

    static HttpConnectionManager idling(HttpConnectionManager http, Duration limit) {
        return Edited.with(http, "idleTimeout", limit);
    }

    static NetworkFilter logged(NetworkFilter.TcpProxy tcp, AccessLogConfig log) {
        return Edited.with(tcp, "accessLogs", List.of(log));
    }

    static RouteConfig everythingTo(String cluster, Duration timeout, RouteConfig.RetryPolicy retry) {
        return routes(new RouteAction.Forward(
                List.of(new WeightedCluster(cluster, 1)), timeout, Duration.ZERO, retry, null, null, false, false));
    }

    static RouteConfig everythingTo(String cluster) {
        return everythingTo(cluster, Duration.ofSeconds(15), null);
    }

    static RouteConfig routes(RouteAction action) {
        return routes(new RouteConfig.PathMatch.Prefix("/"), action);
    }

    /** One route. */
    static RouteConfig routes(RouteConfig.PathMatch path, RouteAction action) {
        Route route = new Route(
                "all",
                new RouteConfig.RouteMatch(path, true, List.of(), List.of()),
                action,
                HeaderEdits.NONE,
                HeaderEdits.NONE,
                "",
                Map.of());
        return new RouteConfig(
                "routes",
                List.of(new VirtualHost(
                        "any", List.of("*"), List.of(route), HeaderEdits.NONE, HeaderEdits.NONE, null, Map.of())),
                HeaderEdits.NONE,
                HeaderEdits.NONE,
                true,
                Map.of());
    }

    /** Every CONNECT ends here, and goes on by TCP. */
    static RouteConfig connectTo(String cluster) {
        return Configs.routes(
                new RouteConfig.PathMatch.Connect(),
                new RouteAction.Forward(
                        List.of(new WeightedCluster(cluster, 1)),
                        Duration.ZERO,
                        Duration.ZERO,
                        null,
                        null,
                        null,
                        false,
                        true));
    }

    static ClusterConfig cluster(String name, UpstreamTls tls, int... ports) {
        return cluster(name, Discovery.STATIC, tls, CircuitBreakers.DEFAULT, ports);
    }

    static ClusterConfig cluster(
            String name, Discovery discovery, UpstreamTls tls, CircuitBreakers breakers, int... ports) {
        List<Endpoint> endpoints = Arrays.stream(ports)
                .mapToObj(port ->
                        new Endpoint(new SocketAddr(IpAddress.parse("127.0.0.1"), port), "", Health.HEALTHY, 1, "", ""))
                .toList();
        return new ClusterConfig(
                name,
                discovery,
                name,
                discovery == Discovery.STATIC
                        ? new ClusterEndpoints(name, List.of(new Locality("", "", "", 0, 1, endpoints)))
                        : null,
                discovery == Discovery.STATIC ? LbPolicy.ROUND_ROBIN : LbPolicy.CLUSTER_PROVIDED,
                Duration.ofSeconds(5),
                List.of(),
                tls,
                breakers,
                null,
                List.of(),
                UpstreamHttp.HTTP1,
                Http1Options.DEFAULT,
                Http2Options.DEFAULT,
                Duration.ofMinutes(1),
                List.of(),
                ClusterConfig.ConnectionLimits.NONE,
                0,
                null,
                null);
    }

    static ClusterConfig speaking(UpstreamHttp http, ClusterConfig c) {
        return Edited.with(c, "http", http);
    }

    /** Tries again at once. */
    static RetryPolicy retry(int attempts, RetryOn... on) {
        return new RetryPolicy(
                Set.of(on), attempts, Duration.ZERO, Set.of(), true, 5, Duration.ofNanos(1), Duration.ofNanos(1));
    }

    static DownstreamTls serverTls() {
        return new DownstreamTls(
                "default",
                new TlsValidation("ROOTCA", List.of()),
                true,
                List.of("istio", "h2", "http/1.1"),
                TlsVersion.TLS_1_2,
                TlsVersion.TLS_1_3);
    }

    static UpstreamTls clientTls(String... allowed) {
        return clientTls(List.of("istio", "http/1.1"), allowed);
    }

    static UpstreamTls clientTls(List<String> alpn, String... allowed) {
        return new UpstreamTls(
                "default",
                new TlsValidation(
                        "ROOTCA",
                        Arrays.stream(allowed)
                                .map(each -> (StringMatcher) new StringMatcher.Exact(each, false))
                                .toList()),
                "outbound_.80_._.catalog.shop.svc.cluster.local",
                alpn,
                TlsVersion.TLS_1_2,
                TlsVersion.TLS_1_3);
    }

    static RbacConfig allowOnly(String policy, String account) {
        return rules(
                RbacConfig.Action.ALLOW,
                policy,
                new RbacConfig.Principal.Authenticated(
                        Set.of(new StringMatcher.Exact("spiffe://cluster.local/ns/shop/sa/" + account, false))));
    }

    /** Refuses everybody else, by a policy that matches them. */
    static RbacConfig denyOthers(String policy, String account) {
        return rules(
                RbacConfig.Action.DENY,
                policy,
                new RbacConfig.Principal.Not(new RbacConfig.Principal.Authenticated(
                        Set.of(new StringMatcher.Exact("spiffe://cluster.local/ns/shop/sa/" + account, false)))));
    }

    static final String AUTHZ_KEY = "istio_ext_authz_shadow_effective_policy_id";

    /** Asks the cluster about requests below {@code /checked}, as Istio configures it. */
    static HttpFilter[] checked(ExtAuthzConfig config) {
        LinkedHashMap<String, RbacConfig.Policy> policies = new LinkedHashMap<>();
        policies.put(
                "istio-ext-authz-ns[shop]-policy[opa]-rule[0]",
                new RbacConfig.Policy(
                        List.of(new RbacConfig.Permission.UrlPath(new StringMatcher.Prefix("/checked", false))),
                        List.of(new RbacConfig.Principal.Any())));
        return new HttpFilter[] {
            new HttpFilter.Rbac(
                    new RbacConfig(RbacConfig.Action.DENY, new LinkedHashMap<>()),
                    new RbacConfig.Shadow("istio_ext_authz_", new RbacConfig(RbacConfig.Action.DENY, policies))),
            new HttpFilter.ExtAuthz(config)
        };
    }

    static ExtAuthzConfig asks(String cluster, Duration timeout, boolean failureModeAllow, int statusOnError) {
        return new ExtAuthzConfig(
                cluster,
                "",
                timeout,
                failureModeAllow,
                failureModeAllow,
                statusOnError,
                false,
                false,
                null,
                List.of(),
                new ExtAuthzConfig.Condition(AUTHZ_KEY, new StringMatcher.Prefix("istio-ext-authz", false), false));
    }

    private static RbacConfig rules(RbacConfig.Action action, String policy, RbacConfig.Principal principal) {
        LinkedHashMap<String, RbacConfig.Policy> policies = new LinkedHashMap<>();
        policies.put(policy, new RbacConfig.Policy(List.of(new RbacConfig.Permission.Any()), List.of(principal)));
        return new RbacConfig(action, policies);
    }
}
