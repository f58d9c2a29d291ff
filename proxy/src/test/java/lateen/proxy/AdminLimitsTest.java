package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.ProxyConfig;
import lateen.proxy.admin.AdminLimits;
import lateen.proxy.admin.AdminPages;
import lateen.proxy.admin.AdminPort;
import lateen.proxy.admin.AdminServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients may take of the administration interface, and how it behaves as an HTTP server. */
class AdminLimitsTest {
    private static final AdminLimits IMPATIENT =
            new AdminLimits(4, Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofMillis(600));
    /** More than the socket buffers of both sides take. */
    private static final String LARGE = "x".repeat(24 << 20);

    private Rig rig;
    private Proxy proxy;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
        proxy = rig.proxy(ProxyConfig.EMPTY);
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private AdminRig admin(AdminLimits limits) throws Exception {
        return rig.with(new AdminRig(proxy, limits));
    }

    @Test
    void aConnectionServesManyRequestsAlsoWhenTheyComeAtOnce() throws Exception {
        AdminRig admin = admin(AdminLimits.DEFAULT);
        try (Wire wire = admin.admin()) {
            wire.send("GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    + "GET /config_dump HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    + "POST /ready HTTP/1.1\r\nHost: 127.0.0.1:15000\r\nContent-Length: 3\r\n\r\nabc"
                    + "POST /ready HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
                    + "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertThat(wire.response()).endsWith("\r\n\r\nLIVE\n");
            assertThat(wire.response()).contains("configs");
            assertThat(wire.response()).endsWith("\r\n\r\nLIVE\n");
            assertThat(wire.response()).endsWith("\r\n\r\nLIVE\n");
            assertThat(wire.rest()).startsWith("HTTP/1.1 404 ").contains("connection: close");
        }
    }

    @Test
    void headHasTheLengthAndNoBody() throws Exception {
        try (Wire wire = admin(AdminLimits.DEFAULT).admin()) {
            wire.send("HEAD /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertThat(wire.rest())
                    .startsWith("HTTP/1.1 200 OK")
                    .contains("content-length: 5")
                    .endsWith("\r\n\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"8000, 200", "8300, 431"})
    void aHeadMayHaveEightKibibytes(int padding, int status) throws Exception {
        try (Wire wire = admin(AdminLimits.DEFAULT).admin()) {
            wire.send("GET /ready HTTP/1.1\r\nHost: localhost\r\nX-Padding: " + "p".repeat(padding) + "\r\n\r\n");
            assertThat(wire.response()).startsWith("HTTP/1.1 " + status + " ");
        }
    }

    @ParameterizedTest
    @CsvSource({"65536, 200", "65537, 413"})
    void aBodyMayHaveSixtyFourKibibytes(int length, int status) throws Exception {
        AdminRig admin = admin(AdminLimits.DEFAULT);
        try (Wire wire = admin.admin()) {
            wire.send("POST /ready HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + "\r\n\r\n"
                    + "b".repeat(length));
            assertThat(wire.response()).startsWith("HTTP/1.1 " + status + " ");
        }
        try (Wire wire = admin.admin()) {
            wire.send("POST /ready HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + Integer.toHexString(length) + "\r\n" + "b".repeat(length) + "\r\n0\r\n\r\n");
            assertThat(wire.response()).startsWith("HTTP/1.1 " + status + " ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"})
    void whatIsNoRequestIsRefusedAndTheConnectionClosed(String request) throws Exception {
        try (Wire wire = admin(AdminLimits.DEFAULT).admin()) {
            assertThat(wire.send(request).rest()).matches("(?s)HTTP/1.1 (400|505) .*connection: close.*");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, 200",
        "LOCALHOST:15000, 200",
        "127.0.0.1, 200",
        "127.3.4.5:1, 200",
        "[::1]:15000, 200",
        "evil.example, 403",
        "localhost.evil.example:15000, 403",
        "10.0.0.1, 403",
        "[fd00::1], 403"
    })
    void theAdministrationPortIsReachedUnderLocalNamesOnly(String host, int status) throws Exception {
        try (Wire wire = admin(AdminLimits.DEFAULT).admin()) {
            assertThat(wire.send("GET /ready HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                            .response())
                    .startsWith("HTTP/1.1 " + status + " ");
        }
    }

    @Test
    void aWebPageCannotPost() throws Exception {
        AdminRig admin = admin(AdminLimits.DEFAULT);
        try (Wire wire = admin.admin()) {
            wire.send("POST /quitquitquit HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n");
            assertThat(wire.response()).startsWith("HTTP/1.1 403 ");
        }
        assertThat(admin.actions).isEmpty();
    }

    @Test
    void oneConnectionMoreThanAllowedIsClosedAtOnceAndOthersGoOn() throws Exception {
        AdminRig admin =
                admin(new AdminLimits(4, Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(60)));
        List<Wire> open = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Wire wire = rig.with(admin.admin());
            assertThat(wire.send("GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .response())
                    .contains("LIVE");
            open.add(wire);
        }
        assertThat(closed(admin.admin())).isTrue();
        assertThat(open.getFirst()
                        .send("GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .response())
                .contains("LIVE");
        open.getLast().close();
        await().untilAsserted(() -> assertThat(admin.get("/ready")).contains("LIVE"));
    }

    /** Whether the other side closes without a word. */
    private static boolean closed(Wire wire) throws IOException {
        try (wire) {
            return wire.in.read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET /rea",
                "GET /ready HTTP/1.1\r\nHost: localhost\r\n",
                "POST /ready HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nb"
            })
    void aRequestThatDoesNotArriveIsGivenUp(String part) throws Exception {
        assertThat(closed(admin(IMPATIENT).admin().send(part))).isTrue();
    }

    @Test
    void bytesNowAndThenDoNotKeepARequestAlive() throws Exception {
        AdminRig admin = admin(IMPATIENT);
        long start = System.nanoTime();
        try (Wire wire = admin.admin()) {
            wire.send("GET /ready HTTP/1.1\r\nX: ");
            Thread drip = Thread.ofVirtual().start(() -> {
                try {
                    while (System.nanoTime() - start < 8_000_000_000L) {
                        wire.send("x");
                        java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
                    }
                } catch (IOException e) {
                    // Closed, as it should be.
                }
            });
            assertThat(closed(wire)).isTrue();
            drip.join();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void anIdleConnectionIsClosedAfterItsAnswer() throws Exception {
        try (Wire wire = admin(IMPATIENT).admin()) {
            assertThat(wire.send("GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .response())
                    .contains("LIVE");
            assertThat(wire.in.read()).isEqualTo(-1);
        }
    }

    @Test
    void aLargePageArrivesWholeInLittleMemory() throws Exception {
        AdminRig admin = admin(AdminLimits.DEFAULT);
        String page = "é𝄞".repeat(3 << 20);
        admin.configDump = () -> page;
        String got = admin.get("/config_dump");
        assertThat(AdminRig.body(got).length()).isEqualTo(Integer.parseInt(Wire.header(got, "content-length")));
        byte[] bytes = AdminRig.body(got).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(new String(bytes, java.nio.charset.StandardCharsets.UTF_8).equals(page))
                .isTrue();
    }

    @Test
    void clientsThatDoNotReadHoldTwoAnswersAtMostAndNotForLong() throws Exception {
        AdminRig admin = admin(new AdminLimits(8, Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(2)));
        java.util.concurrent.atomic.AtomicInteger made = new java.util.concurrent.atomic.AtomicInteger();
        admin.configDump = () -> {
            made.incrementAndGet();
            return LARGE;
        };
        for (int i = 0; i < 4; i++) {
            rig.with(admin.admin().send("GET /config_dump HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        }
        await().until(() -> made.get() == 2);
        assertThat(admin.get("/ready")).as("what is quick does not wait").contains("LIVE");
        assertThat(made.get()).isEqualTo(2);
        // All four run out of time, those with an answer and those that wait for one; so may who asks just before that.
        await().untilAsserted(() -> assertThat(admin.get("/clusters")).startsWith("HTTP/1.1 200 "));
        assertThat(made.get()).isLessThanOrEqualTo(4);
    }

    @Test
    void aPageThatFailsSaysSo() throws Exception {
        AdminRig admin = admin(AdminLimits.DEFAULT);
        admin.configDump = () -> {
            throw new IllegalStateException("no dump today");
        };
        assertThat(admin.get("/config_dump")).startsWith("HTTP/1.1 500 ").contains("no dump today");
        assertThat(admin.get("/ready")).contains("LIVE");
    }

    @Test
    void aPortInUseIsNamedWithWhatToDoAndNothingStaysBound() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int free;
            try (ServerSocket probe = new ServerSocket(0)) {
                free = probe.getLocalPort();
            }
            AdminPages pages = AdminRig.pages(proxy);
            List<AdminPort> ports = List.of(
                    AdminPort.everywhere("readiness", free, pages.health()),
                    new AdminPort(
                            "administration",
                            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort())),
                            true,
                            pages.administration()));
            assertThatThrownBy(() -> AdminServer.start(proxy.loop(), proxy.allocator(), AdminLimits.DEFAULT, ports)
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(
                            "port " + taken.getLocalPort() + " (administration): cannot listen on 127.0.0.1")
                    .hasMessageContaining("another program listens there");
            await().untilAsserted(() -> {
                try (ServerSocket again = new ServerSocket(free)) {
                    assertThat(again.isBound()).isTrue();
                }
            });
        }
    }

    @Test
    void theAdministrationPortIsOnLoopbackOnlyInBothFamilies() throws Exception {
        assertThat(admin(AdminLimits.DEFAULT).addresses())
                .isNotEmpty()
                .allMatch(address -> address.getAddress().isLoopbackAddress())
                .anyMatch(address -> address.getAddress().getAddress().length == 4);
    }
}
