package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.NetworkFilter;
import lateen.proxy.stats.MeshPeer;
import lateen.testing.TestAuthority;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Prometheus reads after traffic through two sidecars. */
class MetricsTest {
    private static final String CATALOG = "spiffe://cluster.local/ns/shop/sa/catalog";
    private static final String FRONTEND = "spiffe://cluster.local/ns/shop/sa/frontend";
    private static final String OUTBOUND = "outbound|80||catalog.shop.svc.cluster.local";

    private final Rig rig = new Rig();
    private final TestAuthority authority = new TestAuthority("root");

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static ListenerConfig directed(ListenerConfig c, ListenerConfig.Direction direction) {
        return new ListenerConfig(
                c.name(),
                c.addresses(),
                c.bindToPort(),
                c.useOriginalDst(),
                direction,
                c.inspectors(),
                c.filterChains(),
                c.defaultFilterChain(),
                c.accessLogs());
    }

    private static ClusterConfig with(ClusterConfig c, String workload, ClusterConfig.ServiceRef... services) {
        ClusterEndpoints all = c.staticEndpoints();
        List<ClusterEndpoints.Locality> localities = all.localities().stream()
                .map(l -> new ClusterEndpoints.Locality(
                        "",
                        "",
                        "",
                        0,
                        1,
                        l.endpoints().stream()
                                .map(e -> new ClusterEndpoints.Endpoint(e.address(), "", e.health(), 1, "", workload))
                                .toList()))
                .toList();
        return Edited.with(
                c, "staticEndpoints", new ClusterEndpoints(c.name(), localities), "services", List.of(services));
    }

    private Proxy inbound(NetworkFilter filter) throws Exception {
        Backend app = rig.with(Backend.echoing());
        Proxy inbound = rig.proxy(
                ProxySettings.defaults()
                        .withSelf(MeshPeer.ofLabels(
                                "catalog-v1", "shop", Map.of("app", "catalog", "version", "v1"), "east")),
                Configs.of(
                        List.of(directed(
                                Configs.listener(
                                        "in", Configs.NO_INSPECTORS, Configs.chain("c", Configs.serverTls(), filter)),
                                ListenerConfig.Direction.INBOUND)),
                        with(
                                Configs.cluster("inbound|80||", null, app.port()),
                                "",
                                new ClusterConfig.ServiceRef("catalog.shop.svc.cluster.local", "catalog", "shop"))));
        TcpTest.secrets(inbound, authority, "catalog");
        return inbound;
    }

    private Proxy outbound(int port, NetworkFilter filter) throws Exception {
        Proxy outbound = rig.proxy(
                ProxySettings.defaults()
                        .withSelf(MeshPeer.ofLabels("frontend-v1", "shop", Map.of("app", "frontend"), "east")),
                Configs.of(
                        List.of(directed(
                                Configs.listener("out", Configs.NO_INSPECTORS, Configs.chain("c", null, filter)),
                                ListenerConfig.Direction.OUTBOUND)),
                        with(
                                Configs.cluster(OUTBOUND, Configs.clientTls(CATALOG), port),
                                "catalog-v1;shop;catalog;v1;east")));
        TcpTest.secrets(outbound, authority, "frontend");
        return outbound;
    }

    private static String text(Proxy proxy) {
        StringBuilder out = new StringBuilder();
        proxy.stats().renderPrometheus(out);
        return out.toString();
    }

    /** Sum of the series of that name whose line has all of these parts. */
    private static long value(Proxy proxy, String name, String... parts) {
        Predicate<String> all = line -> List.of(parts).stream().allMatch(line::contains);
        return text(proxy)
                .lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(all)
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void requestsAreCountedOnBothSidesWithTheSameNames() throws Exception {
        Proxy inbound = inbound(Configs.http(Configs.everythingTo("inbound|80||")));
        Proxy outbound = outbound(Rig.address(inbound, "in").getPort(), Configs.http(Configs.everythingTo(OUTBOUND)));
        Wire wire = rig.with(new Wire(Rig.address(outbound, "out")));
        for (int i = 0; i < 3; i++) {
            assertThat(wire.get("/")).startsWith("HTTP/1.1 200");
        }
        String[] both = {
            "destination_workload=\"catalog-v1\"",
            "destination_workload_namespace=\"shop\"",
            "destination_principal=\"" + CATALOG + "\"",
            "source_principal=\"" + FRONTEND + "\"",
            "destination_service=\"catalog.shop.svc.cluster.local\"",
            "destination_service_name=\"catalog\"",
            "destination_service_namespace=\"shop\"",
            "destination_canonical_service=\"catalog\"",
            "destination_cluster=\"east\"",
            "request_protocol=\"http\"",
            "response_code=\"200\"",
            "response_flags=\"-\""
        };
        assertThat(value(outbound, "istio_requests_total", both)).isEqualTo(3);
        assertThat(value(inbound, "istio_requests_total", both)).isEqualTo(3);
        assertThat(value(
                        outbound,
                        "istio_requests_total",
                        "reporter=\"source\"",
                        "source_workload=\"frontend-v1\"",
                        "connection_security_policy=\"unknown\""))
                .isEqualTo(3);
        assertThat(value(
                        inbound,
                        "istio_requests_total",
                        "reporter=\"destination\"",
                        "connection_security_policy=\"mutual_tls\""))
                .isEqualTo(3);
        assertThat(value(inbound, "istio_request_duration_milliseconds_count")).isEqualTo(3);
        assertThat(value(inbound, "istio_response_bytes_sum")).isPositive();
        assertThat(value(inbound, "lateen_proxy_added_microseconds_count")).isEqualTo(3);
        String cluster = "envoy_cluster_name=\"" + OUTBOUND + "\"";
        assertThat(value(outbound, "envoy_cluster_upstream_rq_total", cluster)).isEqualTo(3);
        assertThat(value(outbound, "envoy_cluster_upstream_cx_total", cluster)).isEqualTo(1);
        assertThat(value(outbound, "envoy_cluster_upstream_cx_active", cluster)).isEqualTo(1);
        assertThat(value(outbound, "envoy_cluster_upstream_rq_active", cluster)).isZero();
        assertThat(value(inbound, "envoy_listener_ssl_handshake", "envoy_listener_address=\"127.0.0.1_0\""))
                .isEqualTo(1);
        assertThat(value(inbound, "envoy_listener_downstream_cx_active")).isEqualTo(1);
        assertThat(value(inbound, "envoy_server_live")).isEqualTo(1);
        assertThat(text(inbound)).contains("envoy_server_uptime ");
    }

    @Test
    void aRefusedRequestCountsForTheServiceThatWasAsked() throws Exception {
        Proxy inbound = inbound(Configs.http(
                Configs.everythingTo("inbound|80||"),
                new HttpFilter.Rbac(Configs.denyOthers("ns[shop]-policy[only]-rule[0]", "somebody"))));
        Proxy outbound = outbound(Rig.address(inbound, "in").getPort(), Configs.http(Configs.everythingTo(OUTBOUND)));
        assertThat(rig.with(new Wire(Rig.address(outbound, "out"))).get("/")).startsWith("HTTP/1.1 403");
        for (Proxy each : List.of(inbound, outbound)) {
            assertThat(value(
                            each,
                            "istio_requests_total",
                            "response_code=\"403\"",
                            "destination_service_name=\"catalog\"",
                            "source_principal=\"" + FRONTEND + "\""))
                    .isEqualTo(1);
        }
        assertThat(value(inbound, "envoy_cluster_upstream_rq_total")).isZero();
        // Nothing was added to a request that went nowhere.
        assertThat(value(inbound, "lateen_proxy_added_microseconds_count")).isZero();
    }

    @Test
    void tcpBytesAndConnectionsAreCounted() throws Exception {
        Proxy inbound = inbound(Configs.tcp("inbound|80||"));
        Proxy outbound = outbound(Rig.address(inbound, "in").getPort(), Configs.tcp(OUTBOUND));
        int answer;
        try (Wire wire = new Wire(Rig.address(outbound, "out"))) {
            answer = wire.get("/").length();
            for (Proxy each : List.of(inbound, outbound)) {
                assertThat(value(each, "istio_tcp_connections_opened_total")).isEqualTo(1);
                assertThat(value(each, "istio_tcp_connections_closed_total")).isZero();
            }
        }
        String[] who = {"destination_workload=\"catalog-v1\"", "source_principal=\"" + FRONTEND + "\""};
        for (Proxy each : List.of(inbound, outbound)) {
            Awaitility.await().until(() -> value(each, "istio_tcp_connections_closed_total", who) == 1);
            assertThat(value(each, "istio_tcp_sent_bytes_total", who)).isEqualTo(answer);
            assertThat(value(each, "istio_tcp_received_bytes_total", who)).isPositive();
            Awaitility.await().until(() -> value(each, "envoy_listener_downstream_cx_active") == 0);
            Awaitility.await().until(() -> value(each, "envoy_cluster_upstream_cx_active") == 0);
        }
    }

    @Test
    void failuresCarryTheirFlagAndAClusterThatGoesTakesItsCountersAlong() throws Exception {
        int nobody;
        try (var socket = new java.net.ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }
        Proxy outbound = outbound(nobody, Configs.http(Configs.everythingTo(OUTBOUND)));
        assertThat(rig.with(new Wire(Rig.address(outbound, "out"))).get("/")).startsWith("HTTP/1.1 503");
        assertThat(value(
                        outbound,
                        "istio_requests_total",
                        "response_flags=\"UF\"",
                        "response_code=\"503\"",
                        "destination_service_name=\"catalog\""))
                .isEqualTo(1);
        assertThat(value(outbound, "envoy_cluster_upstream_cx_connect_fail")).isEqualTo(1);
        Rig.apply(outbound, Configs.of(List.of()));
        assertThat(text(outbound)).doesNotContain("envoy_cluster_name=");
    }
}
