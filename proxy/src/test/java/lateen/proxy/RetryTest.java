package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterConfig.CircuitBreakers;
import lateen.decision.config.ClusterConfig.ConnectionLimits;
import lateen.decision.config.ClusterConfig.Discovery;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.ClusterEndpoints.Endpoint;
import lateen.decision.config.ClusterEndpoints.Health;
import lateen.decision.config.ClusterEndpoints.Locality;
import lateen.decision.config.OutlierDetection;
import lateen.decision.config.OutlierDetection.Consecutive;
import lateen.decision.config.ProxyConfig;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.RetryOn;
import lateen.decision.config.RouteConfig.RetryPolicy;
import lateen.decision.config.RouteConfig.RouteAction;
import lateen.decision.config.WeightedCluster;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.testing.TestAuthority;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hosts that fail: what is tried again, what is left out, what is refused. */
class RetryTest {
    private final Rig rig = new Rig();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger successes = new AtomicInteger();

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

    private interface Answer {
        void to(String head, OutputStream out) throws Exception;
    }

    private Backend backend(AtomicInteger count, Answer answer) throws Exception {
        return rig.with(new Backend((socket, in, out) -> serve(in, out, count, answer)));
    }

    private static void serve(InputStream in, OutputStream out, AtomicInteger count, Answer answer) throws Exception {
        String head;
        while (!(head = Wire.head(in)).isEmpty()) {
            byte[] body = Wire.body(head, in);
            count.incrementAndGet();
            answer.to(head + new String(body, StandardCharsets.ISO_8859_1), out);
        }
    }

    private Backend answering(int status) throws Exception {
        return backend(failures, (head, out) -> respond(out, status, "bad"));
    }

    private Backend good() throws Exception {
        return backend(successes, (head, out) -> respond(out, 200, head));
    }

    private static void respond(OutputStream out, int status, String body) throws Exception {
        out.write(("HTTP/1.1 " + status + " X\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Ends the connection in the middle of the first requests. */
    private Backend dying() throws Exception {
        return rig.with(new Backend((socket, in, out) -> {
            String head = Wire.head(in);
            if (!head.isEmpty()) {
                Wire.body(head, in);
                failures.incrementAndGet();
            }
        }));
    }

    static OutlierDetection outliers(int errors) {
        return new OutlierDetection(
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ZERO,
                100,
                false,
                false,
                new Consecutive(errors, 100),
                new Consecutive(5, 0),
                new Consecutive(5, 100),
                new OutlierDetection.SuccessRate(5, 100, 1900, 0, 0),
                new OutlierDetection.FailurePercentage(85, 5, 50, 0, 0));
    }

    private static ClusterConfig with(
            ClusterConfig c, CircuitBreakers breakers, ConnectionLimits limits, OutlierDetection outliers) {
        return Edited.with(c, "circuitBreakers", breakers, "connectionLimits", limits, "outlierDetection", outliers);
    }

    private ProxyConfig config(RetryPolicy retry, Duration timeout, ClusterConfig cluster) {
        return Configs.of(
                List.of(Configs.listener(
                        "http",
                        Configs.NO_INSPECTORS,
                        Configs.chain(
                                "c",
                                null,
                                Configs.logged(
                                        Configs.http(Configs.everythingTo("app", timeout, retry)), log.config())))),
                cluster);
    }

    private Proxy proxy(RetryPolicy retry, Backend... hosts) throws Exception {
        return proxy(retry, Duration.ofSeconds(15), cluster(hosts));
    }

    private static ClusterConfig cluster(Backend... hosts) {
        return Configs.cluster(
                "app", null, List.of(hosts).stream().mapToInt(Backend::port).toArray());
    }

    private Proxy proxy(RetryPolicy retry, Duration timeout, ClusterConfig cluster) throws Exception {
        return rig.proxy(ProxySettings.defaults().withWorkers(1), config(retry, timeout, cluster));
    }

    private Wire open(Proxy proxy) throws Exception {
        return rig.with(new Wire(Rig.address(proxy, "http")));
    }

    private static long stat(Proxy proxy, String name) {
        StringBuilder text = new StringBuilder();
        proxy.stats().renderPlain(text);
        return text.toString()
                .lines()
                .filter(line -> line.startsWith("cluster.app." + name + ": "))
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @ParameterizedTest
    @CsvSource({
        "SERVER_ERROR,           500, true",
        "GATEWAY_ERROR,          500, false",
        "GATEWAY_ERROR,          502, true",
        "RESET,                  503, false",
        "CONNECT_FAILURE,        503, false",
        "RETRIABLE_4XX,          409, true",
        "RETRIABLE_4XX,          404, false",
        "RETRIABLE_STATUS_CODES, 418, true",
        "RETRIABLE_STATUS_CODES, 404, false",
        "UNAVAILABLE,            503, false",
    })
    void anAnswerIsTriedAgainAsThePolicySays(RetryOn on, int status, boolean again) throws Exception {
        RetryPolicy policy = new RetryPolicy(
                Set.of(on), 1, Duration.ZERO, Set.of(418), true, 5, Duration.ofMillis(1), Duration.ofMillis(1));
        Proxy proxy = proxy(policy, answering(status), good());
        Wire wire = open(proxy);
        // Two requests, at least one of which begins with the host that fails.
        String both = wire.get("/").substring(9, 12) + wire.get("/").substring(9, 12);
        assertThat(failures).hasPositiveValue();
        assertThat(both.contains(Integer.toString(status))).isNotEqualTo(again);
        assertThat(stat(proxy, "upstream_rq_retry")).isEqualTo(again ? failures.get() : 0);
        assertThat(stat(proxy, "upstream_rq_retry_success")).isEqualTo(again ? failures.get() : 0);
    }

    @Test
    void aGetWhoseHostIsKilledInTheMiddleOfItIsAnsweredByAnother() throws Exception {
        Proxy proxy = proxy(Configs.retry(2, RetryOn.RESET), dying(), good());
        Wire wire = open(proxy);
        for (int i = 0; i < 10; i++) {
            assertThat(wire.get("/" + i)).startsWith("HTTP/1.1 200");
        }
        assertThat(failures).hasPositiveValue();
        assertThat(successes).hasValue(10);
        log.lines(10).forEach(line -> assertThat(line.of("response_flags")).isEqualTo("-"));
    }

    /** A request that meets the host's own close of an idle connection is lost, and a POST is not sent again. */
    @Test
    void aConnectionIsNotUsedWhenItsHostIsAboutToCloseIt() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        Backend impatient = rig.with(new Backend((socket, in, out) -> {
            socket.setSoTimeout(1000);
            try {
                serve(in, out, successes, (head, to) -> respond(to, 200, head));
            } finally {
                closed.incrementAndGet();
            }
        }));
        Wire wire = open(proxy(null, impatient));
        for (int i = 1; i <= 3; i++) {
            assertThat(wire.get("/")).startsWith("HTTP/1.1 200");
            int expected = i;
            Awaitility.await().until(() -> closed.get() == expected);
        }
        assertThat(impatient.connections).hasValue(3);
        assertThat(wire.get("/")).startsWith("HTTP/1.1 200");
        assertThat(wire.get("/")).startsWith("HTTP/1.1 200");
        assertThat(impatient.connections).hasValue(4);
        long answered = System.nanoTime();
        Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> System.nanoTime() - answered > 650_000_000L);
        assertThat(wire.get("/")).startsWith("HTTP/1.1 200");
        assertThat(impatient.connections).hasValue(5);
    }

    /** Envoy: {@code auto_host_rewrite}. */
    @Test
    void aHostIsAskedByItsNameWhereItHasOne() throws Exception {
        Wire named = openAutoHost(endpoint(dying(), "first.test"), endpoint(good(), "second.test"));
        for (int i = 0; i < 4; i++) {
            assertThat(named.get("/")).containsIgnoringCase("host: second.test");
        }
        assertThat(failures).hasPositiveValue();
        Wire nameless = openAutoHost(endpoint(good(), ""));
        assertThat(nameless.get("/")).containsIgnoringCase("host: catalog");
    }

    private Wire openAutoHost(Endpoint... hosts) throws Exception {
        RouteConfig routes = Configs.routes(new RouteAction.Forward(
                List.of(new WeightedCluster("app", 1)),
                Duration.ofSeconds(15),
                Duration.ZERO,
                Configs.retry(2, RetryOn.RESET),
                null,
                null,
                true,
                false));
        Locality all = new Locality("", "", "", 0, 1, List.of(hosts));
        return open(rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "http", Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.http(routes)))),
                Edited.with(cluster(), "staticEndpoints", new ClusterEndpoints("app", List.of(all))))));
    }

    private static Endpoint endpoint(Backend at, String hostname) {
        return new Endpoint(
                new SocketAddr(IpAddress.parse("127.0.0.1"), at.port()), hostname, Health.HEALTHY, 1, "", "");
    }

    @Test
    void aPostThatMayHaveArrivedIsNotSentTwiceUnlessThePolicySaysSo() throws Exception {
        Backend dying = dying();
        Proxy careful = proxy(Configs.retry(3, RetryOn.CONNECT_FAILURE, RetryOn.RESET_BEFORE_REQUEST), dying);
        String post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
        assertThat(open(careful).send(post).response()).startsWith("HTTP/1.1 503");
        assertThat(failures).hasValue(1);
        assertThat(log.lines(1).getFirst().of("response_flags")).isEqualTo("UC");
    }

    @ParameterizedTest
    @CsvSource({"Content-Length: 5,hello", "Transfer-Encoding: chunked,5%hello%0%%"})
    void aBodyIsSentAgainWholeWhereThePolicySaysSo(String framing, String body) throws Exception {
        Proxy proxy = proxy(Configs.retry(3, RetryOn.RESET), dying(), good());
        Wire wire = open(proxy);
        for (int i = 0; i < 4; i++) {
            wire.send("POST / HTTP/1.1\r\nHost: a\r\n" + framing + "\r\n\r\n" + body.replace("%", "\r\n"));
            assertThat(wire.response()).startsWith("HTTP/1.1 200").endsWith("hello");
        }
        assertThat(failures).hasPositiveValue();
        log.lines(4).forEach(line -> assertThat(line.of("bytes_received")).isEqualTo("5"));
    }

    @Test
    void aBodyTooLargeToKeepIsSentOnce() throws Exception {
        Proxy proxy = proxy(Configs.retry(3, RetryOn.RESET), dying());
        Wire wire = open(proxy);
        wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(100_000));
        assertThat(wire.response()).startsWith("HTTP/1.1 503");
        assertThat(failures).hasValue(1);
    }

    @Test
    void aTryThatTakesTooLongIsMadeAgain() throws Exception {
        Backend slow = rig.with(new Backend((socket, in, out) -> in.readAllBytes()));
        RetryPolicy policy = new RetryPolicy(
                Set.of(RetryOn.RESET),
                2,
                Duration.ofMillis(100),
                Set.of(),
                true,
                5,
                Duration.ofMillis(1),
                Duration.ofMillis(1));
        Proxy proxy = proxy(policy, slow, good());
        Wire wire = open(proxy);
        assertThat(wire.get("/") + wire.get("/")).doesNotContain("HTTP/1.1 504");
        assertThat(stat(proxy, "upstream_rq_per_try_timeout")).isPositive();
    }

    @Test
    void theRouteTimeoutCountsForAllTriesAndTheWaitBetween() throws Exception {
        RetryPolicy policy = new RetryPolicy(
                Set.of(RetryOn.SERVER_ERROR),
                10,
                Duration.ZERO,
                Set.of(),
                false,
                1,
                Duration.ofHours(1),
                Duration.ofHours(10));
        Proxy proxy = proxy(policy, Duration.ofMillis(200), cluster(answering(500)));
        assertThat(open(proxy).get("/")).startsWith("HTTP/1.1 504");
        assertThat(failures).hasValue(1);
        assertThat(log.lines(1).getFirst().of("response_flags")).isEqualTo("UT");
    }

    @Test
    void aClientThatGoesAwayDuringTheWaitLeavesNothingBehind() throws Exception {
        RetryPolicy policy = new RetryPolicy(
                Set.of(RetryOn.SERVER_ERROR),
                10,
                Duration.ZERO,
                Set.of(),
                false,
                1,
                Duration.ofHours(1),
                Duration.ofHours(10));
        Proxy proxy = proxy(policy, Duration.ZERO, cluster(answering(500)));
        try (Wire wire = new Wire(Rig.address(proxy, "http"))) {
            wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
            Awaitility.await().until(() -> stat(proxy, "upstream_rq_retry") == 1);
            assertThat(stat(proxy, "circuit_breakers.default.rq_retry_open")).isZero();
        }
        assertThat(log.lines(1).getFirst().of("response_flags")).isEqualTo("DC");
        assertThat(stat(proxy, "upstream_rq_active")).isZero();
    }

    @Test
    void aConnectionThatCarriedEnoughIsReplaced() throws Exception {
        Backend app = good();
        Proxy proxy = proxy(
                null,
                Duration.ofSeconds(15),
                with(cluster(app), CircuitBreakers.DEFAULT, new ConnectionLimits(Duration.ZERO, 2), null));
        Wire wire = open(proxy);
        for (int i = 0; i < 6; i++) {
            assertThat(wire.get("/")).startsWith("HTTP/1.1 200");
        }
        assertThat(app.connections).hasValue(3);
        assertThat(stat(proxy, "upstream_cx_max_requests")).isEqualTo(3);
    }

    @Test
    void aConnectionThatLastedLongEnoughIsReplaced() throws Exception {
        Backend app = good();
        Proxy proxy = proxy(
                null,
                Duration.ofSeconds(15),
                with(cluster(app), CircuitBreakers.DEFAULT, new ConnectionLimits(Duration.ofMillis(200), 0), null));
        assertThat(open(proxy).get("/")).startsWith("HTTP/1.1 200");
        Awaitility.await().until(() -> stat(proxy, "upstream_cx_max_duration_reached") == 1);
        Awaitility.await().until(() -> stat(proxy, "upstream_cx_active") == 0);
    }

    @Test
    void aFullConnectionLimitLetsRequestsWaitAndAFullQueueRefusesThem() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        Backend slow = backend(successes, (head, out) -> {
            go.get(10, TimeUnit.SECONDS);
            respond(out, 200, "ok");
        });
        Proxy proxy = proxy(
                null,
                Duration.ofSeconds(15),
                with(cluster(slow), new CircuitBreakers(1, 1, 100, 3), ConnectionLimits.NONE, null));
        Wire first = open(proxy).send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
        Awaitility.await().until(() -> successes.get() == 1);
        assertThat(stat(proxy, "circuit_breakers.default.cx_open")).isEqualTo(1);
        Wire second = open(proxy).send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
        Awaitility.await().until(() -> stat(proxy, "circuit_breakers.default.rq_pending_open") == 1);
        assertThat(open(proxy).get("/3"))
                .startsWith("HTTP/1.1 503")
                .containsIgnoringCase("x-envoy-overloaded: true\r\n")
                .endsWith("reset reason: overflow");
        go.complete(null);
        assertThat(first.response()).startsWith("HTTP/1.1 200");
        assertThat(second.response()).startsWith("HTTP/1.1 200");
        assertThat(slow.connections).hasValue(1);
        assertThat(stat(proxy, "upstream_cx_overflow")).isPositive();
        assertThat(stat(proxy, "upstream_rq_pending_overflow")).isEqualTo(1);
        assertThat(stat(proxy, "circuit_breakers.default.rq_pending_open")).isZero();
    }

    @Test
    void whoWaitsForTheOnlyConnectionIsToldThatItFailed() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        Backend notTls = rig.with(new Backend((socket, in, out) -> go.get(10, TimeUnit.SECONDS)));
        Proxy proxy = proxy(
                null,
                Duration.ZERO,
                Configs.cluster(
                        "app",
                        Discovery.STATIC,
                        Configs.clientTls("spiffe://cluster.local/ns/shop/sa/app"),
                        new CircuitBreakers(1, 10, 100, 3),
                        notTls.port()));
        TestAuthority authority = new TestAuthority("retry");
        proxy.secrets().trust("ROOTCA", authority.bundle());
        proxy.secrets().certificate("default", authority.svid("client"));
        List<Wire> wires = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            wires.add(open(proxy).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        }
        Awaitility.await().until(() -> stat(proxy, "upstream_cx_overflow") == 2);
        go.complete(null);
        for (Wire wire : wires) {
            assertThat(wire.response()).startsWith("HTTP/1.1 503");
        }
        assertThat(stat(proxy, "circuit_breakers.default.rq_pending_open")).isZero();
        assertThat(stat(proxy, "circuit_breakers.default.cx_open")).isZero();
    }

    @Test
    void aHostThatFailsIsLeftOutAndComesBack() throws Exception {
        AtomicInteger status = new AtomicInteger(503);
        Backend bad = backend(failures, (head, out) -> respond(out, status.get(), "x"));
        Backend good = good();
        ClusterConfig cluster = with(cluster(bad, good), CircuitBreakers.DEFAULT, ConnectionLimits.NONE, outliers(3));
        Proxy proxy = proxy(null, Duration.ofSeconds(15), cluster);
        AdminRig admin = rig.with(new AdminRig(proxy, lateen.proxy.admin.AdminLimits.DEFAULT));
        Wire wire = open(proxy);
        for (int i = 0; i < 20; i++) {
            wire.get("/");
        }
        assertThat(failures).hasValue(3);
        String out = "app::127.0.0.1:" + bad.port() + "::health_flags::/failed_outlier_check";
        assertThat(admin.get("/clusters")).contains(out);
        assertThat(admin.get("/clusters?format=json")).contains("\"failed_outlier_check\": true");
        assertThat(stat(proxy, "outlier_detection.ejections_active")).isEqualTo(1);
        assertThat(stat(proxy, "outlier_detection.ejections_enforced_consecutive_5xx"))
                .isEqualTo(1);
        // The host stays what it is over an update that keeps it.
        Rig.apply(
                proxy,
                config(
                        null,
                        Duration.ofSeconds(15),
                        with(cluster, new CircuitBreakers(9, 9, 9, 9), ConnectionLimits.NONE, outliers(3))));
        status.set(200);
        Awaitility.await().until(() -> !admin.get("/clusters").contains("failed_outlier_check"));
        for (int i = 0; i < 20; i++) {
            assertThat(wire.get("/")).startsWith("HTTP/1.1 200");
        }
        assertThat(failures).hasValueGreaterThan(6);
        assertThat(stat(proxy, "outlier_detection.ejections_active")).isZero();
        Rig.apply(
                proxy,
                config(
                        null,
                        Duration.ofSeconds(15),
                        with(cluster, CircuitBreakers.DEFAULT, ConnectionLimits.NONE, null)));
        StringBuilder left = new StringBuilder();
        proxy.stats().renderPlain(left);
        assertThat(left).doesNotContain("outlier_detection");
    }

    @Test
    void aTcpHostThatRefusesConnectionsIsLeftOut() throws Exception {
        Backend dead = good();
        dead.close();
        Backend alive = rig.with(new Backend((socket, in, out) -> out.write("hi".getBytes(StandardCharsets.US_ASCII))));
        Proxy proxy = rig.proxy(Configs.of(
                List.of(Configs.listener("tcp", Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.tcp("app")))),
                with(cluster(dead, alive), CircuitBreakers.DEFAULT, ConnectionLimits.NONE, outliers(2))));
        Awaitility.await().until(() -> {
            try (Wire wire = new Wire(Rig.address(proxy, "tcp"))) {
                wire.rest();
            }
            return stat(proxy, "outlier_detection.ejections_active") == 1;
        });
        try (Wire wire = new Wire(Rig.address(proxy, "tcp"))) {
            assertThat(wire.rest()).isEqualTo("hi");
        }
    }
}
