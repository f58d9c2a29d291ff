package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lateen.decision.config.OverloadConfig;
import lateen.proxy.admin.AdminLimits;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Many connections on which nothing happens, through a proxy in a process of its own with the memory of a sidecar, while
 * others are served. {@code -Dlateen.idle=10000}: so many of HTTP, half as many of TCP.
 */
class IdleConnectionsTest {
    private static final int HTTP = Integer.getInteger("lateen.idle", 1000);
    private static final int TCP = HTTP / 2;
    private static final String REQUEST = "GET /idle HTTP/1.1\r\nHost: a\r\n\r\n";

    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    /** More connections than such a small process takes by itself. */
    private static final OverloadConfig MANY = new OverloadConfig(
            Duration.ofSeconds(1), List.of(new OverloadConfig.Monitor.Connections("many", 100_000)), List.of());

    /** The proxy: listeners {@code http} and {@code tcp} before one application each. */
    static final class Child {
        private Child() {}

        /** Arguments: ports of the applications. Prints the ports of listeners and administration, ends with its input. */
        public static void main(String[] ports) throws Exception {
            Proxy proxy = Proxy.start(ProxySettings.defaults().withOverload(MANY));
            proxy.accept(Configs.of(
                            List.of(
                                    Configs.listener(
                                            "http",
                                            Configs.NO_INSPECTORS,
                                            Configs.chain("c", null, Configs.http(Configs.everythingTo("web")))),
                                    Configs.listener(
                                            "tcp",
                                            Configs.NO_INSPECTORS,
                                            Configs.chain("c", null, Configs.tcp("raw")))),
                            Configs.cluster("web", null, Integer.parseInt(ports[0])),
                            Configs.cluster(
                                    "raw",
                                    lateen.decision.config.ClusterConfig.Discovery.STATIC,
                                    null,
                                    new lateen.decision.config.ClusterConfig.CircuitBreakers(
                                            Long.MAX_VALUE, 1024, 1024, 3),
                                    Integer.parseInt(ports[1]))))
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
            AdminRig admin = new AdminRig(proxy, AdminLimits.DEFAULT);
            System.out.println(Rig.address(proxy, "http").getPort() + " "
                    + Rig.address(proxy, "tcp").getPort() + " "
                    + admin.addresses().getFirst().getPort());
            while (System.in.read() >= 0) {
                // Until the test ends.
            }
            System.exit(0);
        }
    }

    /** The child's process and where it listens. */
    private record Running(Process process, InetSocketAddress http, InetSocketAddress tcp, InetSocketAddress admin)
            implements AutoCloseable {
        @Override
        public void close() throws Exception {
            process.getOutputStream().close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }

        long stat(String name) throws IOException {
            try (Wire wire = new Wire(admin)) {
                return wire.send("GET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .response()
                        .lines()
                        .filter(line -> line.contains(name + ": "))
                        .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                        .sum();
            }
        }

        long residentKib() throws IOException {
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .sum();
        }

        int descriptors() throws IOException {
            try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
                return (int) open.count();
            }
        }
    }

    private Running start() throws Exception {
        // In one piece, so that a client that has read something has read all.
        Backend web = rig.with(new Backend((socket, in, out) -> {
            while (!Wire.head(in).isEmpty()) {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
            }
        }));
        Backend raw = rig.with(new Backend((socket, in, out) -> {
            int b;
            while ((b = in.read()) >= 0) {
                out.write(b);
            }
        }));
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xss256k",
                "-Xms24m",
                "-Xmx48m",
                "-Xmn10m",
                "-XX:TrimNativeHeapInterval=3000",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                Integer.toString(web.port()),
                Integer.toString(raw.port()));
        builder.environment().put("MALLOC_ARENA_MAX", "1");
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String[] ports = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))
                .readLine()
                .split(" ");
        return rig.with(new Running(process, loopback(ports[0]), loopback(ports[1]), loopback(ports[2])));
    }

    private static InetSocketAddress loopback(String port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }

    private static void exchange(SocketChannel channel, String message) throws IOException {
        channel.write(ByteBuffer.wrap(message.getBytes(StandardCharsets.US_ASCII)));
        assertThat(channel.read(ByteBuffer.allocate(4096))).isPositive();
    }

    private static List<SocketChannel> open(InetSocketAddress to, int count, String message) throws IOException {
        List<SocketChannel> open = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            SocketChannel channel = SocketChannel.open(to);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            exchange(channel, message);
            open.add(channel);
        }
        return open;
    }

    private static void served(Running proxy) throws IOException {
        for (int i = 0; i < 20; i++) {
            try (Wire wire = new Wire(proxy.http)) {
                for (int n = 0; n < 20; n++) {
                    assertThat(wire.get("/" + n)).startsWith("HTTP/1.1 200");
                }
            }
        }
    }

    private static void held(String kind, InetSocketAddress to, int count, String message, long mostKib, Running proxy)
            throws Exception {
        // Once before, so that what is made once is there; and for comparison.
        for (SocketChannel each : open(to, 50, message)) {
            each.close();
        }
        served(proxy);
        gone(proxy);
        int descriptors = proxy.descriptors();
        long before = proxy.residentKib();
        List<SocketChannel> idle = open(to, count, message);
        assertThat(proxy.stat("downstream_cx_active")).isEqualTo(count);
        served(proxy);
        double each = (double) (proxy.residentKib() - before) / count;
        System.out.printf(
                "%d idle %s connections: %d KiB resident before, %.1f KiB for each%n", count, kind, before, each);
        assertThat(each).isLessThan(mostKib);
        // They still work, every one of them.
        for (SocketChannel channel : idle) {
            exchange(channel, message);
        }
        for (SocketChannel channel : idle) {
            channel.close();
        }
        gone(proxy);
        served(proxy);
        // A few connections to the application are kept.
        Awaitility.await().until(() -> proxy.descriptors() <= descriptors + 8);
        assertThat(proxy.stat("lateen_buffers_used_bytes")).isLessThan(256 * 1024);
    }

    private static void gone(Running proxy) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> proxy.stat("downstream_cx_active") == 0);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> proxy.stat("cluster.raw.upstream_cx_active") == 0);
    }

    @Test
    void idleHttpConnectionsCostLittleAndLeaveNothing() throws Exception {
        Running proxy = start();
        held("HTTP", proxy.http, HTTP, REQUEST, 12, proxy);
    }

    @Test
    void idleTcpConnectionsCostLittleAndLeaveNothing() throws Exception {
        Running proxy = start();
        held("TCP", proxy.tcp, TCP, "ping", 24, proxy);
    }
}
