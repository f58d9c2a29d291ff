package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.ClusterEndpoints.Endpoint;
import lateen.decision.config.ClusterEndpoints.Health;
import lateen.decision.config.ClusterEndpoints.Locality;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ListenerConfig.Sockets;
import lateen.decision.config.ProxyConfig;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.testing.RealProgram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What listeners listen on, and what hosts are reached by. */
class SocketsTest {
    private final Rig rig = new Rig();

    @TempDir
    private Path folder;

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static ListenerConfig http(String name, Sockets sockets, SocketAddr... addresses) {
        ListenerConfig plain = Configs.listener(
                name, Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.http(Configs.everythingTo("app"))));
        return new ListenerConfig(
                name,
                List.of(addresses),
                true,
                false,
                plain.direction(),
                plain.inspectors(),
                plain.filterChains(),
                null,
                List.of(),
                sockets);
    }

    private static ProxyConfig config(int app, ListenerConfig... listeners) {
        return Configs.of(List.of(listeners), Configs.cluster("app", null, app));
    }

    private static ClusterConfig unixCluster(String path) {
        ClusterConfig plain = Configs.cluster("app", null, 1);
        return Edited.with(
                plain,
                "staticEndpoints",
                new ClusterEndpoints(
                        "app",
                        List.of(new Locality(
                                "",
                                "",
                                "",
                                0,
                                1,
                                List.of(new Endpoint(SocketAddr.unix(path), "", Health.HEALTHY, 1, "", ""))))),
                "sourceAddress",
                IpAddress.parse("127.0.0.6"));
    }

    private static String get(Path socket) throws Exception {
        return curl("--unix-socket", socket.toString());
    }

    private static String curl(String... how) throws Exception {
        List<String> command = new java.util.ArrayList<>(
                List.of(RealProgram.packaged("curl").toString(), "--silent", "--max-time", "10"));
        command.addAll(List.of(how));
        command.add("http://catalog/");
        Process curl = new ProcessBuilder(command).start();
        String said = new String(curl.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(curl.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void aListenerMayHaveAUnixSocket() throws Exception {
        Backend app = rig.with(Backend.echoing());
        Path path = folder.resolve("in.sock");
        SocketAddr address = SocketAddr.unix(path.toString());
        Proxy proxy = rig.proxy(config(
                app.port(), http("in", new Sockets(false, false, false, 0, Set.of(), Map.of(address, 0620)), address)));
        assertThat(get(path)).startsWith("GET / HTTP/1.1").doesNotContain("x-forwarded-for: -");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw--w----");
        Rig.apply(proxy, config(app.port()));
        org.awaitility.Awaitility.await().until(() -> !Files.exists(path));
    }

    @Test
    void anAbstractNameIsASocketToo() throws Exception {
        Backend app = rig.with(Backend.echoing());
        String name = "lateen-test-" + ProcessHandle.current().pid();
        rig.proxy(config(app.port(), http("in", Sockets.DEFAULT, SocketAddr.unix("@" + name))));
        assertThat(curl("--abstract-unix-socket", name)).startsWith("GET / HTTP/1.1");
    }

    @Test
    void whatADeadProcessLeftBehindIsReplacedAndNothingElse() throws Exception {
        Backend app = rig.with(Backend.echoing());
        Path stale = folder.resolve("stale.sock");
        try (ServerSocketChannel earlier = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            earlier.bind(UnixDomainSocketAddress.of(stale));
        }
        Proxy proxy = rig.proxy(config(app.port(), http("in", Sockets.DEFAULT, SocketAddr.unix(stale.toString()))));
        assertThat(get(stale)).startsWith("GET / HTTP/1.1");
        assertThat(rejection(
                        proxy,
                        config(
                                app.port(),
                                http("in", Sockets.DEFAULT, SocketAddr.unix(stale.toString())),
                                http("other", Sockets.DEFAULT, SocketAddr.unix(stale.toString())))))
                .contains("listener 'other'", stale.toString(), "in use");
        Path file = Files.writeString(folder.resolve("precious"), "text");
        assertThat(rejection(
                        proxy, config(app.port(), http("file", Sockets.DEFAULT, SocketAddr.unix(file.toString())))))
                .contains("is no socket");
        assertThat(file).hasContent("text");
        assertThat(get(stale)).startsWith("GET / HTTP/1.1");
    }

    private static String rejection(Proxy proxy, ProxyConfig config) throws Exception {
        Proxy.Acceptance acceptance = proxy.accept(config).toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(acceptance).isInstanceOf(Proxy.Acceptance.Rejected.class);
        return String.valueOf(((Proxy.Acceptance.Rejected) acceptance).reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "tcp"})
    void aHostMayHaveAUnixSocket(String by) throws Exception {
        Path path = folder.resolve("app.sock");
        ServerSocketChannel app = rig.with(ServerSocketChannel.open(StandardProtocolFamily.UNIX));
        app.bind(UnixDomainSocketAddress.of(path));
        Thread.ofVirtual().start(() -> {
            while (app.isOpen()) {
                try (SocketChannel socket = app.accept()) {
                    InputStream in = Channels.newInputStream(socket);
                    OutputStream out = Channels.newOutputStream(socket);
                    Wire.head(in);
                    out.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nunix".getBytes(StandardCharsets.US_ASCII));
                    in.readAllBytes();
                } catch (Exception ended) {
                    // The test looks at what came back.
                }
            }
        });
        Proxy proxy = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "in",
                        Configs.NO_INSPECTORS,
                        Configs.chain(
                                "c",
                                null,
                                by.equals("tcp") ? Configs.tcp("app") : Configs.http(Configs.everythingTo("app"))))),
                unixCluster(path.toString())));
        try (Wire wire = new Wire(Rig.address(proxy, "in"))) {
            assertThat(wire.get("/")).startsWith("HTTP/1.1 200").endsWith("unix");
        }
    }

    @Test
    void aHostThatIsNotThereIsAFailureLikeAnyOther() throws Exception {
        Proxy proxy = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "in",
                        Configs.NO_INSPECTORS,
                        Configs.chain("c", null, Configs.http(Configs.everythingTo("app"))))),
                unixCluster(folder.resolve("nothing.sock").toString())));
        try (Wire wire = new Wire(Rig.address(proxy, "in"))) {
            assertThat(wire.get("/")).startsWith("HTTP/1.1 503");
        }
    }

    private static String reached(String address, int port) throws Exception {
        try (Wire wire = new Wire(new Socket(InetAddress.getByName(address), port))) {
            return wire.get("/").substring(0, 12);
        }
    }

    private static int free() throws Exception {
        try (ServerSocket free = new ServerSocket()) {
            free.bind(new InetSocketAddress("::", 0));
            return free.getLocalPort();
        }
    }

    private static SocketAddr at(String ip, int port) {
        return new SocketAddr(IpAddress.parse(ip), port);
    }

    @Test
    void oneIpv6SocketServesBothFamiliesWhereAsked() throws Exception {
        Backend app = rig.with(Backend.echoing());
        int port = free();
        Sockets dual = new Sockets(false, false, false, 0, Set.of(at("::", port)), Map.of());
        rig.proxy(config(app.port(), http("in", dual, at("::", port))));
        assertThat(reached("127.0.0.1", port)).isEqualTo("HTTP/1.1 200");
        assertThat(reached("::1", port)).isEqualTo("HTTP/1.1 200");
    }

    @Test
    void eachFamilyHasItsOwnSocketOtherwise() throws Exception {
        Backend app = rig.with(Backend.echoing());
        int port = free();
        Path path = folder.resolve("third.sock");
        rig.proxy(config(
                app.port(),
                http("in", Sockets.DEFAULT, at("::", port), at("0.0.0.0", port), SocketAddr.unix(path.toString()))));
        assertThat(reached("127.0.0.1", port)).isEqualTo("HTTP/1.1 200");
        assertThat(reached("::1", port)).isEqualTo("HTTP/1.1 200");
        assertThat(get(path)).startsWith("GET / HTTP/1.1");
        int only = free();
        rig.proxy(config(app.port(), http("in", Sockets.DEFAULT, at("::", only))));
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> reached("127.0.0.1", only))
                .isInstanceOf(java.net.ConnectException.class);
    }

    @Test
    void aPortIsSharedOnlyByThoseThatSayTheyShareIt() throws Exception {
        Backend app = rig.with(Backend.echoing());
        int port = free();
        Sockets shared = new Sockets(false, false, true, 0, Set.of(), Map.of());
        rig.proxy(config(app.port(), http("in", shared, at("127.0.0.1", port))));
        rig.proxy(config(app.port(), http("in", shared, at("127.0.0.1", port))));
        Proxy third = rig.proxy(config(app.port()));
        assertThat(rejection(third, config(app.port(), http("in", Sockets.DEFAULT, at("127.0.0.1", port)))))
                .contains("another program listens there");
    }

    @Test
    void aListenerMayWaitForAnAddressThatIsNotThereYet() throws Exception {
        Backend app = rig.with(Backend.echoing());
        int port = free();
        Proxy proxy = rig.proxy(config(app.port()));
        assertThat(rejection(proxy, config(app.port(), http("in", Sockets.DEFAULT, at("192.0.2.7", port)))))
                .contains("this machine has no such address");
        Rig.apply(
                proxy,
                config(
                        app.port(),
                        http("in", new Sockets(false, true, false, 0, Set.of(), Map.of()), at("192.0.2.7", port))));
    }

    @Test
    void theQueueOfConnectionsIsAsLongAsAsked() throws Exception {
        Backend app = rig.with(Backend.echoing());
        int port = free();
        Proxy proxy = rig.proxy(config(
                app.port(),
                http("in", new Sockets(false, false, false, 77, Set.of(), Map.of()), at("127.0.0.1", port))));
        Process ss = new ProcessBuilder(RealProgram.packaged("ss").toString(), "-Hlnt", "sport = :" + port).start();
        assertThat(new String(ss.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                .containsPattern("LISTEN +0 +77 ");
        assertThat(rejection(
                        proxy,
                        config(
                                app.port(),
                                http(
                                        "in",
                                        new Sockets(false, false, false, 78, Set.of(), Map.of()),
                                        at("127.0.0.1", port)))))
                .contains("listener 'in': how it listens on 127.0.0.1:" + port + " cannot change while it does");
    }
}
