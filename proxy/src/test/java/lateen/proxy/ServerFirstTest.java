package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import lateen.decision.config.DownstreamTls;
import lateen.decision.config.FilterChainConfig;
import lateen.decision.config.FilterChainMatch;
import lateen.decision.config.ListenerConfig.Inspectors;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.RbacConfig;
import lateen.decision.config.StringMatcher;
import lateen.decision.config.TlsValidation;
import lateen.decision.config.TlsVersion;
import lateen.testing.TestAuthority;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Listeners that inspect first bytes, before servers and clients of which either may speak first, or late. */
class ServerFirstTest {
    /** As Istio sets it where protocols are detected: for ever, and then go on. */
    private static final Inspectors PATIENT = new Inspectors(false, true, true, Duration.ZERO, true);

    private static final String GREETING = "220 mail.example.com ESMTP\r\n";

    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static FilterChainConfig chain(String name, String transport, String protocol, NetworkFilter... filters) {
        return new FilterChainConfig(
                name,
                new FilterChainMatch(
                        0,
                        Set.of(),
                        Set.of(),
                        transport,
                        protocol.isEmpty() ? Set.of() : Set.of(protocol),
                        Set.of(),
                        FilterChainMatch.SourceType.ANY,
                        Set.of(),
                        Set.of()),
                null,
                List.of(filters));
    }

    private static FilterChainConfig secured(FilterChainConfig chain) {
        DownstreamTls tls = new DownstreamTls(
                "default",
                new TlsValidation(null, List.of()),
                false,
                List.of(),
                TlsVersion.TLS_1_2,
                TlsVersion.TLS_1_3);
        return new FilterChainConfig(chain.name(), chain.match(), tls, chain.filters());
    }

    private InetSocketAddress listener(Inspectors inspectors, int app, FilterChainConfig... chains) throws Exception {
        Proxy proxy = rig.proxy(Configs.of(
                List.of(Configs.listener("in", inspectors, chains)),
                Configs.cluster("app", null, app),
                Configs.cluster("web", null, app)));
        TcpTest.secrets(proxy, new TestAuthority("root"), "catalog");
        return Rig.address(proxy, "in");
    }

    private InetSocketAddress plain(Inspectors inspectors, int app) throws Exception {
        return listener(
                inspectors,
                app,
                chain("http", "raw_buffer", "http/1.1", Configs.http(Configs.everythingTo("web"))),
                secured(chain("tls", "tls", "", Configs.tcp("app"))),
                chain("tcp", "raw_buffer", "", Configs.tcp("app")));
    }

    private static long firstByte(InetSocketAddress to) throws Exception {
        long from = System.nanoTime();
        try (Wire wire = new Wire(to)) {
            assertThat(wire.in.read()).isEqualTo('2');
            return System.nanoTime() - from;
        }
    }

    private Backend greeting() throws Exception {
        return rig.with(new Backend((socket, in, out) -> {
            out.write(GREETING.getBytes());
            byte[] line = new byte[100];
            for (int n = in.read(line); n > 0; n = in.read(line)) {
                out.write("250 ".getBytes());
                out.write(line, 0, n);
            }
        }));
    }

    /** One that says back what it hears, and nothing before. */
    private Backend echo() throws Exception {
        return rig.with(new Backend((socket, in, out) -> in.transferTo(out)));
    }

    @Test
    void aGreetingComesLessThanFiveMillisecondsLaterThanWithoutAProxy() throws Exception {
        Backend app = greeting();
        InetSocketAddress direct = new InetSocketAddress("127.0.0.1", app.port());
        InetSocketAddress proxied = plain(PATIENT, app.port());
        int rounds = 201;
        long[] without = new long[rounds];
        long[] with = new long[rounds];
        for (int i = 0; i < rounds; i++) {
            without[i] = firstByte(direct);
            with[i] = firstByte(proxied);
        }
        Arrays.sort(without);
        Arrays.sort(with);
        double extra = (with[rounds / 2] - without[rounds / 2]) / 1e6;
        System.out.printf(
                "greeting: median %.2f ms direct, %.2f ms proxied, 95th %.2f and %.2f ms%n",
                without[rounds / 2] / 1e6,
                with[rounds / 2] / 1e6,
                without[rounds * 95 / 100] / 1e6,
                with[rounds * 95 / 100] / 1e6);
        assertThat(extra).isLessThan(5);
    }

    @Test
    void aRealMailServerIsTalkedTo() throws Exception {
        SmtpServer mail = rig.with(new SmtpServer());
        try (Wire wire = new Wire(plain(PATIENT, mail.port))) {
            assertThat(line(wire)).startsWith("220 ");
            assertThat(line(wire.send("EHLO client.example.com\r\n"))).startsWith("250-");
            assertThat(line(wire)).startsWith("250-SIZE");
            assertThat(line(wire)).startsWith("250-8BITMIME");
            assertThat(line(wire)).startsWith("250 HELP");
            assertThat(line(wire.send("QUIT\r\n"))).startsWith("221 ");
            assertThat(wire.in.read()).isEqualTo(-1);
        }
    }

    private static String line(Wire wire) throws Exception {
        StringBuilder line = new StringBuilder();
        for (int b = wire.in.read(); b >= 0 && b != '\n'; b = wire.in.read()) {
            line.append((char) b);
        }
        return line.toString();
    }

    @Test
    void aServerThatGreetsAndLeavesIsHeardToTheEnd() throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> out.write("2 too many connections".getBytes())));
        InetSocketAddress proxied = plain(PATIENT, app.port());
        for (int i = 0; i < 50; i++) {
            try (Wire wire = new Wire(proxied)) {
                assertThat(wire.rest()).isEqualTo("2 too many connections");
            }
        }
    }

    @Test
    void aClientThatOnlyListensIsGreetedToo() throws Exception {
        Backend app = greeting();
        try (Wire wire = new Wire(plain(PATIENT, app.port()))) {
            wire.socket.shutdownOutput();
            assertThat(wire.rest()).isEqualTo(GREETING);
        }
    }

    private static SSLSocket handshake(java.net.Socket plain) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new javax.net.ssl.TrustManager[] {new AcceptsAll()}, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", 0, true);
        socket.startHandshake();
        return socket;
    }

    @Test
    void aClientHelloThatComesLateAndByteByByteIsTls() throws Exception {
        Backend app = echo();
        InetSocketAddress proxied = plain(PATIENT, app.port());
        ByteByByteSocket plain = rig.with(new ByteByByteSocket(proxied));
        Awaitility.await().until(() -> app.connections.get() == 1);
        SSLSocket secured = rig.with(handshake(plain));
        secured.getOutputStream().write("hello".getBytes());
        assertThat(new String(secured.getInputStream().readNBytes(5))).isEqualTo("hello");
        assertThat(app.connections)
                .as("the connection made for a silent client served it")
                .hasValue(1);
    }

    @Test
    void anHttpRequestThatComesLateIsHttp() throws Exception {
        CompletableFuture<Integer> unused = new CompletableFuture<>();
        Backend app = rig.with(new Backend((socket, in, out) -> {
            String head = Wire.head(in);
            if (head.isEmpty()) {
                unused.complete(0);
            } else {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes());
            }
        }));
        ByteByByteSocket late = rig.with(new ByteByByteSocket(plain(PATIENT, app.port())));
        Awaitility.await().until(() -> app.connections.get() == 1);
        late.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes());
        assertThat(Wire.head(late.getInputStream())).startsWith("HTTP/1.1 200 OK");
        unused.get(10, TimeUnit.SECONDS);
        assertThat(app.connections).hasValue(2);
    }

    @Test
    void aClientThatHasBegunToSpeakIsNotOvertakenByTheServer() throws Exception {
        CompletableFuture<Void> speak = new CompletableFuture<>();
        Backend app = rig.with(new Backend((socket, in, out) -> {
            speak.get();
            out.write("2".getBytes());
            in.transferTo(out);
        }));
        InetSocketAddress proxied = plain(PATIENT, app.port());
        try (Wire wire = new Wire(proxied)) {
            Awaitility.await().until(() -> app.connections.get() == 1);
            wire.send("GE");
            // The proxy has read it once this other connection, of the same two loops, was served twice each.
            for (int i = 0; i < 4; i++) {
                try (Wire other = new Wire(proxied)) {
                    other.send("HELO there\n");
                    Awaitility.await().until(() -> app.connections.get() > 1);
                }
            }
            speak.complete(null);
            wire.socket.setSoTimeout(300);
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> wire.in.read())
                    .isInstanceOf(java.net.SocketTimeoutException.class);
            wire.socket.setSoTimeout(10_000);
            wire.send("XX nonsense\n");
            assertThat(line(wire)).isEqualTo("2GEXX nonsense");
        }
    }

    @Test
    void whoIsNotAdmittedCausesNoConnection() throws Exception {
        Backend app = greeting();
        InetSocketAddress proxied = listener(
                new Inspectors(false, true, true, Duration.ofMillis(200), true),
                app.port(),
                chain(
                        "tcp",
                        "raw_buffer",
                        "",
                        new NetworkFilter.Rbac("rbac", Configs.allowOnly("p", "frontend")),
                        Configs.tcp("app")));
        try (Wire wire = new Wire(proxied)) {
            assertThat(wire.rest()).isEmpty();
        }
        assertThat(app.connections).hasValue(0);
    }

    @Test
    void policiesThatAskForTheServerNameWaitForIt() throws Exception {
        LinkedHashMap<String, RbacConfig.Policy> policies = new LinkedHashMap<>();
        policies.put(
                "sni",
                new RbacConfig.Policy(
                        List.of(new RbacConfig.Permission.Not(
                                new RbacConfig.Permission.RequestedServerName(new StringMatcher.Exact("evil", false)))),
                        List.of(new RbacConfig.Principal.Any())));
        Backend app = greeting();
        InetSocketAddress proxied = listener(
                new Inspectors(false, true, true, Duration.ofMillis(300), true),
                app.port(),
                chain(
                        "tcp",
                        "",
                        "",
                        new NetworkFilter.Rbac("rbac", new RbacConfig(RbacConfig.Action.ALLOW, policies)),
                        Configs.tcp("app")));
        long took = firstByte(proxied);
        assertThat(Duration.ofNanos(took)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void whereSilentClientsAreRefusedNothingIsDialledForThem() throws Exception {
        Backend app = greeting();
        InetSocketAddress proxied = plain(new Inspectors(false, true, true, Duration.ofMillis(200), false), app.port());
        try (Wire wire = new Wire(proxied)) {
            assertThat(wire.rest()).isEmpty();
        }
        assertThat(app.connections).hasValue(0);
    }

    @Test
    void aClientThatSpeaksAtOnceCausesOneConnection() throws Exception {
        Backend app = rig.with(Backend.echoing());
        InetSocketAddress proxied = plain(PATIENT, app.port());
        for (int i = 0; i < 20; i++) {
            try (Wire wire = new Wire(proxied)) {
                assertThat(wire.get("/")).startsWith("HTTP/1.1 200");
            }
        }
        // Two loops, each with a pool of its own; now and then a client is slower than it should be on a busy machine.
        assertThat(app.connections.get()).isLessThan(12);
    }

    /** Who is on the other side is not what is tested here. */
    private static final class AcceptsAll implements javax.net.ssl.X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
