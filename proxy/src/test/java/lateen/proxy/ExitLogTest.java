package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.AccessLogConfig;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.ProxyConfig;
import lateen.testing.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the access log says about requests and connections through two sidecars. */
class ExitLogTest {
    private static final String CATALOG = "spiffe://cluster.local/ns/shop/sa/catalog";
    private static final String FRONTEND = "spiffe://cluster.local/ns/shop/sa/frontend";
    private static final String POLICY = "ns[shop]-policy[only]-rule[0]";

    private final Rig rig = new Rig();
    private final TestAuthority authority = new TestAuthority("root");

    @TempDir
    Path dir;

    private LogFile in;
    private LogFile out;

    @BeforeEach
    void files() {
        in = new LogFile(dir.resolve("in.log"));
        out = new LogFile(dir.resolve("out.log"));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private Proxy inbound(NetworkFilter... filters) throws Exception {
        Backend app = rig.with(Backend.echoing());
        Proxy inbound = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "in", Configs.NO_INSPECTORS, Configs.chain("c", Configs.serverTls(), filters))),
                Configs.cluster("inbound|80||", null, app.port())));
        TcpTest.secrets(inbound, authority, "catalog");
        return inbound;
    }

    private NetworkFilter http(HttpFilter... filters) {
        return Configs.logged(Configs.http(Configs.everythingTo("inbound|80||"), filters), in.config());
    }

    private Proxy outbound(Proxy inbound, boolean http) throws Exception {
        int port = Rig.address(inbound, "in").getPort();
        NetworkFilter terminal = http
                ? Configs.logged(Configs.http(Configs.everythingTo("peer")), out.config())
                : Configs.logged(Configs.tcp("peer"), out.config());
        Proxy outbound = rig.proxy(Configs.of(
                List.of(Configs.listener("out", Configs.NO_INSPECTORS, Configs.chain("c", null, terminal))),
                Configs.cluster("peer", Configs.clientTls(CATALOG), port)));
        TcpTest.secrets(outbound, authority, "frontend");
        return outbound;
    }

    @Test
    void aRequestIsOneLineOnEachSideWithBothIdentities() throws Exception {
        Proxy inbound = inbound(http());
        Proxy outbound = outbound(inbound, true);
        Wire wire = rig.with(new Wire(Rig.address(outbound, "out")));
        long before = Instant.now().getEpochSecond();
        String answer = wire.send("POST /a?b HTTP/1.1\r\nHost: catalog\r\nContent-Length: 5\r\n\r\nhello")
                .response();
        assertThat(answer).startsWith("HTTP/1.1 200");
        LogFile.Line source = out.lines(1).getFirst();
        LogFile.Line destination = in.lines(1).getFirst();
        for (LogFile.Line each : List.of(source, destination)) {
            assertThat(each.of("method")).isEqualTo("POST");
            assertThat(each.of("path")).isEqualTo("/a?b");
            assertThat(each.of("protocol")).isEqualTo("HTTP/1.1");
            assertThat(each.of("authority")).isEqualTo("catalog");
            assertThat(each.of("id")).hasSize(36).isEqualTo(source.of("id"));
            assertThat(each.of("response_code")).isEqualTo("200");
            assertThat(each.of("response_flags")).isEqualTo("-");
            assertThat(each.of("response_code_details")).isEqualTo("via_upstream");
            assertThat(each.of("connection_termination_details")).isNull();
            assertThat(each.of("bytes_received")).isEqualTo("5");
            assertThat(each.of("bytes_sent")).isEqualTo(Wire.header(answer, "content-length"));
            assertThat(each.of("service_time")).matches("[0-9]+");
            assertThat(Integer.parseInt(each.of("duration"))).isBetween(0, 10_000);
            assertThat(Long.parseLong(each.of("start"))).isBetween(before, before + 10);
            assertThat(each.of("route_name")).isEqualTo("all");
            assertThat(each.of("connection_id")).isEqualTo("1");
        }
        int port = Rig.address(inbound, "in").getPort();
        assertThat(source.of("upstream_cluster")).isEqualTo("peer");
        assertThat(source.of("upstream_host")).isEqualTo("127.0.0.1:" + port);
        assertThat(source.of("upstream_peer_uri_san")).isEqualTo(CATALOG);
        assertThat(source.of("upstream_local_uri_san")).isEqualTo(FRONTEND);
        assertThat(source.of("upstream_tls_version")).isEqualTo("TLSv1.3");
        assertThat(source.of("downstream_peer_uri_san")).isNull();
        assertThat(source.of("downstream_tls_version")).isNull();
        assertThat(destination.of("downstream_peer_uri_san")).isEqualTo(FRONTEND);
        assertThat(destination.of("downstream_local_uri_san")).isEqualTo(CATALOG);
        assertThat(destination.of("downstream_tls_version")).isEqualTo("TLSv1.3");
        assertThat(destination.of("upstream_peer_uri_san")).isNull();
        assertThat(destination.of("upstream_cluster")).isEqualTo("inbound|80||");
        assertThat(destination.of("downstream_local_address")).isEqualTo("127.0.0.1:" + port);
        assertThat(destination.of("downstream_remote_address")).isEqualTo(source.of("upstream_local_address"));
    }

    @Test
    void aDenialNamesThePolicyThatMatchedAndWhoAsked() throws Exception {
        Proxy inbound = inbound(http(new HttpFilter.Rbac(Configs.denyOthers(POLICY, "somebody"))));
        Proxy outbound = outbound(inbound, true);
        assertThat(rig.with(new Wire(Rig.address(outbound, "out"))).get("/")).startsWith("HTTP/1.1 403");
        LogFile.Line line = in.lines(1).getFirst();
        assertThat(line.of("response_code")).isEqualTo("403");
        assertThat(line.of("response_flags")).isEqualTo("-");
        assertThat(line.of("response_code_details")).isEqualTo("rbac_access_denied_matched_policy[" + POLICY + "]");
        assertThat(line.of("downstream_peer_uri_san")).isEqualTo(FRONTEND);
        assertThat(line.of("upstream_host")).isNull();
        assertThat(out.lines(1).getFirst().of("response_code_details")).isEqualTo("via_upstream");
    }

    @Test
    void withoutAPolicyThatAllowsNoneHasMatched() throws Exception {
        Proxy inbound = inbound(http(new HttpFilter.Rbac(Configs.allowOnly(POLICY, "somebody"))));
        Proxy outbound = outbound(inbound, true);
        assertThat(rig.with(new Wire(Rig.address(outbound, "out"))).get("/")).startsWith("HTTP/1.1 403");
        assertThat(in.lines(1).getFirst().of("response_code_details"))
                .isEqualTo("rbac_access_denied_matched_policy[none]");
    }

    @Test
    void aTcpConnectionIsOneLineOnEachSide() throws Exception {
        Proxy inbound = inbound(Configs.logged(Configs.tcp("inbound|80||"), in.config()));
        Proxy outbound = outbound(inbound, false);
        String answer;
        try (Wire wire = new Wire(Rig.address(outbound, "out"))) {
            answer = wire.get("/");
            wire.socket.shutdownOutput();
            assertThat(wire.rest()).isEmpty();
        }
        LogFile.Line source = out.lines(1).getFirst();
        LogFile.Line destination = in.lines(1).getFirst();
        for (LogFile.Line each : List.of(source, destination)) {
            assertThat(each.of("method")).isNull();
            assertThat(each.of("protocol")).isNull();
            assertThat(each.of("response_code")).isEqualTo("0");
            assertThat(each.of("bytes_sent")).isEqualTo(Integer.toString(answer.length()));
            assertThat(each.of("connection_termination_details")).isNull();
        }
        assertThat(source.of("upstream_peer_uri_san")).isEqualTo(CATALOG);
        assertThat(destination.of("downstream_peer_uri_san")).isEqualTo(FRONTEND);
        assertThat(destination.of("downstream_remote_address")).isEqualTo(source.of("upstream_local_address"));
    }

    @Test
    void aTcpDenialNamesThePolicyAsTheReasonOfTheEnd() throws Exception {
        Proxy inbound = inbound(
                new NetworkFilter.Rbac("tcp", Configs.denyOthers(POLICY, "somebody")),
                Configs.logged(Configs.tcp("inbound|80||"), in.config()));
        Proxy outbound = outbound(inbound, false);
        try (Wire wire = new Wire(Rig.address(outbound, "out"))) {
            wire.send("hello");
            assertThat(wire.rest()).isEmpty();
        }
        LogFile.Line line = in.lines(1).getFirst();
        assertThat(line.of("connection_termination_details"))
                .isEqualTo("rbac_access_denied_matched_policy[" + POLICY + "]");
        assertThat(line.of("downstream_peer_uri_san")).isEqualTo(FRONTEND);
        assertThat(line.of("upstream_host")).isNull();
        out.lines(1);
    }

    @Test
    void aHandshakeThatFailsIsALineToo() throws Exception {
        Proxy inbound = inbound(http());
        try (Wire plain = new Wire(Rig.address(inbound, "in"))) {
            plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            plain.rest();
        }
        LogFile.Line line = in.lines(1).getFirst();
        assertThat(line.of("connection_termination_details")).isEqualTo("tls_handshake_failed");
        assertThat(line.of("downstream_transport_failure_reason")).startsWith("TLS error: ");
    }

    @Test
    void aHostThatIsNotThereIsNamedWithItsFlag() throws Exception {
        int nobody;
        try (var socket = new java.net.ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }
        Proxy proxy = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "out",
                        Configs.NO_INSPECTORS,
                        Configs.chain(
                                "c", null, Configs.logged(Configs.http(Configs.everythingTo("gone")), out.config())))),
                Configs.cluster("gone", null, nobody)));
        assertThat(rig.with(new Wire(Rig.address(proxy, "out"))).get("/")).startsWith("HTTP/1.1 503");
        LogFile.Line line = out.lines(1).getFirst();
        assertThat(line.of("response_flags")).isEqualTo("UF");
        assertThat(line.of("response_code")).isEqualTo("503");
        assertThat(line.of("upstream_host")).isEqualTo("127.0.0.1:" + nobody);
        assertThat(line.of("upstream_cluster")).isEqualTo("gone");
    }

    @Test
    void aBadFormatIsRefusedWithTheListenerAndTheOperator() throws Exception {
        Proxy proxy = rig.proxy(ProxyConfig.EMPTY);
        Proxy.Acceptance acceptance = proxy.accept(Configs.of(List.of(Configs.listener(
                        "bad",
                        Configs.NO_INSPECTORS,
                        Configs.chain(
                                "c",
                                null,
                                Configs.logged(Configs.tcp("x"), new AccessLogConfig("/dev/null", "%NOPE%", null)))))))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        assertThat(acceptance)
                .isInstanceOfSatisfying(
                        Proxy.Acceptance.Rejected.class,
                        rejected -> assertThat(rejected.reason())
                                .contains("listener 'bad'")
                                .contains("'%NOPE%' at character 1 is not a known access-log operator"));
    }

    @Test
    void whatWasLoggedBeforeTheEndIsWritten() throws Exception {
        Path file = dir.resolve("last.log");
        Proxy proxy = Proxy.start(ProxySettings.defaults());
        Rig.apply(
                proxy,
                Configs.of(List.of(Configs.listener(
                        "out",
                        Configs.NO_INSPECTORS,
                        Configs.chain(
                                "c",
                                null,
                                Configs.logged(
                                        Configs.http(Configs.everythingTo("nobody")),
                                        new AccessLogConfig(file.toString(), "%RESPONSE_FLAGS%\n", null)))))));
        try (Wire wire = new Wire(Rig.address(proxy, "out"))) {
            assertThat(wire.get("/")).startsWith("HTTP/1.1 503");
        }
        proxy.close();
        proxy.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(file).content(StandardCharsets.UTF_8).isEqualTo("NC\n");
    }
}
