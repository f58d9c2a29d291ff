package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lateen.decision.config.DownstreamTls;
import lateen.decision.config.NetworkFilter;
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

/** Why a handshake failed, as a log says it, with openssl at the other end. */
class TlsFailuresTest {
    private static final String WORKLOAD = "uri:spiffe://cluster.local/ns/shop/sa/";

    private final Rig rig = new Rig();
    private final TestAuthority authority = new TestAuthority("root");

    @TempDir
    private Path folder;

    private Warnings warnings;

    @BeforeEach
    void listen() {
        warnings = rig.with(new Warnings());
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    /** Words of openssl that show that certificate. */
    private String showing(String which) throws Exception {
        TestAuthority.Issued issued = switch (which) {
            case "good" -> authority.issue(WORKLOAD + "frontend");
            case "expired" ->
                authority.issue(Duration.ofHours(-2), Duration.ofHours(-1), List.of(WORKLOAD + "frontend"));
            case "early" -> authority.issue(Duration.ofHours(1), Duration.ofHours(2), List.of(WORKLOAD + "frontend"));
            case "foreign" -> new TestAuthority("another").issue(WORKLOAD + "frontend");
            case "other" -> authority.issue(WORKLOAD + "other");
            case "nameless" -> authority.issue("dns:frontend.shop");
            default -> null;
        };
        if (issued == null) {
            return "";
        }
        Path file = Files.writeString(folder.resolve(which + ".pem"), issued.pem());
        return "-cert " + file + " -key " + file;
    }

    private int server(boolean http, TlsAlgorithms algorithms, boolean serverName) throws Exception {
        Backend app = rig.with(OpenSsl.page());
        DownstreamTls tls = new DownstreamTls(
                "default",
                new TlsValidation(
                        "ROOTCA",
                        List.of(new StringMatcher.Exact("spiffe://cluster.local/ns/shop/sa/frontend", false))),
                true,
                List.of("http/1.1"),
                algorithms,
                serverName,
                true,
                true);
        NetworkFilter terminal = http ? Configs.http(Configs.everythingTo("app")) : Configs.tcp("app");
        Proxy proxy = rig.proxy(Configs.of(
                List.of(Configs.listener("in", Configs.NO_INSPECTORS, Configs.chain("c", tls, terminal))),
                Configs.cluster("app", null, app.port())));
        TcpTest.secrets(proxy, authority, "catalog");
        return Rig.address(proxy, "in").getPort();
    }

    /** Before HTTP it is BoringSSL that says it, before TCP the JDK. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            expired  |                                       | expired at                                             | expired at
            early    |                                       | is valid from                                          | is valid from
            foreign  |                                       | root                                                   | root
            other    |                                       | peer is spiffe://cluster.local/ns/shop/sa/other (expected: spiffe://cluster.local/ns/shop/sa/frontend) | peer is spiffe://cluster.local/ns/shop/sa/other (expected: spiffe
            nameless |                                       | 0 URI subject alternative names (expected: exactly one | 0 URI subject alternative names (expected: exactly one
            none     | -tls1_3                               | PEER_DID_NOT_RETURN_A_CERTIFICATE                      | Empty client certificate chain
            none     | -tls1_2                               | PEER_DID_NOT_RETURN_A_CERTIFICATE                      | Empty client certificate chain
            good     | -tls1_1 -cipher DEFAULT@SECLEVEL=0    | UNSUPPORTED_PROTOCOL                                   | TLSv1.1
            good     | -tls1_2 -cipher ECDHE-RSA-AES128-SHA  | NO_SHARED_CIPHER                                       | no cipher suites in common
            """)
    void aClientsHandshakeFailsForAReason(String certificate, String words, String boring, String jdk)
            throws Exception {
        for (boolean http : new boolean[] {true, false}) {
            int port = server(http, new TlsAlgorithms(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3), false);
            int before = warnings.lines().size();
            assertThat(OpenSsl.client(port, showing(certificate), words == null ? "" : words))
                    .doesNotContain("HTTP/1.1 200");
            Awaitility.await().until(() -> warnings.lines().size() > before);
            assertThat(warnings.lines().get(before))
                    .contains("listener in, chain c: TLS with 127.0.0.1:", "failed: ", http ? boring : jdk);
        }
    }

    @Test
    void aGoodClientIsServedByBothLibraries() throws Exception {
        for (boolean http : new boolean[] {true, false}) {
            int port = server(http, new TlsAlgorithms(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3), false);
            for (String version : List.of("-tls1_2", "-tls1_3")) {
                assertThat(OpenSsl.client(port, showing("good"), version)).contains("HTTP/1.1 200");
            }
        }
        assertThat(warnings.lines()).isEmpty();
    }

    @Test
    void aVersionThatIsTooOldOrPlaintextIsNamed() throws Exception {
        int port = server(true, new TlsAlgorithms(TlsVersion.TLS_1_3, TlsVersion.TLS_1_3), false);
        OpenSsl.client(port, showing("good"), "-tls1_2");
        try (Wire plain = new Wire(new java.net.Socket("127.0.0.1", port))) {
            plain.send("GET / HTTP/1.1\r\n\r\n");
            plain.rest();
        }
        Awaitility.await().until(() -> warnings.lines().size() >= 2);
        assertThat(warnings.lines().get(0)).contains("UNSUPPORTED_PROTOCOL");
        assertThat(warnings.lines().get(1)).contains("not an SSL/TLS record");
    }

    @Test
    void aClientThatMustSayWhomItWantsSaysSoOrIsTold() throws Exception {
        for (boolean http : new boolean[] {true, false}) {
            int port = server(http, new TlsAlgorithms(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3), true);
            assertThat(OpenSsl.client(port, showing("good"), "-servername catalog.shop"))
                    .contains("HTTP/1.1 200");
            int before = warnings.lines().size();
            assertThat(OpenSsl.client(port, showing("good"), "-noservername")).contains("unrecognized name");
            Awaitility.await().until(() -> warnings.lines().size() > before);
            assertThat(warnings.lines().get(before)).contains("the client names no server (expected: SNI");
        }
    }

    @Test
    void whatAHandshakeMayUseIsWhatIsUsed() throws Exception {
        for (boolean http : new boolean[] {true, false}) {
            int port = server(
                    http,
                    new TlsAlgorithms(
                            TlsVersion.TLS_1_2,
                            TlsVersion.TLS_1_3,
                            List.of("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
                            List.of("secp256r1")),
                    false);
            assertThat(OpenSsl.client(port, showing("good"), "-tls1_2"))
                    .contains(
                            "HTTP/1.1 200",
                            "Cipher is ECDHE-ECDSA-AES256-GCM-SHA384",
                            "Server Temp Key: ECDH, prime256v1");
            assertThat(OpenSsl.client(port, showing("good"), "-tls1_3"))
                    .contains("HTTP/1.1 200", "Server Temp Key: ECDH, prime256v1");
            assertThat(OpenSsl.client(port, showing("good"), "-tls1_2", "-cipher ECDHE-ECDSA-AES128-GCM-SHA256"))
                    .doesNotContain("HTTP/1.1 200");
            assertThat(OpenSsl.client(port, showing("good"), "-tls1_3", "-curves X25519"))
                    .doesNotContain("HTTP/1.1 200");
        }
    }

    private int upstream(boolean http, int port, boolean certificate) throws Exception {
        UpstreamTls tls = new UpstreamTls(
                certificate ? "default" : null,
                new TlsValidation(
                        "ROOTCA",
                        List.of(new StringMatcher.Exact("spiffe://cluster.local/ns/shop/sa/frontend", false))),
                "outbound_.80_._.frontend.shop",
                List.of(),
                TlsVersion.TLS_1_2,
                TlsVersion.TLS_1_2);
        NetworkFilter terminal = http ? Configs.http(Configs.everythingTo("peer")) : Configs.tcp("peer");
        Proxy proxy = rig.proxy(Configs.of(
                List.of(Configs.listener("out", Configs.NO_INSPECTORS, Configs.chain("c", null, terminal))),
                Configs.cluster("peer", tls, port)));
        TcpTest.secrets(proxy, authority, "catalog");
        return Rig.address(proxy, "out").getPort();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            expired  |            | expired at
            foreign  |            | root
            other    |            | peer is spiffe://cluster.local/ns/shop/sa/other (expected: spiffe
            good     | -tls1_3    | protocol
            good     | -Verify 1 -verify_return_error  | handshake
            """)
    void aServersHandshakeFailsForAReason(String certificate, String words, String reason) throws Exception {
        try (OpenSsl.Server server = new OpenSsl.Server(showing(certificate), words == null ? "" : words)) {
            for (boolean http : new boolean[] {true, false}) {
                int port = upstream(http, server.port, false);
                int before = warnings.lines().size();
                try (Wire wire = new Wire(new java.net.Socket("127.0.0.1", port))) {
                    wire.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
                    String answer = http ? wire.rest() : ended(wire);
                    assertThat(answer).doesNotContain("200 ok");
                    if (http) {
                        assertThat(answer).contains("transport failure reason: TLS error: ");
                    }
                }
                Awaitility.await().until(() -> warnings.lines().size() > before);
                assertThat(warnings.lines().get(before).toLowerCase(java.util.Locale.ROOT))
                        .contains("cluster peer: tls with 127.0.0.1:" + server.port + " failed: ")
                        .contains(reason);
            }
        }
    }

    /** A session that fails may end with a reset. */
    private static String ended(Wire wire) throws Exception {
        try {
            return wire.rest();
        } catch (java.net.SocketException reset) {
            return "";
        }
    }

    /** Istio's names have underscores, and are no host names to the JDK. */
    @Test
    void theServerNameIsSentByBothLibraries() throws Exception {
        for (boolean http : new boolean[] {true, false}) {
            java.util.concurrent.CompletableFuture<String> hello = new java.util.concurrent.CompletableFuture<>();
            Backend server = rig.with(new Backend((socket, in, out) ->
                    hello.complete(new String(in.readNBytes(250), java.nio.charset.StandardCharsets.ISO_8859_1))));
            try (Wire wire = new Wire(new java.net.Socket("127.0.0.1", upstream(http, server.port(), false)))) {
                wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                assertThat(hello.get(10, java.util.concurrent.TimeUnit.SECONDS))
                        .contains("outbound_.80_._.frontend.shop");
            }
        }
    }
}
