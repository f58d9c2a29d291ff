package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.FilterChainConfig;
import lateen.decision.config.FilterChainMatch;
import lateen.decision.config.ListenerConfig.Inspectors;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.OutboundProxyProtocol;
import lateen.decision.config.ProxyProtocol;
import lateen.decision.config.ProxyProtocol.Kept;
import lateen.decision.config.ProxyProtocol.Tlv;
import lateen.decision.config.UpstreamTls;
import lateen.decision.net.Cidr;
import lateen.testing.RealProgram;
import lateen.testing.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers of the PROXY protocol, in and out, with haproxy, curl and Envoy at the other end. */
class ProxyProtocolTest {
    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static Inspectors taking(boolean optional, Kept kept) {
        return new Inspectors(
                false, true, true, Duration.ofSeconds(10), true, new ProxyProtocol(optional, Set.of(), kept), null);
    }

    private static ClusterConfig cluster(String name, UpstreamTls tls, OutboundProxyProtocol header, int port) {
        ClusterConfig plain = Configs.cluster(name, tls, port);
        return Edited.with(plain, "proxyProtocol", header);
    }

    private InetSocketAddress httpBehindHeader(boolean optional) throws Exception {
        Backend app = rig.with(Backend.echoing());
        return Rig.address(
                rig.proxy(Configs.of(
                        List.of(Configs.listener(
                                "in",
                                taking(optional, Kept.NONE),
                                Configs.chain("c", null, Configs.http(Configs.everythingTo("app"))))),
                        Configs.cluster("app", null, app.port()))),
                "in");
    }

    /** From an address of its own, so that it can be told from all others. */
    private static Wire from(String address, InetSocketAddress to) throws Exception {
        return new Wire(new Socket("127.0.0.1", to.getPort(), InetAddress.getByName(address), 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options unique-id,crc32c"})
    void haproxyTellsWhoAsks(String words) throws Exception {
        HaProxy front = rig.with(new HaProxy("", httpBehindHeader(false).getPort(), words.replace("unique-id,", "")));
        try (Wire wire = from("127.0.0.5", new InetSocketAddress("127.0.0.1", front.port))) {
            // The first is haproxy's own word, the second this proxy's, which sees haproxy at the other end.
            assertThat(wire.get("/")).containsPattern("x-forwarded-for: 127.0.0.5, ?127.0.0.5\r");
        }
    }

    @Test
    void curlTellsWhoAsks() throws Exception {
        Process curl = new ProcessBuilder(
                        RealProgram.packaged("curl").toString(),
                        "--silent",
                        "--max-time",
                        "10",
                        "--haproxy-protocol",
                        "--interface",
                        "127.0.0.6",
                        "http://127.0.0.1:" + httpBehindHeader(false).getPort() + "/")
                .start();
        assertThat(new String(curl.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                .contains("x-forwarded-for: 127.0.0.6");
        assertThat(curl.waitFor()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void haproxyIsToldWhoAsks(int version) throws Exception {
        Backend app = rig.with(Backend.echoing());
        HaProxy back = rig.with(new HaProxy("accept-proxy", app.port(), ""));
        OutboundProxyProtocol header = new OutboundProxyProtocol(version, Kept.NONE, List.of());
        Proxy proxy = rig.proxy(Configs.of(
                List.of(
                        Configs.listener("tcp", Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.tcp("back"))),
                        Configs.listener(
                                "http",
                                Configs.NO_INSPECTORS,
                                Configs.chain("c", null, Configs.http(Configs.everythingTo("back"))))),
                cluster("back", null, header, back.port)));
        for (String client : List.of("127.0.0.7", "127.0.0.8", "127.0.0.7")) {
            try (Wire tcp = from(client, Rig.address(proxy, "tcp"));
                    Wire http = from(client, Rig.address(proxy, "http"))) {
                assertThat(tcp.get("/")).containsIgnoringCase("x-forwarded-for: " + client + "\r");
                // Each client has connections of its own, or one would speak in the other's name. The first line is
                // this proxy's, the second haproxy's, which knows the client by the header alone.
                assertThat(http.get("/"))
                        .containsIgnoringCase("x-forwarded-for: " + client + "\r")
                        .doesNotContain(client.endsWith("7") ? "127.0.0.8" : "127.0.0.7");
            }
        }
    }

    /** Bytes as they come, to the end; the client sends none of its own. */
    private static CompletableFuture<String> header(ServerSocket server) {
        CompletableFuture<String> header = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (Socket socket = server.accept()) {
                socket.setSoTimeout(10_000);
                header.complete(HexFormat.of().formatHex(socket.getInputStream().readAllBytes()));
            } catch (Exception e) {
                header.completeExceptionally(e);
            }
        });
        return header;
    }

    private static String sent(ServerSocket app, int proxy, String client) throws Exception {
        CompletableFuture<String> header = header(app);
        try (Socket socket = new Socket("127.0.0.1", proxy, InetAddress.getByName(client), 0)) {
            socket.shutdownOutput();
            String hex = header.get(10, TimeUnit.SECONDS);
            // Ports differ from run to run.
            return hex.replace(ascii(socket.getLocalPort()), "[client]")
                    .replace(ascii(proxy), "[proxy]")
                    .replace(HexFormat.of().toHexDigits((short) socket.getLocalPort()), "[client]")
                    .replace(HexFormat.of().toHexDigits((short) proxy), "[proxy]");
        }
    }

    private static String ascii(int port) {
        return HexFormat.of().formatHex(String.valueOf(port).getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void hostsAreToldTheSameAsByEnvoy(int version) throws Exception {
        try (ServerSocket app = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Proxy proxy = rig.proxy(Configs.of(
                    List.of(Configs.listener(
                            "tcp", Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.tcp("app")))),
                    cluster(
                            "app",
                            null,
                            new OutboundProxyProtocol(version, Kept.NONE, List.of()),
                            app.getLocalPort())));
            int admin = free();
            int port = free();
            Path folder = Files.createTempDirectory("envoy-pp");
            Path bootstrap = Files.writeString(
                    folder.resolve("envoy.json"), """
                    {"admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":%d}}},
                     "static_resources":{"listeners":[{"name":"tcp","address":{"socket_address":{"address":"127.0.0.1","port_value":%d}},
                      "filter_chains":[{"filters":[{"name":"tcp","typed_config":{
                       "@type":"type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                       "stat_prefix":"tcp","cluster":"app"}}]}]}],
                     "clusters":[{"name":"app","type":"STATIC","load_assignment":{"cluster_name":"app","endpoints":[{"lb_endpoints":[
                       {"endpoint":{"address":{"socket_address":{"address":"127.0.0.1","port_value":%d}}}}]}]},
                      "transport_socket":{"name":"pp","typed_config":{
                       "@type":"type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport",
                       "config":{"version":"V%d"},"transport_socket":{"name":"raw","typed_config":{
                        "@type":"type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"}}}}}]}}
                    """.formatted(admin, port, app.getLocalPort(), version));
            try (RealEnvoy ignored = new RealEnvoy(bootstrap, admin)) {
                String envoys = sent(app, port, "127.0.0.9");
                assertThat(envoys).isNotEmpty();
                assertThat(sent(app, Rig.address(proxy, "tcp").getPort(), "127.0.0.9"))
                        .isEqualTo(envoys);
            }
        }
    }

    private static int free() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    @Test
    void additionsThatAreToBePassedArePassed() throws Exception {
        try (ServerSocket app = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Proxy proxy = rig.proxy(Configs.of(
                    List.of(Configs.listener(
                            "in",
                            taking(false, new Kept(false, Set.of(0xea, 0xeb))),
                            Configs.chain("c", null, Configs.tcp("app")))),
                    cluster(
                            "app",
                            null,
                            new OutboundProxyProtocol(
                                    2,
                                    new Kept(true, Set.of()),
                                    List.of(new Tlv(0xeb, "own"), new Tlv(0xf0, "\u00ff"))),
                            app.getLocalPort())));
            CompletableFuture<String> header = header(app);
            try (Wire wire = new Wire(Rig.address(proxy, "in"))) {
                String fixed = "0d0a0d0a000d0a515549540a2111";
                String ends = "01020304050607080050" + "01bb";
                wire.socket
                        .getOutputStream()
                        .write(HexFormat.of()
                                .parseHex(fixed + "001b" + ends
                                        + "ea000141" // passed
                                        + "eb000142" // replaced
                                        + "ec000143" // not kept
                                        + "040000")); // padding
                wire.socket.shutdownOutput();
                assertThat(header.get(10, TimeUnit.SECONDS))
                        .isEqualTo(fixed + "001a" + ends + "eb00036f776e" + "f00001ff" + "ea000141");
            }
        }
    }

    @Test
    void tlsFollowsTheHeader() throws Exception {
        TestAuthority authority = new TestAuthority("root");
        Backend app = rig.with(Backend.echoing());
        Proxy inbound = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "in",
                        taking(false, Kept.NONE),
                        Configs.chain("c", Configs.serverTls(), Configs.http(Configs.everythingTo("app"))))),
                Configs.cluster("app", null, app.port())));
        TcpTest.secrets(inbound, authority, "catalog");
        Proxy outbound = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "out",
                        Configs.NO_INSPECTORS,
                        Configs.chain("c", null, Configs.http(Configs.everythingTo("peer"))))),
                cluster(
                        "peer",
                        Configs.clientTls("spiffe://cluster.local/ns/shop/sa/catalog"),
                        new OutboundProxyProtocol(2, Kept.NONE, List.of()),
                        Rig.address(inbound, "in").getPort())));
        TcpTest.secrets(outbound, authority, "frontend");
        try (Wire wire = from("127.0.0.10", Rig.address(outbound, "out"))) {
            assertThat(wire.get("/")).contains("x-forwarded-for: 127.0.0.10,127.0.0.10", "URI=spiffe://");
        }
    }

    /** The client that is told counts for chains and policies, the peer only where they ask for it. */
    @Test
    void chainsAndPoliciesSeeWhoAsks() throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> in.transferTo(out)));
        FilterChainConfig told = matching(
                new FilterChainMatch(
                        8443,
                        Set.of(),
                        Set.of(),
                        "",
                        Set.of(),
                        Set.of(Cidr.parse("127.0.0.0/8")),
                        FilterChainMatch.SourceType.EXTERNAL,
                        Set.of(Cidr.parse("203.0.113.0/24")),
                        Set.of(4711)),
                "app");
        InetSocketAddress at = Rig.address(
                rig.proxy(Configs.of(
                        List.of(Configs.listener("in", taking(false, Kept.NONE), told)),
                        Configs.cluster("app", null, app.port()))),
                "in");
        try (Wire wire = new Wire(at)) {
            wire.send("PROXY TCP4 203.0.113.9 198.51.100.1 4711 8443\r\nhello");
            wire.socket.shutdownOutput();
            assertThat(wire.rest()).isEqualTo("hello");
        }
        for (String other : List.of(
                "203.0.114.9 198.51.100.1 4711 8443",
                "203.0.113.9 198.51.100.1 4712 8443",
                "203.0.113.9 198.51.100.1 4711 8444",
                "127.0.0.1 198.51.100.1 4711 8443")) {
            try (Wire wire = new Wire(at)) {
                wire.send("PROXY TCP4 " + other + "\r\nhello\n");
                assertThat(wire.in.read()).as(other).isEqualTo(-1);
            }
        }
    }

    private static FilterChainConfig matching(FilterChainMatch match, String cluster) {
        return new FilterChainConfig("c", match, null, List.<NetworkFilter>of(Configs.tcp(cluster)));
    }

    @Test
    void whoTellsNothingIsServedOnlyWhereThatIsAllowed() throws Exception {
        try (Wire wire = new Wire(httpBehindHeader(true))) {
            assertThat(wire.get("/")).startsWith("HTTP/1.1 200");
        }
        InetSocketAddress strict = httpBehindHeader(false);
        try (Wire wire = new Wire(strict)) {
            assertThat(wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").in.read()).isEqualTo(-1);
        }
        try (Wire wire = new Wire(strict)) {
            for (char c : "PROXY TCP4 203.0.113.9 127.0.0.1 4711 8443\r\n".toCharArray()) {
                wire.send(String.valueOf(c));
            }
            assertThat(wire.get("/")).contains("x-forwarded-for: 203.0.113.9");
        }
    }

    @Test
    void aHeaderThatIsNeededIsNotForgottenWhenItDoesNotCome() throws Exception {
        Backend app = rig.with(Backend.echoing());
        InetSocketAddress at = Rig.address(
                rig.proxy(Configs.of(
                        List.of(Configs.listener(
                                "in",
                                new Inspectors(
                                        false,
                                        true,
                                        false,
                                        Duration.ofMillis(200),
                                        true,
                                        new ProxyProtocol(false, Set.of(), Kept.NONE),
                                        null),
                                Configs.chain("c", null, Configs.tcp("app")))),
                        Configs.cluster("app", null, app.port()))),
                "in");
        try (Wire wire = new Wire(at)) {
            assertThat(wire.in.read()).isEqualTo(-1);
        }
        assertThat(app.connections).hasValue(0);
    }
}
