package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterConfig.CircuitBreakers;
import lateen.decision.config.ClusterConfig.Discovery;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ProxyConfig;
import lateen.decision.config.RouteConfig;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes wrong, as the client and the access log see it: always one line. */
class FaultsTest {
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

    private ProxyConfig config(RouteConfig routes, ListenerConfig.Inspectors inspectors, ClusterConfig... clusters) {
        return Configs.of(
                List.of(Configs.listener(
                        "http",
                        inspectors,
                        Configs.chain("c", null, Configs.logged(Configs.http(routes), log.config())))),
                clusters);
    }

    private Proxy before(int port) throws Exception {
        return rig.proxy(
                ProxySettings.defaults().withWorkers(1),
                config(Configs.everythingTo("app"), Configs.NO_INSPECTORS, Configs.cluster("app", null, port)));
    }

    private Wire open(Proxy proxy) throws IOException {
        return rig.with(new Wire(Rig.address(proxy, "http")));
    }

    private Backend answering(String answer) throws IOException {
        return rig.with(new Backend((socket, in, out) -> {
            Wire.head(in);
            out.write(answer.getBytes(StandardCharsets.ISO_8859_1));
        }));
    }

    private static long metric(Proxy proxy, String... parts) {
        StringBuilder text = new StringBuilder();
        proxy.stats().renderPrometheus(text);
        return text.toString()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .filter(line -> List.of(parts).stream().allMatch(line::contains))
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @ParameterizedTest
    @CsvSource({"Content-Length: 100,only this,9", "Transfer-Encoding: chunked,9%only this%,9"})
    void anAnswerThatTheApplicationCutsIsCutForTheClientToo(String framing, String body, int bytes) throws Exception {
        Backend app = answering("HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n" + body.replace("%", "\r\n"));
        Proxy proxy = before(app.port());
        Wire wire = open(proxy);
        wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThatThrownBy(wire::response).isInstanceOf(IOException.class);
        LogFile.Line line = log.lines(1).getFirst();
        assertThat(line.of("response_code")).isEqualTo("200");
        assertThat(line.of("response_flags")).isEqualTo("UC");
        assertThat(line.of("response_code_details"))
                .isEqualTo("upstream_reset_after_response_started{connection_termination}");
        assertThat(line.of("bytes_sent")).isEqualTo(Integer.toString(bytes));
        assertThat(metric(proxy, "istio_requests_total{", "response_flags=\"UC\""))
                .isEqualTo(1);
    }

    @Test
    void anApplicationThatEndsWithoutAnAnswerIsA503() throws Exception {
        Wire wire = open(before(answering("").port()));
        wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
        assertThat(wire.response()).startsWith("HTTP/1.1 503");
        LogFile.Line line = log.lines(1).getFirst();
        assertThat(line.of("response_flags")).isEqualTo("UC");
        assertThat(line.of("response_code_details"))
                .isEqualTo("upstream_reset_before_response_started{connection_termination}");
    }

    @Test
    void anApplicationThatDoesNotSpeakHttpIsA502() throws Exception {
        assertThat(open(before(answering("220 mail ready\r\n").port())).get("/"))
                .startsWith("HTTP/1.1 502");
        LogFile.Line line = log.lines(1).getFirst();
        assertThat(line.of("response_flags")).isEqualTo("UPE");
        assertThat(line.of("response_code")).isEqualTo("502");
    }

    @Test
    void anAnswerThatComesTooLateIsA504() throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> in.readAllBytes()));
        Proxy proxy = rig.proxy(config(
                Configs.everythingTo("app", Duration.ofMillis(100), null),
                Configs.NO_INSPECTORS,
                Configs.cluster("app", null, app.port())));
        assertThat(open(proxy).get("/")).startsWith("HTTP/1.1 504");
        LogFile.Line line = log.lines(1).getFirst();
        assertThat(line.of("response_flags")).isEqualTo("UT");
        assertThat(line.of("response_code_details")).isEqualTo("response_timeout");
    }

    @Test
    void aClientThatGoesAwayLeavesALineWithoutAStatus() throws Exception {
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        Backend app = rig.with(new Backend((socket, in, out) -> {
            Wire.head(in);
            arrived.complete(null);
            in.readAllBytes();
        }));
        try (Wire wire = open(before(app.port()))) {
            wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            arrived.get(10, TimeUnit.SECONDS);
        }
        LogFile.Line line = log.lines(1).getFirst();
        assertThat(line.of("response_code")).isEqualTo("0");
        assertThat(line.of("response_flags")).isEqualTo("DC");
        assertThat(line.of("response_code_details")).isEqualTo("downstream_remote_disconnect");
    }

    @Test
    void aClientThatResetsInTheMiddleOfADownloadEndsTheApplicationsConnection() throws Exception {
        CompletableFuture<Void> cut = new CompletableFuture<>();
        Backend app = rig.with(new Backend((socket, in, out) -> {
            Wire.head(in);
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n".getBytes());
            byte[] block = new byte[1 << 20];
            try {
                for (int i = 0; i < 900; i++) {
                    out.write(block);
                }
            } catch (IOException reset) {
                cut.complete(null);
            }
        }));
        Proxy proxy = before(app.port());
        try (Wire wire = new Wire(Rig.address(proxy, "http"))) {
            wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(Wire.head(wire.in)).startsWith("HTTP/1.1 200");
            wire.in.readNBytes(1 << 20);
            wire.socket.setSoLinger(true, 0);
        }
        cut.get(10, TimeUnit.SECONDS);
        LogFile.Line line = log.lines(1).getFirst();
        assertThat(line.of("response_code")).isEqualTo("200");
        assertThat(line.of("response_flags")).isEqualTo("DC");
        org.awaitility.Awaitility.await().until(() -> metric(proxy, "envoy_listener_downstream_cx_active{") == 0);
        assertThat(metric(proxy, "envoy_cluster_upstream_rq_active{")).isZero();
    }

    @Test
    void anExhaustedRetryLimitIsFlagged() throws Exception {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }
        Proxy proxy = rig.proxy(config(
                Configs.everythingTo(
                        "app", Duration.ofSeconds(15), Configs.retry(2, RouteConfig.RetryOn.CONNECT_FAILURE)),
                Configs.NO_INSPECTORS,
                Configs.cluster("app", null, nobody)));
        assertThat(open(proxy).get("/")).startsWith("HTTP/1.1 503");
        assertThat(log.lines(1).getFirst().of("response_flags")).isEqualTo("URX,UF");
        assertThat(metric(proxy, "envoy_cluster_upstream_rq_retry{")).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET /#### HTTP/1.1~Host: a~~                                             | 431 | http1.headers_too_large
            GET / HTTP/1.1~Host: a~X: ####~~                                         | 431 | http1.headers_too_large
            GET / HTTP/1.1~~                                                         | 400 | missing_host_header
            GET / HTTP/1.1~Host: a~Host: b~~                                         | 400 | http1.codec_error
            GET  / HTTP/1.1~Host: a~~                                                | 400 | http1.codec_error
            GET / HTTP/1.1~Host: a~Content-Length: 1~Transfer-Encoding: chunked~~    | 400 | http1.content_length_and_chunked_not_allowed
            GET / HTTP/1.1~Host: a~Content-Length: -1~~                              | 400 | http1.codec_error
            GET / HTTP/1.1~Host: a~ folded~~                                         | 400 | http1.codec_error
            GET / HTTP/2.0~Host: a~~                                                 | 505 | http1.codec_error
            GET /%00 HTTP/1.1~Host: a~~                                              | 400 | path_normalization_failed
            """)
    void aRequestThatIsNotUnderstoodIsAnsweredOnceAndLoggedOnce(String request, int status, String details)
            throws Exception {
        Backend app = rig.with(Backend.echoing());
        Wire wire = open(before(app.port()));
        wire.send(request.replace("~", "\r\n").replace("####", "x".repeat(9000)));
        assertThat(wire.response()).startsWith("HTTP/1.1 " + status).containsIgnoringCase("connection: close");
        assertThat(wire.in.read()).isEqualTo(-1);
        LogFile.Line line = log.lines(1).getFirst();
        assertThat(line.of("response_code")).isEqualTo(Integer.toString(status));
        assertThat(line.of("response_flags")).isEqualTo("DPE");
        assertThat(line.of("response_code_details")).isEqualTo(details);
        assertThat(line.of("upstream_host")).isNull();
        assertThat(app.connections).hasValue(0);
    }

    @Test
    void aClientThatSpeaksTlsToAPlaintextPortIsToldAtOnce() throws Exception {
        Wire wire = open(before(rig.with(Backend.echoing()).port()));
        wire.send("\u0016\u0003\u0001\u0000\u0005hello");
        assertThat(wire.response()).startsWith("HTTP/1.1 400").containsIgnoringCase("connection: close");
        assertThat(log.lines(1).getFirst().of("response_flags")).isEqualTo("DPE");
    }

    @Test
    void aChunkThatIsNoneIsAnsweredWith400() throws Exception {
        Wire wire = open(before(rig.with(Backend.echoing()).port()));
        wire.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
        assertThat(wire.response()).startsWith("HTTP/1.1 400").containsIgnoringCase("connection: close");
        assertThat(log.lines(1).getFirst().of("response_flags")).isEqualTo("DPE");
    }

    @Test
    void aTunnelIsOneLineWithTheBytesOfBothWays() throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> {
            Wire.head(in);
            out.write(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n".getBytes());
            out.write(in.readNBytes(4));
            out.write("bye".getBytes());
        }));
        Wire wire = open(before(app.port()));
        wire.send("GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
        assertThat(Wire.head(wire.in)).startsWith("HTTP/1.1 101");
        wire.send("ping");
        assertThat(wire.rest()).isEqualTo("pingbye");
        LogFile.Line line = log.lines(1).getFirst();
        assertThat(line.of("response_code")).isEqualTo("101");
        assertThat(line.of("response_flags")).isEqualTo("-");
        assertThat(line.of("bytes_received")).isEqualTo("4");
        assertThat(line.of("bytes_sent")).isEqualTo("7");
    }

    @Test
    void aGibibyteForASlowReaderTakesNoMoreMemoryThanItsWindows() throws Exception {
        long size = 1L << 30;
        Backend app = rig.with(new Backend((socket, in, out) -> {
            Wire.head(in);
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n").getBytes());
            byte[] block = new byte[1 << 20];
            for (long sent = 0; sent < size; sent += block.length) {
                out.write(block);
            }
        }));
        Proxy proxy = before(app.port());
        Wire wire = open(proxy);
        wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(Wire.head(wire.in)).startsWith("HTTP/1.1 200");
        byte[] block = new byte[1 << 20];
        long total = 0;
        long most = 0;
        while (total < size) {
            int n = wire.in.read(block);
            assertThat(n).isPositive();
            total += n;
            if (total % (32 << 20) < n) {
                // Long enough for everything on the way to fill up.
                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
                most = Math.max(most, metric(proxy, "lateen_buffers_bytes "));
            }
        }
        assertThat(most).isPositive().isLessThan(2 << 20);
        LogFile.Line line = log.lines(1).getFirst();
        assertThat(line.of("bytes_sent")).isEqualTo(Long.toString(size));
        assertThat(line.of("response_flags")).isEqualTo("-");
    }

    @Test
    void aRequestDialledToTheProxysOwnPortLeadsNowhere() throws Exception {
        ListenerConfig.Inspectors capturing =
                new ListenerConfig.Inspectors(true, false, false, Duration.ofSeconds(5), false);
        Proxy proxy = rig.proxy(config(
                Configs.everythingTo("PassthroughCluster"),
                capturing,
                Configs.cluster("PassthroughCluster", Discovery.ORIGINAL_DST, null, CircuitBreakers.DEFAULT)));
        assertThat(open(proxy).get("/")).startsWith("HTTP/1.1 503");
        LogFile.Line line = log.lines(1).getFirst();
        assertThat(line.of("response_flags")).isEqualTo("UH");
        assertThat(line.of("upstream_host")).isNull();
        assertThat(metric(proxy, "envoy_listener_downstream_cx_total{")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1,127.0.0.6", "::1,[0:0:0:0:0:0:0:1]"})
    void aConnectionIsMadeFromTheSourceAddressOfItsHostsFamily(String host, String expected) throws Exception {
        InetAddress address = InetAddress.getByName(host);
        assumeTrue(bindable(address) || "true".equals(System.getenv("CI")), "this machine has " + host);
        Backend app = rig.with(Backend.echoing(address));
        ClusterConfig plain = Configs.cluster("app", null, app.port());
        ClusterEndpoints endpoints = new ClusterEndpoints(
                "app",
                List.of(new ClusterEndpoints.Locality(
                        "",
                        "",
                        "",
                        0,
                        1,
                        List.of(new ClusterEndpoints.Endpoint(
                                new SocketAddr(IpAddress.parse(host), app.port()),
                                "",
                                ClusterEndpoints.Health.HEALTHY,
                                1,
                                "",
                                "")))));
        ClusterConfig cluster = Edited.with(
                plain,
                "staticEndpoints",
                endpoints,
                "sourceAddress",
                IpAddress.parse("127.0.0.6"),
                "extraSourceAddresses",
                List.of(IpAddress.parse("::1")));
        Proxy proxy = rig.proxy(config(Configs.everythingTo("app"), Configs.NO_INSPECTORS, cluster));
        assertThat(open(proxy).get("/")).startsWith("HTTP/1.1 200");
        assertThat(log.lines(1).getFirst().of("upstream_local_address")).startsWith(expected + ":");
    }

    private static boolean bindable(InetAddress address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(address, 0));
            return true;
        } catch (IOException absent) {
            return false;
        }
    }
}
