package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterConfig.CircuitBreakers;
import lateen.decision.config.ClusterConfig.Discovery;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.ProxyConfig;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.RouteAction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpTest {
    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static ProxyConfig config(NetworkFilter http, ClusterConfig... clusters) {
        return Configs.of(
                List.of(Configs.listener("http", Configs.NO_INSPECTORS, Configs.chain("c", null, http))), clusters);
    }

    private Wire open(Proxy proxy) throws IOException {
        return rig.with(new Wire(Rig.address(proxy, "http")));
    }

    private Wire through(Backend app) throws Exception {
        return open(rig.proxy(
                ProxySettings.defaults().withWorkers(1),
                config(Configs.http(Configs.everythingTo("app")), Configs.cluster("app", null, app.port()))));
    }

    private Backend echo() throws IOException {
        return rig.with(Backend.echoing());
    }

    @Test
    void manyRequestsOfOneConnectionUseOneConnectionToTheApplication() throws Exception {
        Backend app = echo();
        Wire wire = through(app);
        for (int i = 0; i < 20; i++) {
            assertThat(wire.get("/books/" + i)).startsWith("HTTP/1.1 200 OK").contains("GET /books/" + i);
        }
        assertThat(app.connections).hasValue(1);
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        Wire wire = through(echo());
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            many.append("POST /").append(i).append(" HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
        }
        wire.send(many.toString());
        for (int i = 0; i < 50; i++) {
            assertThat(wire.response()).contains("POST /" + i + " ").endsWith("abc");
        }
    }

    @Test
    void theApplicationSeesForwardingHeadersAndNoneOfTheConnectionsOwn() throws Exception {
        Wire wire = through(echo());
        String seen = wire.send(
                        "GET /a/%2e%2e/b//c?q=%2e HTTP/1.1\r\nHost: catalog:80\r\nConnection: keep-alive, x-secret\r\n"
                                + "X-Secret: 1\r\nTE: trailers\r\nX-Forwarded-For: 1.2.3.4\r\n"
                                + "X-Forwarded-Client-Cert: forged\r\n\r\n")
                .response();
        assertThat(seen)
                .contains(
                        "GET /b/c?q=%2e HTTP/1.1",
                        "Host: catalog:80", "X-Forwarded-For: 1.2.3.4,127.0.0.1".toLowerCase())
                .contains("x-forwarded-proto: http")
                .containsPattern("x-request-id: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
                .contains("server: lateen", "x-envoy-upstream-service-time: ")
                .doesNotContainIgnoringCase("x-secret")
                .doesNotContainIgnoringCase("trailers")
                .doesNotContain("forged");
    }

    @Test
    void aChunkedBodyArrivesAndSoDoesItsAnswer() throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> {
            String head;
            while (!(head = Wire.head(in)).isEmpty()) {
                byte[] body = Wire.body(head, in);
                out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes());
                out.write((Integer.toHexString(body.length) + "\r\n").getBytes());
                out.write(body);
                out.write("\r\n0\r\n\r\n".getBytes());
            }
        }));
        Wire wire = through(app);
        for (int i = 0; i < 3; i++) {
            wire.send(
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
            assertThat(wire.response()).endsWith("hello world");
        }
    }

    @Test
    void aClientThatExpectsContinueIsToldToGoOn() throws Exception {
        Wire wire = through(echo());
        wire.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
        assertThat(Wire.head(wire.in)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        wire.send("hello");
        assertThat(wire.response()).startsWith("HTTP/1.1 200").endsWith("hello").doesNotContain("xpect");
    }

    @Test
    void headAndNotModifiedHaveNoBodyAndTheConnectionGoesOn() throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> {
            String head;
            while (!(head = Wire.head(in)).isEmpty()) {
                String status = head.startsWith("HEAD") ? "200 OK" : "304 Not Modified";
                out.write(("HTTP/1.1 " + status + "\r\nContent-Length: 10\r\n\r\n").getBytes());
            }
        }));
        Wire wire = through(app);
        for (String method : List.of("HEAD", "GET", "HEAD")) {
            wire.send(method + " / HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(Wire.head(wire.in)).contains(method.equals("HEAD") ? "200 OK" : "304", "Content-Length: 10");
        }
        assertThat(app.connections).hasValue(1);
    }

    @Test
    void anAllowedUpgradeBecomesATunnel() throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> {
            assertThat(Wire.head(in).toLowerCase()).contains("upgrade: websocket", "connection: upgrade");
            out.write(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n".getBytes());
            in.transferTo(out);
        }));
        Wire wire = through(app);
        wire.send("GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
        assertThat(Wire.head(wire.in)).startsWith("HTTP/1.1 101").containsIgnoringCase("upgrade: websocket");
        for (String frame : List.of("one", "another\u0000\u00ff")) {
            wire.send(frame);
            assertThat(new String(wire.in.readNBytes(frame.length()), java.nio.charset.StandardCharsets.ISO_8859_1))
                    .isEqualTo(frame);
        }
    }

    /** The request's own body is no part of the tunnel that it asks for. */
    @ParameterizedTest
    @ValueSource(
            strings = {"Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"})
    void aRequestForAnUpgradeMayHaveABody(String body) throws Exception {
        Wire wire = through(echo());
        for (int i = 0; i < 2; i++) {
            wire.send("POST /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + body);
            assertThat(wire.response()).startsWith("HTTP/1.1 200").endsWith("hello");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET / HTTP/1.1\\r\\nHost: a\\r\\nUpgrade: other\\r\\nConnection: upgrade\\r\\n\\r\\n | 403
            CONNECT a:80 HTTP/1.1\\r\\nHost: a:80\\r\\n\\r\\n                                   | 403
            GET / HTTP/1.1\\r\\n\\r\\n                                                          | 400
            GET / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n | 400
            GET /%00 HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n                                          | 400
            GET / HTTP/2.0\\r\\nHost: a\\r\\n\\r\\n                                             | 505
            """)
    void whatIsNotAcceptableIsAnsweredWithItsStatus(String request, int status) throws Exception {
        Backend app = echo();
        Wire wire = through(app);
        wire.send(request.replace("\\r\\n", "\r\n"));
        assertThat(wire.response()).startsWith("HTTP/1.1 " + status);
        assertThat(app.connections).hasValue(0);
    }

    @Test
    void aHeaderOverTheLimitIsAnsweredAndTheConnectionEnds() throws Exception {
        Wire wire = through(echo());
        wire.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(9000) + "\r\n\r\n");
        assertThat(wire.response()).startsWith("HTTP/1.1 431").containsIgnoringCase("connection: close");
        assertThat(wire.in.read()).isEqualTo(-1);
    }

    @Test
    void anApplicationThatClosesInTheMiddleOfItsAnswerIsSeenAsTruncated() throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> {
            Wire.head(in);
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this".getBytes());
        }));
        Wire wire = through(app);
        wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThatThrownBy(wire::response).isInstanceOf(IOException.class);
    }

    @Test
    void anApplicationThatIsNotThereIsReportedAsEnvoyDoes() throws Exception {
        Backend app = echo();
        app.close();
        assertThat(through(app).get("/"))
                .startsWith("HTTP/1.1 503 Service Unavailable")
                .endsWith(
                        "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure");
    }

    @Test
    void anIdleConnectionThatTheApplicationCloseesAsItIsUsedIsReplacedForAGetButNotForAPost() throws Exception {
        AtomicInteger served = new AtomicInteger();
        Backend app = rig.with(new Backend((socket, in, out) -> {
            // One answer a connection; the next request on it is read and left unanswered.
            Wire.head(in);
            served.incrementAndGet();
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes());
            Wire.head(in);
        }));
        Wire wire = through(app);
        assertThat(wire.get("/1")).endsWith("ok");
        assertThat(wire.get("/2")).endsWith("ok");
        wire.send("POST /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
        assertThat(wire.response()).startsWith("HTTP/1.1 503").endsWith("reset reason: connection termination");
        assertThat(served).hasValue(2);
    }

    @Test
    void aRefusedConnectionIsTriedAtAnotherHostWhenTheRouteSaysSo() throws Exception {
        Backend dead = echo();
        dead.close();
        Backend alive = echo();
        RouteConfig routes = Configs.everythingTo(
                "app", Duration.ofSeconds(15), Configs.retry(2, RouteConfig.RetryOn.CONNECT_FAILURE));
        Wire wire =
                open(rig.proxy(config(Configs.http(routes), Configs.cluster("app", null, dead.port(), alive.port()))));
        for (int i = 0; i < 10; i++) {
            assertThat(wire.get("/" + i)).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void anAnswerThatComesTooLateBecomesATimeout() throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> in.readAllBytes()));
        Wire wire = open(rig.proxy(config(
                Configs.http(Configs.everythingTo("app", Duration.ofMillis(200), null)),
                Configs.cluster("app", null, app.port()))));
        assertThat(wire.get("/")).startsWith("HTTP/1.1 504").endsWith("upstream request timeout");
    }

    @Test
    void aCircuitBreakerRefusesWhatIsTooMuch() throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> in.readAllBytes()));
        Proxy proxy = rig.proxy(config(
                Configs.http(Configs.everythingTo("app")),
                Configs.cluster("app", Discovery.STATIC, null, new CircuitBreakers(10, 10, 1, 1), app.port())));
        open(proxy).send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n");
        org.awaitility.Awaitility.await().until(() -> app.connections.get() == 1);
        assertThat(open(proxy).get("/")).startsWith("HTTP/1.1 503").endsWith("reset reason: overflow");
    }

    @Test
    void routesThatAnswerByThemselves() throws Exception {
        assertThat(open(rig.proxy(config(Configs.http(Configs.routes(new RouteAction.DirectResponse(418, "teapot"))))))
                        .get("/"))
                .startsWith("HTTP/1.1 418")
                .endsWith("teapot");
        assertThat(open(rig.proxy(config(Configs.http(
                                Configs.routes(new RouteAction.Redirect(301, "https", null, 0, null, null, false))))))
                        .get("/x?y"))
                .startsWith("HTTP/1.1 301")
                .contains("location: https://catalog/x?y");
        assertThat(open(rig.proxy(config(Configs.http(Configs.everythingTo("nowhere")))))
                        .get("/"))
                .startsWith("HTTP/1.1 503");
    }

    @Test
    void aRequestThatNoPolicyAllowsIsDenied() throws Exception {
        Backend app = echo();
        Wire wire = open(rig.proxy(config(
                Configs.http(
                        Configs.everythingTo("app"),
                        new HttpFilter.Rbac(Configs.allowOnly("ns[shop]-policy[only-client]-rule[0]", "client"))),
                Configs.cluster("app", null, app.port()))));
        assertThat(wire.get("/a")).startsWith("HTTP/1.1 403").endsWith("RBAC: access denied");
        assertThat(wire.get("/b")).startsWith("HTTP/1.1 403");
        assertThat(app.connections).hasValue(0);
    }

    @Test
    void aQuarterGigabyteUploadAndDownloadFlowInBoundedMemory() throws Exception {
        long size = 256L << 20;
        CompletableFuture<Long> uploaded = new CompletableFuture<>();
        Backend app = rig.with(new Backend((socket, in, out) -> {
            String head = Wire.head(in);
            if (head.startsWith("PUT")) {
                byte[] block = new byte[64 << 10];
                long total = 0;
                while (total < size) {
                    total += in.read(block);
                    if (total % (32 << 20) < block.length) {
                        java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
                    }
                }
                uploaded.complete(total);
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes());
                Wire.head(in);
            }
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n").getBytes());
            byte[] block = new byte[1 << 20];
            for (long sent = 0; sent < size; sent += block.length) {
                out.write(block);
            }
        }));
        Wire wire = through(app);
        wire.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n");
        byte[] block = new byte[1 << 20];
        for (long sent = 0; sent < size; sent += block.length) {
            wire.socket.getOutputStream().write(block);
        }
        assertThat(wire.response()).startsWith("HTTP/1.1 200");
        assertThat(uploaded.get(60, TimeUnit.SECONDS)).isEqualTo(size);
        wire.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assertThat(Wire.head(wire.in)).startsWith("HTTP/1.1 200");
        assertThat(TcpTest.drainSlowly(wire.in)).isEqualTo(size);
    }

    @Test
    void anHttp10ClientGetsAPlainBodyThatEndsWithTheConnection() throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> {
            Wire.head(in);
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n".getBytes());
        }));
        String answer = through(app).send("GET / HTTP/1.0\r\nHost: a\r\n\r\n").rest();
        assertThat(answer).startsWith("HTTP/1.1 200").endsWith("\r\n\r\nhi").doesNotContain("chunked");
    }
}
