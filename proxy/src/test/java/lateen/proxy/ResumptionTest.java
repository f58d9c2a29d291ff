package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import lateen.decision.config.DownstreamTls;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.ProxyConfig;
import lateen.decision.config.StringMatcher;
import lateen.decision.config.TlsAlgorithms;
import lateen.decision.config.TlsValidation;
import lateen.decision.config.TlsVersion;
import lateen.decision.config.UpstreamTls;
import lateen.testing.TestAuthority;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sessions that are resumed, and sessions that must not be; openssl is the other end and says which is which. */
class ResumptionTest {
    private static final String FRONTEND = "spiffe://cluster.local/ns/shop/sa/frontend";

    private final Rig rig = new Rig();
    private final TestAuthority authority = new TestAuthority("root");
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

    @TempDir
    private Path folder;

    private Backend app;
    private String certificate;

    @BeforeEach
    void start() throws Exception {
        app = rig.with(OpenSsl.page());
        certificate =
                showing(authority.issue(Duration.ofHours(-1), Duration.ofMinutes(30), List.of("uri:" + FRONTEND)));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private String showing(TestAuthority.Issued issued) throws Exception {
        Path file = Files.writeString(Files.createTempFile(folder, "peer", ".pem"), issued.pem());
        return "-cert " + file + " -key " + file;
    }

    private ProxyConfig inbound(boolean http, boolean tickets, boolean ids, StringMatcher... names) {
        return inbound(http, TlsVersion.TLS_1_3, tickets, ids, names);
    }

    private ProxyConfig inbound(boolean http, TlsVersion newest, boolean tickets, boolean ids, StringMatcher... names) {
        DownstreamTls tls = new DownstreamTls(
                "default",
                new TlsValidation("ROOTCA", List.of(names)),
                true,
                List.of("http/1.1"),
                new TlsAlgorithms(TlsVersion.TLS_1_2, newest),
                false,
                tickets,
                ids);
        NetworkFilter terminal = http ? Configs.http(Configs.everythingTo("app")) : Configs.tcp("app");
        return Configs.of(
                List.of(Configs.listener("in", Configs.NO_INSPECTORS, Configs.chain("c", tls, terminal))),
                Configs.cluster("app", null, app.port()));
    }

    private Proxy proxy(ProxyConfig config) throws Exception {
        InstantSource clock = now::get;
        ProxySettings defaults = ProxySettings.defaults();
        return rig.proxy(
                new ProxySettings(
                        2,
                        defaults.originalDestination(),
                        defaults.tlsHandshakeTimeout(),
                        clock,
                        defaults.self(),
                        defaults.upstreamMark(),
                        defaults.overload()),
                config);
    }

    private String first(int port, String version) throws Exception {
        String said = OpenSsl.client(port, certificate, version, "-sess_out " + folder.resolve("session"));
        assertThat(said).contains("HTTP/1.1 200", "New, TLSv1.");
        return said;
    }

    private String again(int port, String version) throws Exception {
        return OpenSsl.client(port, certificate, version, "-sess_in " + folder.resolve("session"));
    }

    @ParameterizedTest
    @CsvSource({"true,-tls1_3", "true,-tls1_2", "false,-tls1_3", "false,-tls1_2"})
    void aSessionIsResumedUnderTheIdentityThatMadeItOnly(boolean http, String version) throws Exception {
        Proxy proxy = proxy(inbound(http, true, true));
        TcpTest.secrets(proxy, authority, "catalog");
        int port = Rig.address(proxy, "in").getPort();

        first(port, version);
        String resumed = again(port, version);
        assertThat(resumed).contains("HTTP/1.1 200", "Reused, TLSv1.");
        if (http) {
            assertThat(resumed)
                    .as("who the client is, is known from the session")
                    .contains("URI=" + FRONTEND);
        }

        first(port, version);
        proxy.secrets().certificate("default", authority.svid("catalog"));
        assertThat(again(port, version)).as("another own certificate").contains("HTTP/1.1 200", "New, TLSv1.");

        first(port, version);
        List<java.security.cert.X509Certificate> roots =
                new ArrayList<>(authority.bundle().roots());
        roots.addAll(new TestAuthority("next").bundle().roots());
        proxy.secrets().trust("ROOTCA", new lateen.identity.TrustBundle(roots));
        assertThat(again(port, version)).as("another bundle").contains("HTTP/1.1 200", "New, TLSv1.");

        first(port, version);
        Rig.apply(proxy, inbound(http, true, true, new StringMatcher.Exact(FRONTEND, false)));
        assertThat(again(port, version)).as("other names").contains("HTTP/1.1 200", "New, TLSv1.");
    }

    @ParameterizedTest
    @CsvSource({"-tls1_3", "-tls1_2"})
    void theSameIdentityInANewConfigurationGoesOn(String version) throws Exception {
        Proxy proxy = proxy(inbound(true, true, true));
        TcpTest.secrets(proxy, authority, "catalog");
        int port = Rig.address(proxy, "in").getPort();
        first(port, version);
        Rig.apply(proxy, inbound(true, true, true));
        assertThat(again(port, version)).contains("HTTP/1.1 200", "Reused, TLSv1.");
    }

    @ParameterizedTest
    @CsvSource({"true,-tls1_3", "true,-tls1_2", "false,-tls1_3", "false,-tls1_2"})
    void aPeerWhoseCertificateHasEndedIsNotLetInByItsSession(boolean http, String version) throws Exception {
        Warnings warnings = rig.with(new Warnings());
        Proxy proxy = proxy(inbound(http, true, true));
        TcpTest.secrets(proxy, authority, "catalog");
        int port = Rig.address(proxy, "in").getPort();
        first(port, version);
        now.set(Instant.now().plus(Duration.ofMinutes(40)));
        assertThat(again(port, version)).doesNotContain("HTTP/1.1 200");
        Awaitility.await().until(() -> !warnings.lines().isEmpty());
        assertThat(warnings.lines().getFirst()).contains("TLS with 127.0.0.1:", "expired at");
    }

    @Test
    void resumptionCanBeTurnedOff() throws Exception {
        for (String version : List.of("-tls1_3", "-tls1_2")) {
            Proxy without = proxy(inbound(true, false, true));
            TcpTest.secrets(without, authority, "catalog");
            int port = Rig.address(without, "in").getPort();
            first(port, version);
            assertThat(again(port, version)).as("no tickets").contains("HTTP/1.1 200", "New, TLSv1.");
        }
        for (boolean ids : new boolean[] {true, false}) {
            Proxy older = proxy(inbound(true, TlsVersion.TLS_1_2, false, ids));
            TcpTest.secrets(older, authority, "catalog");
            int port = Rig.address(older, "in").getPort();
            first(port, "-tls1_2");
            assertThat(again(port, "-tls1_2"))
                    .as("session ids: " + ids)
                    .contains("HTTP/1.1 200", ids ? "Reused, TLSv1.2" : "New, TLSv1.2");
        }
        assertThat(proxy(Configs.of(List.of()))
                        .accept(inbound(false, false, true))
                        .toCompletableFuture()
                        .get(10, java.util.concurrent.TimeUnit.SECONDS)
                        .toString())
                .contains("disable_stateless_session_resumption", "before tcp_proxy");
    }

    @Test
    void nearlyAllHandshakesOfAClientThatComesAgainAreResumed() throws Exception {
        Proxy proxy = proxy(inbound(true, true, true));
        TcpTest.secrets(proxy, authority, "catalog");
        int port = Rig.address(proxy, "in").getPort();
        // -reconnect: one full handshake, then five with its session.
        String said = OpenSsl.client(port, certificate, "-tls1_2", "-reconnect");
        assertThat(said.split("Reused, TLSv1.2", -1).length - 1).isEqualTo(5);
        int reused = 0;
        first(port, "-tls1_3");
        for (int i = 0; i < 20; i++) {
            // Each hands over the ticket for the next.
            String next = OpenSsl.client(
                    port,
                    certificate,
                    "-tls1_3",
                    "-sess_in " + folder.resolve("session"),
                    "-sess_out " + folder.resolve("session"));
            reused += next.contains("Reused, TLSv1.3") ? 1 : 0;
        }
        System.out.println("resumed: 5 of 5 with TLS 1.2, " + reused + " of 20 with TLS 1.3");
        assertThat(reused).isEqualTo(20);
    }

    private UpstreamTls upstream(TlsVersion version, int sessions) {
        return new UpstreamTls(
                "default",
                new TlsValidation("ROOTCA", List.of(new StringMatcher.Exact(FRONTEND, false))),
                "outbound_.80_._.frontend.shop",
                List.of(),
                new TlsAlgorithms(version, version),
                sessions);
    }

    private ProxyConfig outbound(boolean http, UpstreamTls tls, int... ports) {
        NetworkFilter terminal = http ? Configs.http(Configs.everythingTo("peer")) : Configs.tcp("peer");
        return Configs.of(
                List.of(Configs.listener("out", Configs.NO_INSPECTORS, Configs.chain("c", null, terminal))),
                Configs.cluster("peer", tls, ports));
    }

    private static String asked(Proxy proxy) throws Exception {
        try (Wire wire = new Wire(Rig.address(proxy, "out"))) {
            wire.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            String page = wire.rest();
            assertThat(page).contains("200 ok");
            return page.contains("Reused, TLSv1.") ? "reused" : "new";
        }
    }

    @ParameterizedTest
    @CsvSource({"true,TLS_1_3", "true,TLS_1_2", "false,TLS_1_3", "false,TLS_1_2"})
    void sessionsWithAHostAreResumedWithThatHost(boolean http, TlsVersion version) throws Exception {
        try (OpenSsl.Server one = new OpenSsl.Server(certificate);
                OpenSsl.Server two = new OpenSsl.Server(certificate)) {
            Proxy proxy = proxy(outbound(http, upstream(version, UpstreamTls.SESSIONS), one.port, two.port));
            TcpTest.secrets(proxy, authority, "catalog");
            List<String> all = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                all.add(asked(proxy));
            }
            assertThat(all).as("taken in turn").containsExactly("new", "new", "reused", "reused", "reused", "reused");
            proxy.secrets().certificate("default", authority.svid("catalog"));
            assertThat(asked(proxy)).as("with another certificate of our own").isEqualTo("new");
        }
    }

    @ParameterizedTest
    @CsvSource({"true,TLS_1_3", "true,TLS_1_2", "false,TLS_1_3", "false,TLS_1_2"})
    void noSessionsAreKeptWhereNoneAreWanted(boolean http, TlsVersion version) throws Exception {
        try (OpenSsl.Server server = new OpenSsl.Server(certificate)) {
            Proxy proxy = proxy(outbound(http, upstream(version, 0), server.port));
            TcpTest.secrets(proxy, authority, "catalog");
            for (int i = 0; i < 3; i++) {
                assertThat(asked(proxy)).isEqualTo("new");
            }
        }
    }
}
