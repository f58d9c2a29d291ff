package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.ProxyConfig;
import lateen.decision.config.RouteConfig;
import lateen.testing.TestAuthority;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two proxies with mutual TLS between them, as the sidecars of two workloads. */
class MeshTest {
    private static final String CATALOG = "spiffe://cluster.local/ns/shop/sa/catalog";

    private final Rig rig = new Rig();
    private final TestAuthority authority = new TestAuthority("root");

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static ProxyConfig inboundConfig(int app, String allowed) {
        return Configs.of(
                List.of(Configs.listener(
                        "in",
                        Configs.NO_INSPECTORS,
                        Configs.chain(
                                "c",
                                Configs.serverTls(),
                                Configs.http(
                                        Configs.everythingTo("app"),
                                        new HttpFilter.Rbac(
                                                Configs.allowOnly("ns[shop]-policy[only]-rule[0]", allowed)))))),
                Configs.cluster("app", null, app));
    }

    private Proxy inbound(int app) throws Exception {
        Proxy inbound = rig.proxy(inboundConfig(app, "frontend"));
        TcpTest.secrets(inbound, authority, "catalog");
        return inbound;
    }

    private ProxyConfig outboundConfig(int port, RouteConfig routes) {
        return Configs.of(
                List.of(Configs.listener("out", Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.http(routes)))),
                Configs.cluster("peer", Configs.clientTls(CATALOG), port));
    }

    private Proxy outbound(int port, String account) throws Exception {
        Proxy outbound = rig.proxy(outboundConfig(port, Configs.everythingTo("peer")));
        TcpTest.secrets(outbound, authority, account);
        return outbound;
    }

    @Test
    void whoIsAllowedPassesAndTheApplicationIsToldWhoAsked() throws Exception {
        Backend app = rig.with(Backend.echoing());
        Proxy inbound = inbound(app.port());
        int port = Rig.address(inbound, "in").getPort();
        Wire allowed = rig.with(new Wire(Rig.address(outbound(port, "frontend"), "out")));
        assertThat(allowed.get("/"))
                .startsWith("HTTP/1.1 200")
                .containsPattern("x-forwarded-client-cert: By=" + CATALOG
                        + ";Hash=[0-9a-f]{64};Subject=\"\";URI=spiffe://cluster.local/ns/shop/sa/frontend");
        Wire denied = rig.with(new Wire(Rig.address(outbound(port, "intruder"), "out")));
        assertThat(denied.get("/")).startsWith("HTTP/1.1 403").endsWith("RBAC: access denied");
    }

    @Test
    void plaintextAndForeignAuthoritiesAreRefused() throws Exception {
        Backend app = rig.with(Backend.echoing());
        Proxy inbound = inbound(app.port());
        try (Wire plain = new Wire(Rig.address(inbound, "in"))) {
            plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(plain.rest()).doesNotContain("HTTP/1.1");
        }
        Proxy foreign = rig.proxy(outboundConfig(Rig.address(inbound, "in").getPort(), Configs.everythingTo("peer")));
        TcpTest.secrets(foreign, new TestAuthority("another"), "frontend");
        assertThat(rig.with(new Wire(Rig.address(foreign, "out"))).get("/"))
                .startsWith("HTTP/1.1 503")
                .contains("transport failure reason: TLS error");
        assertThat(app.connections).hasValue(0);
    }

    @Test
    void configurationAndSecretsChangeUnderTrafficWithoutAFailure() throws Exception {
        Backend app = rig.with(Backend.echoing());
        Proxy inbound = inbound(app.port());
        int port = Rig.address(inbound, "in").getPort();
        Proxy outbound = outbound(port, "frontend");
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger served = new AtomicInteger();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Wire wire = rig.with(new Wire(Rig.address(outbound, "out")));
            clients.add(CompletableFuture.runAsync(
                    () -> {
                        while (!stop.get()) {
                            try {
                                assertThat(wire.get("/")).startsWith("HTTP/1.1 200");
                                served.incrementAndGet();
                            } catch (java.io.IOException e) {
                                throw new AssertionError("a connection was dropped", e);
                            }
                        }
                    },
                    command -> Thread.ofVirtual().start(command)));
        }
        for (int round = 0; round < 20; round++) {
            int before = served.get();
            Rig.apply(outbound, outboundConfig(port, Configs.everythingTo("peer")));
            Rig.apply(inbound, inboundConfig(app.port(), "frontend"));
            TcpTest.secrets(inbound, authority, "catalog");
            TcpTest.secrets(outbound, authority, "frontend");
            Awaitility.await()
                    .until(() -> served.get() > before + 20
                            || clients.stream().anyMatch(CompletableFuture::isCompletedExceptionally));
        }
        stop.set(true);
        for (CompletableFuture<Void> each : clients) {
            each.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aNewPolicyCountsForTheNextRequestOfAnOpenConnection() throws Exception {
        Backend app = rig.with(Backend.echoing());
        Proxy inbound = inbound(app.port());
        Proxy outbound = outbound(Rig.address(inbound, "in").getPort(), "frontend");
        Wire wire = rig.with(new Wire(Rig.address(outbound, "out")));
        assertThat(wire.get("/")).startsWith("HTTP/1.1 200");
        Rig.apply(inbound, inboundConfig(app.port(), "somebody-else"));
        assertThat(wire.get("/")).startsWith("HTTP/1.1 403");
    }

    @Test
    void drainingLetsARequestFinishAndThenCloses() throws Exception {
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        CompletableFuture<Void> answer = new CompletableFuture<>();
        Backend app = rig.with(new Backend((socket, in, out) -> {
            Wire.head(in);
            arrived.complete(null);
            answer.get();
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes());
            Wire.head(in);
        }));
        Proxy proxy = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "http",
                        Configs.NO_INSPECTORS,
                        Configs.chain("c", null, Configs.http(Configs.everythingTo("app"))))),
                Configs.cluster("app", null, app.port())));
        var address = Rig.address(proxy, "http");
        Wire busy = rig.with(new Wire(address));
        busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        arrived.get(10, TimeUnit.SECONDS);
        var drained = proxy.drain(Duration.ofSeconds(20)).toCompletableFuture();
        Awaitility.await()
                .untilAsserted(() -> org.assertj.core.api.Assertions.assertThatThrownBy(() -> new Wire(address).close())
                        .isInstanceOf(java.net.ConnectException.class));
        assertThat(drained).isNotDone();
        answer.complete(null);
        assertThat(busy.response()).startsWith("HTTP/1.1 200").containsIgnoringCase("connection: close");
        assertThat(busy.in.read()).isEqualTo(-1);
        drained.get(10, TimeUnit.SECONDS);
    }
}
