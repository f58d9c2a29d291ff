package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.BoolValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.QueryParameter;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.StatusCode;
import io.grpc.stub.StreamObserver;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.ClusterConfig.CircuitBreakers;
import lateen.decision.config.ClusterConfig.Discovery;
import lateen.decision.config.ExtAuthzConfig;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.ProxyConfig;
import lateen.decision.config.StringMatcher;
import lateen.identity.Pem;
import lateen.testing.TestAuthority;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** External authorization against a real gRPC server. */
@Timeout(60)
class ExtAuthzTest {
    static final Duration LONG = Duration.ofSeconds(20);
    static final Duration SHORT = Duration.ofMillis(150);

    final Rig rig = new Rig();
    LogFile log;

    @TempDir
    Path dir;

    @BeforeEach
    void log() {
        log = new LogFile(dir.resolve("access.log"));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private ProxyConfig config(ExtAuthzConfig external, int app, int server) {
        return Configs.of(
                List.of(Configs.listener(
                        "in",
                        Configs.NO_INSPECTORS,
                        Configs.chain(
                                "c",
                                null,
                                Configs.logged(
                                        Configs.http(Configs.everythingTo("app"), Configs.checked(external)),
                                        log.config())))),
                Configs.cluster("app", null, app),
                Configs.cluster("opa", null, server));
    }

    private Proxy proxy(ExtAuthzConfig external, int server) throws Exception {
        Backend app = rig.with(Backend.echoing());
        // One loop: what blocks it would be seen at once.
        return rig.proxy(ProxySettings.defaults().withWorkers(1), config(external, app.port(), server));
    }

    private Wire wire(Proxy proxy) throws Exception {
        return rig.with(new Wire(Rig.address(proxy, "in")));
    }

    private LogFile.Line last(int count) {
        return log.lines(count).get(count - 1);
    }

    static HeaderValueOption header(String name, String value, boolean append) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                .setAppend(BoolValue.of(append))
                .build();
    }

    static CheckResponse denied(int status, String body, HeaderValueOption... headers) {
        return CheckResponse.newBuilder()
                .setStatus(com.google.rpc.Status.newBuilder().setCode(7))
                .setDeniedResponse(DeniedHttpResponse.newBuilder()
                        .setStatus(HttpStatus.newBuilder().setCode(StatusCode.forNumber(status)))
                        .setBody(body)
                        .addAllHeaders(List.of(headers)))
                .build();
    }

    static long counter(Proxy proxy, String name) {
        StringBuilder all = new StringBuilder();
        proxy.stats().renderPlain(all);
        return all.toString()
                .lines()
                .filter(line -> line.startsWith("http.http.ext_authz." + name + ":"))
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void onlyRequestsThatThePolicyMeansAreAskedAbout() throws Exception {
        AuthzServer server = rig.with(AuthzServer.allowing());
        Proxy proxy = proxy(Configs.asks("opa", LONG, false, 403), server.port());
        Wire wire = wire(proxy);
        assertThat(wire.get("/free")).startsWith("HTTP/1.1 200");
        assertThat(wire.get("/checked/a?b=c")).startsWith("HTTP/1.1 200");
        AttributeContext.HttpRequest asked =
                server.next().getAttributes().getRequest().getHttp();
        assertThat(asked.getPath()).isEqualTo("/checked/a?b=c");
        assertThat(server.asked).isEmpty();
        assertThat(counter(proxy, "ok")).isEqualTo(1);
        assertThat(last(2).of("response_flags")).isEqualTo("-");
    }

    @Test
    void aConnectionLimitOfTheServersClusterLeavesEachLoopOne() throws Exception {
        AuthzServer server = rig.with(AuthzServer.allowing());
        Backend app = rig.with(Backend.echoing());
        ExtAuthzConfig external = Configs.asks("opa", LONG, false, 403);
        Proxy proxy = rig.proxy(
                ProxySettings.defaults().withWorkers(2),
                Configs.of(
                        List.of(Configs.listener(
                                "in",
                                Configs.NO_INSPECTORS,
                                Configs.chain(
                                        "c",
                                        null,
                                        Configs.http(Configs.everythingTo("app"), Configs.checked(external))))),
                        Configs.cluster("app", null, app.port()),
                        Configs.cluster(
                                "opa", Discovery.STATIC, null, new CircuitBreakers(1, 10, 10, 1), server.port())));
        // Dealt out in turn.
        for (int i = 0; i < 4; i++) {
            assertThat(wire(proxy).get("/checked")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void theServerChangesRequestAndAnswer() throws Exception {
        AuthzServer server = rig.with(new AuthzServer(AuthzServer.answering(CheckResponse.newBuilder()
                .setOkResponse(OkHttpResponse.newBuilder()
                        .addHeaders(header("x-user", "ann", false))
                        .addHeaders(header("x-role", "b", true))
                        .addHeadersToRemove("authorization")
                        .addResponseHeadersToAdd(header("x-checked", "%yes%", false))
                        .addQueryParametersToSet(
                                QueryParameter.newBuilder().setKey("q").setValue("1&2"))
                        .addQueryParametersToRemove("secret"))
                .build())));
        Proxy proxy = proxy(Configs.asks("opa", LONG, false, 403), server.port());
        String answer = wire(proxy)
                .send("GET /checked?secret=1&a=b HTTP/1.1\r\nHost: catalog\r\nX-User: eve\r\nx-role: a\r\n"
                        + "Authorization: Basic x\r\n\r\n")
                .response();
        assertThat(answer).startsWith("HTTP/1.1 200").contains("x-checked: %yes%\r\n");
        String seen = answer.substring(answer.indexOf("\r\n\r\n") + 4).toLowerCase(Locale.ROOT);
        assertThat(seen)
                .startsWith("get /checked?a=b&q=1%262 http/1.1\r\n")
                .contains("x-user: ann\r\n", "x-role: a,b\r\n")
                .doesNotContain("eve", "authorization");
    }

    @Test
    void aDenialReachesTheClientAndItsConnectionLivesOn() throws Exception {
        AuthzServer server = rig.with(new AuthzServer(AuthzServer.answering(denied(
                401,
                "log in",
                header("www-authenticate", "Basic", false),
                header("content-type", "text/x", false),
                header("content-length", "999", false)))));
        Proxy proxy = proxy(Configs.asks("opa", LONG, false, 403), server.port());
        Wire wire = wire(proxy);
        for (int i = 1; i <= 3; i++) {
            assertThat(wire.get("/checked"))
                    .startsWith("HTTP/1.1 401")
                    .contains("www-authenticate: Basic\r\n", "content-type: text/x\r\n", "content-length: 6\r\n")
                    .endsWith("\r\n\r\nlog in");
            LogFile.Line line = last(2 * i - 1);
            assertThat(line.of("response_code")).isEqualTo("401");
            assertThat(line.of("response_flags")).isEqualTo("UAEX");
            assertThat(line.of("response_code_details")).isEqualTo("ext_authz_denied");
            assertThat(wire.get("/free")).startsWith("HTTP/1.1 200");
        }
        assertThat(counter(proxy, "denied")).isEqualTo(3);
        assertThat(counter(proxy, "error")).isZero();
    }

    @Test
    void aDenialOfAPostClosesTheConnectionAndTheApplicationSeesNothing() throws Exception {
        AuthzServer server = rig.with(new AuthzServer(AuthzServer.answering(denied(403, ""))));
        Backend app = rig.with(Backend.echoing());
        Proxy proxy = rig.proxy(config(Configs.asks("opa", LONG, false, 403), app.port(), server.port()));
        Wire wire = wire(proxy);
        wire.send("POST /checked HTTP/1.1\r\nHost: catalog\r\nContent-Length: 100000\r\n\r\npart");
        assertThat(wire.response()).startsWith("HTTP/1.1 403").contains("connection: close");
        assertThat(app.connections).hasValue(0);
    }

    @Test
    void withoutAServerTheAnswerIsTheConfiguredOneAndSaysWhoFailed() throws Exception {
        int nobody = freePort();
        Proxy proxy = proxy(Configs.asks("opa", LONG, false, 503), nobody);
        Wire wire = wire(proxy);
        assertThat(wire.get("/checked")).startsWith("HTTP/1.1 503").endsWith("\r\n\r\n");
        LogFile.Line line = last(1);
        assertThat(line.of("response_flags")).isEqualTo("UAEX");
        assertThat(line.of("response_code_details")).isEqualTo("ext_authz_error");
        assertThat(line.of("upstream_cluster")).isNull();
        assertThat(wire.get("/free")).startsWith("HTTP/1.1 200");
        assertThat(counter(proxy, "error")).isEqualTo(1);
        assertThat(counter(proxy, "timeout")).isZero();
    }

    @Test
    void aClusterThatIsNotThereRefusesToo() throws Exception {
        Proxy proxy = proxy(Configs.asks("other", LONG, false, 403), freePort());
        assertThat(wire(proxy).get("/checked")).startsWith("HTTP/1.1 403");
        assertThat(last(1).of("response_code_details")).isEqualTo("ext_authz_error");
    }

    @Test
    void failureModeAllowLetsPassAndTellsTheApplicationOnlyWhenAskedTo() throws Exception {
        ExtAuthzConfig tells = Configs.asks("opa", LONG, true, 403);
        ExtAuthzConfig silent =
                new ExtAuthzConfig("opa", "", LONG, true, false, 403, false, false, null, List.of(), tells.condition());
        int nobody = freePort();
        Proxy telling = proxy(tells, nobody);
        assertThat(wire(telling).get("/checked"))
                .startsWith("HTTP/1.1 200")
                .contains("x-envoy-auth-failure-mode-allowed: true");
        assertThat(counter(telling, "failure_mode_allowed")).isEqualTo(1);
        assertThat(counter(telling, "error")).isEqualTo(1);
        assertThat(last(1).of("response_flags")).isEqualTo("-");
        assertThat(wire(proxy(silent, nobody)).get("/checked"))
                .startsWith("HTTP/1.1 200")
                .doesNotContain("failure-mode");
    }

    @Test
    void aSlowServerIsToldThatNobodyWaitsAndTheLoopServesOthersMeanwhile() throws Exception {
        AuthzServer server = rig.with(new AuthzServer((request, answer) -> {}));
        Proxy proxy = proxy(Configs.asks("opa", Duration.ofSeconds(2), false, 403), server.port());
        Wire slow = wire(proxy);
        slow.send("GET /checked HTTP/1.1\r\nHost: catalog\r\n\r\n");
        server.next();
        assertThat(wire(proxy).get("/free")).startsWith("HTTP/1.1 200");
        assertThat(last(1).of("path")).isEqualTo("/free");
        assertThat(slow.response()).startsWith("HTTP/1.1 403");
        LogFile.Line line = last(2);
        assertThat(line.of("response_flags")).isEqualTo("UAEX");
        assertThat(line.of("response_code_details")).isEqualTo("ext_authz_error{timeout}");
        assertThat(Integer.parseInt(line.of("duration"))).isBetween(1990, 10_000);
        assertThat(counter(proxy, "timeout")).isEqualTo(1);
        assertThat(counter(proxy, "error")).isEqualTo(1);
        Awaitility.await().untilAtomic(server.cancelled, org.hamcrest.Matchers.is(1));
        assertThat(slow.get("/free")).startsWith("HTTP/1.1 200");
    }

    @Test
    void aClientThatGoesAwayTakesItsQuestionBack() throws Exception {
        AuthzServer server = rig.with(new AuthzServer((request, answer) -> {}));
        Proxy proxy = proxy(Configs.asks("opa", LONG, false, 403), server.port());
        Wire wire = wire(proxy);
        wire.send("GET /checked HTTP/1.1\r\nHost: catalog\r\n\r\n");
        server.next();
        wire.close();
        Awaitility.await().untilAtomic(server.cancelled, org.hamcrest.Matchers.is(1));
        assertThat(last(1).of("response_flags")).isEqualTo("DC");
        assertThat(counter(proxy, "error")).isZero();
    }

    @Test
    void aStreamingBodyWaitsForTheDecision() throws Exception {
        BlockingQueue<StreamObserver<CheckResponse>> open = new LinkedBlockingQueue<>();
        AuthzServer server = rig.with(new AuthzServer((request, answer) -> open.add(answer)));
        Backend app = rig.with(new Backend((socket, in, out) -> {
            String head = Wire.head(in);
            long sum = 0;
            for (byte each : Wire.body(head, in)) {
                sum += each;
            }
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nx-sum: " + sum + "\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
        }));
        Proxy proxy = rig.proxy(
                ProxySettings.defaults().withWorkers(1),
                config(Configs.asks("opa", LONG, false, 403), app.port(), server.port()));
        Wire wire = wire(proxy);
        int size = 32 << 20;
        wire.send("POST /checked HTTP/1.1\r\nHost: catalog\r\nContent-Length: " + size + "\r\n\r\n");
        Thread sender = Thread.ofVirtual().start(() -> {
            try {
                OutputStream out = wire.socket.getOutputStream();
                byte[] piece = new byte[1 << 16];
                java.util.Arrays.fill(piece, (byte) 1);
                for (int sent = 0; sent < size; sent += piece.length) {
                    out.write(piece);
                }
            } catch (java.io.IOException e) {
                throw new AssertionError(e);
            }
        });
        server.next();
        // A body larger than all buffers: the sender is stuck until somebody reads.
        Awaitility.await()
                .during(Duration.ofMillis(300))
                .atMost(Duration.ofSeconds(5))
                .until(() -> sender.isAlive() && app.connections.get() == 0);
        StreamObserver<CheckResponse> answer = open.poll(10, TimeUnit.SECONDS);
        answer.onNext(CheckResponse.getDefaultInstance());
        answer.onCompleted();
        assertThat(wire.response()).startsWith("HTTP/1.1 200").contains("x-sum: " + size);
        sender.join();
    }

    @Test
    void pipelinedRequestsWaitTheirTurn() throws Exception {
        AuthzServer server = rig.with(AuthzServer.allowing());
        Proxy proxy = proxy(Configs.asks("opa", LONG, false, 403), server.port());
        Wire wire = wire(proxy);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            all.append("GET ")
                    .append(i % 3 == 0 ? "/free" : "/checked")
                    .append(i)
                    .append(" HTTP/1.1\r\nHost: c\r\n\r\n");
        }
        wire.send(all.toString());
        for (int i = 0; i < 20; i++) {
            assertThat(wire.response())
                    .startsWith("HTTP/1.1 200")
                    .contains((i % 3 == 0 ? "/free" : "/checked") + i + " ");
        }
        assertThat(server.asked).hasSize(13);
    }

    @Test
    void manyQuestionsShareOneConnection() throws Exception {
        List<StreamObserver<CheckResponse>> open = new ArrayList<>();
        AuthzServer server = rig.with(new AuthzServer((request, answer) -> {
            synchronized (open) {
                open.add(answer);
                if (open.size() == 50) {
                    open.forEach(each -> {
                        each.onNext(CheckResponse.getDefaultInstance());
                        each.onCompleted();
                    });
                }
            }
        }));
        Proxy proxy = proxy(Configs.asks("opa", LONG, false, 403), server.port());
        List<Wire> wires = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            wires.add(wire(proxy).send("GET /checked HTTP/1.1\r\nHost: catalog\r\n\r\n"));
        }
        for (Wire each : wires) {
            assertThat(each.response()).startsWith("HTTP/1.1 200");
        }
        assertThat(server.connections).hasValue(1);
    }

    @Test
    void aServerThatIsRestartedIsAskedAgain() throws Exception {
        AuthzServer first = rig.with(AuthzServer.allowing());
        int port = first.port();
        Proxy proxy = proxy(Configs.asks("opa", LONG, false, 403), port);
        Wire wire = wire(proxy);
        assertThat(wire.get("/checked")).startsWith("HTTP/1.1 200");
        first.close();
        Awaitility.await().until(() -> wire.get("/checked").startsWith("HTTP/1.1 403"));
        AuthzServer second = rig.with(new AuthzServer(port, first.decision));
        assertThat(wire.get("/checked")).startsWith("HTTP/1.1 200");
        // In order: GOAWAY, the open call ends, the next one goes to a new connection.
        BlockingQueue<StreamObserver<CheckResponse>> open = new LinkedBlockingQueue<>();
        second.decision = (request, answer) -> open.add(answer);
        wire.send("GET /checked HTTP/1.1\r\nHost: catalog\r\n\r\n");
        StreamObserver<CheckResponse> last = open.poll(10, TimeUnit.SECONDS);
        second.shutdown();
        last.onNext(CheckResponse.getDefaultInstance());
        last.onCompleted();
        assertThat(wire.response()).startsWith("HTTP/1.1 200");
    }

    @Test
    void overMutualTlsTheServerLearnsWhoAsksAndSeesTheCertificate() throws Exception {
        TestAuthority authority = new TestAuthority("root");
        AuthzServer server = rig.with(AuthzServer.allowing());
        // The server's own sidecar: TLS ends there, HTTP/2 passes through.
        Proxy beside = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "in", Configs.NO_INSPECTORS, Configs.chain("c", Configs.serverTls(), Configs.tcp("server")))),
                Configs.cluster("server", null, server.port())));
        TcpTest.secrets(beside, authority, "opa");
        Backend app = rig.with(Backend.echoing());
        ExtAuthzConfig asks =
                new ExtAuthzConfig("opa", "opa.shop", LONG, false, false, 403, true, false, null, List.of(), null);
        Proxy inbound = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "in",
                        Configs.NO_INSPECTORS,
                        Configs.chain(
                                "c",
                                Configs.serverTls(),
                                Configs.http(
                                        Configs.everythingTo("app"),
                                        new lateen.decision.config.HttpFilter.ExtAuthz(asks))))),
                Configs.cluster("app", null, app.port()),
                Configs.cluster(
                        "opa",
                        Configs.clientTls("spiffe://cluster.local/ns/shop/sa/opa"),
                        Rig.address(beside, "in").getPort())));
        TcpTest.secrets(inbound, authority, "catalog");
        Proxy outbound = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "out",
                        Configs.NO_INSPECTORS,
                        Configs.chain("c", null, Configs.http(Configs.everythingTo("peer"))))),
                Configs.cluster(
                        "peer",
                        Configs.clientTls("spiffe://cluster.local/ns/shop/sa/catalog"),
                        Rig.address(inbound, "in").getPort())));
        TcpTest.secrets(outbound, authority, "frontend");
        assertThat(rig.with(new Wire(Rig.address(outbound, "out"))).get("/")).startsWith("HTTP/1.1 200");
        AttributeContext asked = server.next().getAttributes();
        assertThat(asked.getSource().getPrincipal()).isEqualTo("spiffe://cluster.local/ns/shop/sa/frontend");
        assertThat(asked.getDestination().getPrincipal()).isEqualTo("spiffe://cluster.local/ns/shop/sa/catalog");
        assertThat(asked.getRequest().getHttp().getScheme()).isEqualTo("https");
        String pem = java.net.URLDecoder.decode(asked.getSource().getCertificate(), StandardCharsets.US_ASCII);
        assertThat(Pem.certificates(pem).getFirst().getSubjectAlternativeNames().toString())
                .contains("sa/frontend");
    }

    @Test
    void onlyAllowedHeadersAreTold() throws Exception {
        AuthzServer server = rig.with(AuthzServer.allowing());
        ExtAuthzConfig asks = new ExtAuthzConfig(
                "opa",
                "",
                LONG,
                false,
                false,
                403,
                false,
                false,
                List.of(new StringMatcher.Prefix("x-", false)),
                List.of(new StringMatcher.Exact("x-secret", false)),
                Configs.asks("opa", LONG, false, 403).condition());
        Proxy proxy = proxy(asks, server.port());
        wire(proxy)
                .send("GET /checked HTTP/1.1\r\nHost: catalog\r\nX-User: ann\r\nx-user: bob\r\nX-Secret: 1\r\n"
                        + "Cookie: a\r\n\r\n")
                .response();
        assertThat(server.next().getAttributes().getRequest().getHttp().getHeadersMap())
                .containsEntry("x-user", "ann,bob")
                .containsKey("x-request-id")
                .doesNotContainKeys("x-secret", "cookie", ":path");
    }

    private Proxy tcp(AuthzServer server, boolean failureModeAllow) throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> {
            out.write("hello\n".getBytes(StandardCharsets.US_ASCII));
            in.transferTo(out);
        }));
        ExtAuthzConfig asks =
                new ExtAuthzConfig("opa", "", LONG, failureModeAllow, false, 403, false, false, null, List.of(), null);
        return rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "in",
                        Configs.NO_INSPECTORS,
                        Configs.chain(
                                "c",
                                null,
                                new NetworkFilter.ExtAuthz("tcp.", asks),
                                Configs.logged(Configs.tcp("app"), log.config())))),
                Configs.cluster("app", null, app.port()),
                Configs.cluster("opa", null, server == null ? freePort() : server.port())));
    }

    @Test
    void aConnectionIsAskedAboutBeforeAnythingFlows() throws Exception {
        BlockingQueue<StreamObserver<CheckResponse>> open = new LinkedBlockingQueue<>();
        AuthzServer server = rig.with(new AuthzServer((request, answer) -> open.add(answer)));
        Proxy proxy = tcp(server, false);
        Wire wire = wire(proxy);
        wire.send("ping");
        AttributeContext asked = server.next().getAttributes();
        assertThat(asked.getSource().getAddress().getSocketAddress().getPortValue())
                .isEqualTo(wire.socket.getLocalPort());
        assertThat(wire.in.available()).isZero();
        StreamObserver<CheckResponse> answer = open.poll(10, TimeUnit.SECONDS);
        answer.onNext(CheckResponse.getDefaultInstance());
        answer.onCompleted();
        wire.socket.shutdownOutput();
        String all = wire.rest();
        assertThat(all).as("%s", last(1).text()).isEqualTo("hello\nping");
    }

    @Test
    void aConnectionThatIsRefusedOrUndecidedIsClosedWithOneLine() throws Exception {
        AuthzServer server = rig.with(new AuthzServer(AuthzServer.answering(denied(403, ""))));
        assertThat(wire(tcp(server, false)).rest()).isEmpty();
        assertThat(last(1).of("response_flags")).isEqualTo("UAEX");
        assertThat(last(1).of("connection_termination_details")).isEqualTo("ext_authz_denied");
        assertThat(wire(tcp(null, false)).rest()).isEmpty();
        assertThat(last(2).of("connection_termination_details")).isEqualTo("ext_authz_error");
        Wire passed = wire(tcp(null, true));
        passed.socket.shutdownOutput();
        assertThat(passed.rest()).isEqualTo("hello\n");
    }

    static int freePort() throws Exception {
        try (java.net.ServerSocket socket =
                new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
