package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterConfig.UpstreamHttp;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ProxyConfig;
import lateen.testing.RealProgram;
import lateen.testing.TestAuthority;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * All that a proxy carries at once – HTTP/1, HTTP/2, gRPC, mutual TLS, TCP, clients that go away in the middle – while its
 * configuration changes: no request fails, and memory, descriptors and threads are at the end what they were after the
 * first third. {@code -Dlateen.load=3600} is its long form, in seconds.
 */
class MixedLoadTest {
    private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("lateen.load", 20));
    private static final long MIB = 1 << 20;

    private final Rig rig = new Rig();
    private final long end = System.nanoTime() + LENGTH.toNanos();
    private final Map<String, LongAdder> done = new ConcurrentHashMap<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final List<Thread> clients = new ArrayList<>();
    /** Of the clients' own. */
    private final List<AutoCloseable> atTheEnd = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private interface Step {
        void run() throws Exception;
    }

    private void client(String name, Step step) {
        LongAdder count = done.computeIfAbsent(name, each -> new LongAdder());
        clients.add(Thread.ofVirtual().start(() -> {
            while (System.nanoTime() < end && failures.isEmpty()) {
                try {
                    step.run();
                    count.increment();
                } catch (Exception | AssertionError e) {
                    failures.add(name + " after " + count + ": " + e);
                }
            }
        }));
    }

    /** @param open descriptors of this process */
    private record Held(long heap, long direct, long open, int threads) {}

    private static Held held(Proxy proxy) throws IOException {
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return new Held(
                    heap,
                    gauge(proxy, "lateen_buffers_bytes"),
                    files.count(),
                    ManagementFactory.getThreadMXBean().getThreadCount());
        }
    }

    private static long gauge(Proxy proxy, String name) {
        StringBuilder text = new StringBuilder();
        proxy.stats().renderPrometheus(text);
        return text.toString()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static ListenerConfig http(String name, String cluster, Duration timeout) {
        return Configs.listener(
                name,
                Configs.NO_INSPECTORS,
                Configs.chain("c", null, Configs.http(Configs.everythingTo(cluster, timeout, null))));
    }

    /** @param turn what differs: a limit of the routes, a listener and a cluster */
    private ProxyConfig config(int app, int grpc, int tcp, int inbound, int turn) {
        Duration timeout = Duration.ofSeconds(15 + turn % 7);
        List<ListenerConfig> listeners = new ArrayList<>(List.of(
                http("http", "app", timeout),
                http("grpc", "grpc", timeout),
                http("out", "peer", timeout),
                Configs.listener("tcp", Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.tcp("tcp"))),
                Configs.listener(
                        "in",
                        Configs.NO_INSPECTORS,
                        Configs.chain(
                                "c", Configs.serverTls(), Configs.http(Configs.everythingTo("app", timeout, null))))));
        List<ClusterConfig> clusters = new ArrayList<>(List.of(
                Configs.cluster("app", null, app),
                Configs.speaking(UpstreamHttp.HTTP2, Configs.cluster("grpc", null, grpc)),
                Configs.cluster("tcp", null, tcp),
                Configs.cluster("peer", Configs.clientTls("spiffe://cluster.local/ns/shop/sa/catalog"), inbound)));
        if (turn % 2 == 1) {
            listeners.add(http("extra", "extra", timeout));
            clusters.add(Configs.cluster("extra", null, app));
        }
        return Configs.of(listeners, clusters.toArray(ClusterConfig[]::new));
    }

    /** Requests over one connection, which is opened anew now and then. */
    private void http1(String name, InetSocketAddress to) {
        Wire[] wire = new Wire[1];
        atTheEnd.add(() -> {
            if (wire[0] != null) {
                wire[0].close();
            }
        });
        int[] n = new int[1];
        client(name, () -> {
            if (wire[0] == null) {
                wire[0] = new Wire(to);
            }
            String body = "b".repeat(n[0] % 5000);
            wire[0].send(
                    "POST /" + n[0] + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            String answer = wire[0].response();
            assertThat(answer)
                    .startsWith("HTTP/1.1 200")
                    .contains("POST /" + n[0] + " ")
                    .endsWith(body);
            if (++n[0] % 50 == 0 || answer.contains("onnection: close")) {
                wire[0].close();
                wire[0] = null;
            }
        });
    }

    private void tcp(InetSocketAddress to) {
        client("tcp", () -> {
            try (Wire wire = new Wire(to)) {
                for (int i = 0; i < 20; i++) {
                    wire.send("ping" + i % 10);
                    assertThat(new String(wire.in.readNBytes(5), StandardCharsets.ISO_8859_1))
                            .isEqualTo("ping" + i % 10);
                }
            }
        });
    }

    private void grpc(InetSocketAddress to) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(to).usePlaintext().build();
        atTheEnd.add(() -> channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS));
        client("grpc", () -> {
            byte[] text = "hello".getBytes(StandardCharsets.UTF_8);
            assertThat(ClientCalls.blockingUnaryCall(channel, GrpcEcho.UNARY, CallOptions.DEFAULT, text))
                    .isEqualTo(text);
            var all = ClientCalls.blockingServerStreamingCall(
                    channel, GrpcEcho.DOWNLOAD, CallOptions.DEFAULT, "30".getBytes(StandardCharsets.UTF_8));
            int messages = 0;
            while (all.hasNext()) {
                all.next();
                messages++;
            }
            assertThat(messages).isEqualTo(30);
        });
    }

    private void http2(InetSocketAddress to) {
        String h2load = RealProgram.packaged("h2load").toString();
        client("h2load", () -> {
            Process process = new ProcessBuilder(
                            h2load, "-n", "500", "-c", "3", "-m", "20", "http://127.0.0.1:" + to.getPort() + "/h2")
                    .redirectErrorStream(true)
                    .start();
            String report = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            assertThat(report).contains("500 succeeded, 0 failed");
        });
    }

    /** Parts of requests, and of what is none, and a reset. */
    private void aborts(List<InetSocketAddress> to) {
        SplittableRandom random = new SplittableRandom(1);
        String request = "POST /gone HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(50_000);
        String http2 =
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0\0\0\4\1\4\0\0\0\1\u0082\u0086\u0084\u0041\1a";
        client("aborts", () -> {
            Wire wire = new Wire(to.get(random.nextInt(to.size())));
            String text = random.nextBoolean() ? request : http2;
            wire.send(text.substring(0, random.nextInt(text.length())));
            wire.socket.setSoLinger(true, 0);
            wire.close();
            LockSupport.parkNanos(3_000_000);
        });
    }

    @Test
    void nothingFailsAndNothingGrows() throws Exception {
        long before = held().open();
        Backend app = rig.with(Backend.echoing());
        GrpcEcho echo = rig.with(new GrpcEcho());
        Backend tcp = rig.with(new Backend((socket, in, out) -> in.transferTo(out)));
        Proxy proxy = rig.proxy(config(app.port(), echo.port(), tcp.port(), app.port(), 0));
        TcpTest.secrets(proxy, new TestAuthority("root"), "catalog");
        int inbound = Rig.address(proxy, "in").getPort();
        Rig.apply(proxy, config(app.port(), echo.port(), tcp.port(), inbound, 0));
        InetSocketAddress http = Rig.address(proxy, "http");

        http1("http1", http);
        http1("tls", Rig.address(proxy, "out"));
        tcp(Rig.address(proxy, "tcp"));
        grpc(Rig.address(proxy, "grpc"));
        http2(http);
        aborts(List.of(http, Rig.address(proxy, "tcp"), Rig.address(proxy, "in"), Rig.address(proxy, "out")));
        int[] turn = new int[1];
        client("updates", () -> {
            Rig.apply(proxy, config(app.port(), echo.port(), tcp.port(), inbound, ++turn[0]));
            LockSupport.parkNanos(20_000_000);
        });

        Held early = null;
        while (System.nanoTime() < end && failures.isEmpty()) {
            LockSupport.parkNanos(100_000_000);
            if (early == null && end - System.nanoTime() < LENGTH.toNanos() * 2 / 3) {
                early = held(proxy);
            }
        }
        Held late = held(proxy);
        for (Thread client : clients) {
            client.join(Duration.ofSeconds(30));
        }
        assertThat(failures).isEmpty();
        System.out.println("mixed load of " + LENGTH + ": " + new TreeMap<>(done) + ", " + early + " → " + late);
        assertThat(done)
                .allSatisfy((name, count) -> assertThat(count.sum()).as(name).isPositive());
        assertThat(early).isNotNull();
        assertThat(late.heap()).isLessThan(early.heap() + 24 * MIB);
        assertThat(late.direct()).isLessThan(early.direct() + 4 * MIB);
        assertThat(late.open()).isLessThan(early.open() + 64);
        assertThat(late.threads()).isLessThan(early.threads() + 8);
        for (AutoCloseable each : atTheEnd) {
            each.close();
        }
        // Without their cluster the connections from this proxy to itself end too.
        Rig.apply(
                proxy,
                Configs.of(List.of(http("http", "app", Duration.ZERO)), Configs.cluster("app", null, app.port())));
        Awaitility.await().untilAsserted(() -> {
            assertThat(gauge(proxy, "envoy_cluster_upstream_rq_active")).isZero();
            assertThat(gauge(proxy, "envoy_listener_downstream_cx_active")).isZero();
            assertThat(gauge(proxy, "lateen_buffers_used_bytes")).isZero();
        });
        rig.close();
        assertThat(held().open()).as("descriptors, when all is closed").isLessThan(before + 32);
    }

    private static Held held() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return new Held(0, 0, files.count(), 0);
        }
    }
}
