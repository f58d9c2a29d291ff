package lateen.cli.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import lateen.testing.NeedsRoot;
import lateen.testing.RealProgram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One process after the other on the same sockets, as {@code --restart-epoch} asks for it. */
class HotRestartTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Most of the time goes into starting, where the better compiler does not pay. */
    private static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1");

    private static final MethodDescriptor<byte[], byte[]> UNARY = method("Unary", MethodDescriptor.MethodType.UNARY);
    private static final MethodDescriptor<byte[], byte[]> CHAT =
            method("Chat", MethodDescriptor.MethodType.BIDI_STREAMING);

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final int http = RunningProxy.freePort();
    private final int tcp = RunningProxy.freePort();
    private final int admin = RunningProxy.freePort();
    private final String base = Integer.toString(ThreadLocalRandom.current().nextInt(1_000_000));
    private Path file;

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodDescriptor.MethodType type) {
        MethodDescriptor.Marshaller<byte[]> bytes = new MethodDescriptor.Marshaller<>() {
            @Override
            public InputStream stream(byte[] value) {
                return new ByteArrayInputStream(value);
            }

            @Override
            public byte[] parse(InputStream stream) {
                try {
                    return stream.readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        return MethodDescriptor.newBuilder(bytes, bytes)
                .setFullMethodName("test.Echo/" + name)
                .setType(type)
                .build();
    }

    @BeforeEach
    void applications() throws Exception {
        Applications web = new Applications();
        open.add(web);
        Server grpc = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(ServerServiceDefinition.builder("test.Echo")
                        .addMethod(UNARY, ServerCalls.asyncUnaryCall((byte[] request, StreamObserver<byte[]> to) -> {
                            to.onNext(request);
                            to.onCompleted();
                        }))
                        .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(HotRestartTest::echo))
                        .build())
                .build()
                .start();
        open.add(grpc::shutdownNow);
        ServerSocket echo = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        open.add(echo);
        Thread.ofVirtual().start(() -> echo(echo));
        try (InputStream in = HotRestartTest.class.getResourceAsStream("restart.yaml")) {
            file = Files.writeString(
                    folder.resolve("b.yaml"),
                    new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .replace("@HTTP@", "" + http)
                            .replace("@TCP@", "" + tcp)
                            .replace("@ADMIN@", "" + admin)
                            .replace("@DIR@", folder.toString())
                            .replace("@WEB@", "" + web.start("web"))
                            .replace("@GRPC@", "" + grpc.getPort())
                            .replace("@ECHO@", "" + echo.getLocalPort()));
        }
    }

    private static StreamObserver<byte[]> echo(StreamObserver<byte[]> to) {
        return new StreamObserver<>() {
            @Override
            public void onNext(byte[] message) {
                to.onNext(message);
            }

            @Override
            public void onError(Throwable problem) {}

            @Override
            public void onCompleted() {
                to.onCompleted();
            }
        };
    }

    private static void echo(ServerSocket server) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                    } catch (IOException e) {
                        // The client sees it.
                    }
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private ProxyProcess start(Path config, int epoch, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-c", config.toString(), "--concurrency", "1"));
        arguments.addAll(List.of("--base-id", base, "--restart-epoch", "" + epoch));
        arguments.addAll(List.of(more));
        ProxyProcess started = ProxyProcess.start(folder, QUICK, arguments.toArray(String[]::new));
        open.add(started);
        return started;
    }

    private void awaitEpoch(int epoch, ProxyProcess of) {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            if (!of.process().isAlive()) {
                throw new AssertionError("epoch " + epoch + " ended: " + of.said());
            }
            return stats().contains("server.hot_restart_epoch: " + epoch + "\n")
                    && RunningProxy.get(admin, "/ready").statusCode() == 200;
        });
    }

    private String stats() throws Exception {
        return RunningProxy.get(admin, "/stats").body();
    }

    private long stat(String name) throws Exception {
        return stats().lines()
                .filter(each -> each.startsWith(name + ": "))
                .mapToLong(each -> Long.parseLong(each.substring(name.length() + 2)))
                .findFirst()
                .orElse(-1);
    }

    private String overUnixSocket() throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(folder.resolve("web.sock")));
            channel.write(ByteBuffer.wrap(
                    "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(4096);
            while (channel.read(answer) >= 0) {
                // Until the end.
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
        }
    }

    /** A call that stays open. */
    private final class Chat implements StreamObserver<byte[]> {
        private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        private final StreamObserver<byte[]> call;

        Chat(ManagedChannel channel) {
            call = ClientCalls.asyncBidiStreamingCall(channel.newCall(CHAT, CallOptions.DEFAULT), this);
        }

        String say(String text) throws InterruptedException {
            call.onNext(text.getBytes(StandardCharsets.UTF_8));
            return answers.poll(10, TimeUnit.SECONDS);
        }

        @Override
        public void onNext(byte[] message) {
            answers.add(new String(message, StandardCharsets.UTF_8));
        }

        @Override
        public void onError(Throwable problem) {
            answers.add(problem.toString());
        }

        @Override
        public void onCompleted() {
            answers.add("completed");
        }
    }

    @Test
    void fiveRestartsUnderLoadLoseNothing() throws Exception {
        ProxyProcess first = start(file, 0);
        awaitEpoch(0, first);
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", http).usePlaintext().build();
        open.add(channel::shutdownNow);
        Chat chat = new Chat(channel);
        assertThat(chat.say("hello")).isEqualTo("hello");
        Socket stream = new Socket("127.0.0.1", tcp);
        open.add(stream);
        stream.setSoTimeout(10_000);
        List<ProxyProcess> all = new ArrayList<>(List.of(first));
        SteadyLoad load = new SteadyLoad();
        try (load) {
            load.http1(http, 1)
                    .http1(http, 5)
                    .http1(http, Integer.MAX_VALUE)
                    .tcp(tcp)
                    .grpc(channel, UNARY);
            for (int epoch = 1; epoch <= 5; epoch++) {
                ProxyProcess next = start(file, epoch);
                all.add(next);
                awaitEpoch(epoch, next);
                long before = load.done.get();
                await().atMost(PATIENCE).until(() -> load.done.get() > before + 200);
                assertThat(chat.say("epoch " + epoch)).isEqualTo("epoch " + epoch);
                stream.getOutputStream().write(epoch);
                assertThat(stream.getInputStream().read()).isEqualTo(epoch);
                assertThat(overUnixSocket()).startsWith("HTTP/1.1 200");
            }
        }
        assertThat(load.failures).isEmpty();
        System.out.printf("%d exchanges over five restarts, %d of gRPC%n", load.done.get(), load.calls.get());
        for (ProxyProcess each : all.subList(1, 5)) {
            assertThat(each.awaitEnd(PATIENCE)).isZero();
        }
        // The long ones live on where they began, and end properly.
        assertThat(first.process().isAlive()).isTrue();
        chat.call.onCompleted();
        assertThat(chat.answers.poll(10, TimeUnit.SECONDS)).isEqualTo("completed");
        stream.shutdownOutput();
        assertThat(stream.getInputStream().read()).isEqualTo(-1);
        assertThat(first.awaitEnd(PATIENCE)).isZero();
        // What all of them counted together.
        await().until(() -> stat("cluster.web.upstream_rq_total") + stat("cluster.echo.upstream_cx_total")
                >= load.done.get() - load.calls.get());
        assertThat(Files.exists(folder.resolve("web.sock"))).isTrue();
    }

    @Test
    void theOneBeforeTellsWhatItCountsAndHasLimitedTime() throws Exception {
        ProxyProcess first = start(file, 0);
        awaitEpoch(0, first);
        for (int i = 0; i < 7; i++) {
            assertThat(RunningProxy.get(http, "/").statusCode()).isEqualTo(200);
        }
        try (Socket stays = new Socket("127.0.0.1", tcp)) {
            stays.getOutputStream().write(1);
            assertThat(stays.getInputStream().read()).isEqualTo(1);
            stays.setSoTimeout(60_000);
            awaitEpoch(1, start(file, 1, "--parent-shutdown-time-s", "6"));
            await().atMost(PATIENCE).until(() -> stat("cluster.web.upstream_rq_total") == 7);
            await().atMost(PATIENCE).until(() -> stat("server.parent_connections") == 1);
            assertThat(stat("server.total_connections")).isEqualTo(1);
            assertThat(RunningProxy.get(http, "/").statusCode()).isEqualTo(200);
            await().until(() -> stat("cluster.web.upstream_rq_total") == 8);
            assertThat(stays.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(first.awaitEnd(PATIENCE)).isZero();
        await().atMost(PATIENCE).until(() -> stat("server.parent_connections") == 0);
    }

    @Test
    void aNextProcessThatFailsLeavesTheOneBeforeAsItWas() throws Exception {
        ProxyProcess first = start(file, 0);
        awaitEpoch(0, first);
        // What is wrong with the file is seen before anything is taken.
        Path wrong = Files.writeString(folder.resolve("wrong.yaml"), Files.readString(file) + "nonsense: 1\n");
        assertThat(start(wrong, 1).awaitEnd(PATIENCE)).isEqualTo(1);
        // What is wrong with the machine only afterwards.
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path busy = Files.writeString(
                    folder.resolve("busy.yaml"),
                    Files.readString(file).replace("port_value: " + tcp, "port_value: " + taken.getLocalPort()));
            ProxyProcess second = start(busy, 1);
            assertThat(second.awaitEnd(PATIENCE)).isEqualTo(1);
            assertThat(second.said()).contains("listener 'tcp': cannot listen on 127.0.0.1:" + taken.getLocalPort());
        }
        ProxyProcess wrongEpoch = start(file, 2);
        assertThat(wrongEpoch.awaitEnd(PATIENCE)).isEqualTo(1);
        assertThat(wrongEpoch.said()).contains("hot restart: nothing is taken over from @lateen_domain_socket_" + base);
        // One that has the sockets and waits for a server that is not there.
        Path waiting = Files.writeString(
                folder.resolve("waiting.yaml"),
                Files.readString(file) + """
                dynamic_resources:
                  cds_config: {resource_api_version: V3, initial_fetch_timeout: 0s, api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: grpc}}]}}
                node: {id: a, cluster: b}
                """.replace("cluster_name: grpc", "cluster_name: web"));
        ProxyProcess killed = start(waiting, 1);
        killed.awaitSaid("sockets are taken over");
        killed.close();
        first.awaitSaid("the next process has not taken over");
        assertThat(first.process().isAlive()).isTrue();
        assertThat(stat("server.hot_restart_epoch")).isZero();
        for (int i = 0; i < 20; i++) {
            assertThat(RunningProxy.get(http, "/").statusCode()).isEqualTo(200);
        }
        assertThat(overUnixSocket()).startsWith("HTTP/1.1 200");
        // And a good one still can.
        awaitEpoch(1, start(file, 1));
        assertThat(first.awaitEnd(PATIENCE)).isZero();
        assertThat(RunningProxy.get(http, "/").statusCode()).isEqualTo(200);
    }

    @Test
    @NeedsRoot
    void anotherUserGetsNothing() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        for (String path : List.of("@lateen_test", folder.resolve("restart").toString())) {
            ProxyProcess first = start(file, 0, "--socket-path", path);
            awaitEpoch(0, first);
            String name = path + "_" + base + "_0";
            if (!path.startsWith("@")) {
                assertThat(Files.getPosixFilePermissions(Path.of(name)))
                        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
                Files.setPosixFilePermissions(Path.of(name), PosixFilePermissions.fromString("rwxrwxrwx"));
            }
            assertThat(ask(65534, name)).isEqualTo("b''");
            first.awaitSaid("hot restart: refused: the other process is of user 65534 (expected: 0)");
            assertThat(ask(0, name)).startsWith("b'sockets ");
            first.close();
        }
    }

    private static String ask(int user, String name) throws Exception {
        String program =
                """
                import os, socket, sys
                os.setgid(%d); os.setuid(%d)
                s = socket.socket(socket.AF_UNIX)
                s.connect(%s)
                try:
                    s.send(b"take 1 1\\n")
                    print(s.recv(1000))
                except OSError:
                    print(b'')
                """.formatted(user, user, name.startsWith("@") ? "'\\0" + name.substring(1) + "'" : "'" + name + "'");
        Process python = new ProcessBuilder(RealProgram.packaged("python3").toString(), "-c", program)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(python.waitFor()).isZero();
        return said;
    }
}
