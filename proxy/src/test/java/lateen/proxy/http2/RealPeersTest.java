package lateen.proxy.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lateen.decision.config.Http2Options;
import lateen.proxy.http1.Head;
import lateen.proxy.http1.HeadError;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Trailers;
import lateen.testing.RealProgram;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** curl and nghttp2's programs, as clients of the engine and as its servers. */
class RealPeersTest {

    @TempDir
    Path folder;

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    private static String url(Http2TestServer server, String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    @Test
    void curl() throws Exception {
        Path large = folder.resolve("large");
        Files.write(large, "0123456789abcdef".repeat(200_000).getBytes(StandardCharsets.US_ASCII));
        try (Http2TestServer server = new Http2TestServer(Http2Options.DEFAULT)) {
            String[] curl = {"curl", "-sS", "--http2-prior-knowledge", "--max-time", "20"};
            assertThat(run(with(curl, url(server, "/heads"), "-H", "Cookie: a=b")))
                    .startsWith("GET /heads HTTP/1.1\r\nhost: 127.0.0.1:" + server.port() + "\r\n")
                    .contains("cookie: a=b\r\n");
            assertThat(run(with(curl, url(server, "/bytes/20000000"), "-o", "/dev/null", "-w", "%{size_download}")))
                    .isEqualTo("20000000");
            Path back = folder.resolve("back");
            run(with(curl, url(server, "/echo"), "--data-binary", "@" + large, "-o", back.toString()));
            assertThat(Files.mismatch(large, back)).isEqualTo(-1);
            assertThat(run(with(curl, url(server, "/"), "-D", "-")))
                    .startsWith("HTTP/2 200")
                    .endsWith("hello over http2\n");
        }
    }

    private static String[] with(String[] command, String... more) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of(more));
        return all.toArray(new String[0]);
    }

    @Test
    void h2load() throws Exception {
        String h2load = RealProgram.packaged("h2load").toString();
        try (Http2TestServer server = new Http2TestServer(Http2Options.DEFAULT)) {
            assertThat(run(h2load, "-n", "20000", "-c", "10", "-m", "100", url(server, "/")))
                    .contains("20000 succeeded, 0 failed");
            // Small windows of the client, many streams at a time.
            assertThat(run(
                            h2load,
                            "-n",
                            "200",
                            "-c",
                            "2",
                            "-m",
                            "50",
                            "-w",
                            "14",
                            "-W",
                            "15",
                            url(server, "/bytes/200000")))
                    .contains("200 succeeded, 0 failed");
        }
    }

    @Test
    void nghttp() throws Exception {
        String nghttp = RealProgram.packaged("nghttp").toString();
        try (Http2TestServer server = new Http2TestServer(Http2Options.DEFAULT)) {
            assertThat(run(
                            nghttp,
                            "-v",
                            "-p",
                            "32",
                            "-b",
                            "100",
                            "--trailer",
                            "t: u",
                            "-d",
                            Files.writeString(folder.resolve("body"), "body").toString(),
                            url(server, "/echo")))
                    .contains(":status: 200", "t: u", "body");
        }
    }

    /** Counts what comes, and gives window for it. */
    private static final class Download implements StreamEvents {
        final CompletableFuture<Long> done = new CompletableFuture<>();
        private final Http2Session session;
        private long bytes;

        @Nullable
        Http2Stream stream;

        Download(Http2Session session) {
            this.session = session;
        }

        @Override
        public void head(Head head, boolean last) {
            if (((ResponseHead) head).status() != 200) {
                done.completeExceptionally(new IOException("status " + ((ResponseHead) head).status()));
            } else if (last) {
                done.complete(bytes);
            }
        }

        @Override
        public void tooLarge(Head partial, HeadError error) {
            done.completeExceptionally(new IOException("too large"));
        }

        @Override
        public void data(ByteBuf part, boolean last) {
            int n = part.readableBytes();
            part.release();
            bytes += n;
            Http2Stream from = Objects.requireNonNull(stream);
            from.consumed(n);
            if (last) {
                from.release();
                done.complete(bytes);
            }
        }

        @Override
        public void trailers(Trailers trailers) {
            done.complete(bytes);
        }

        @Override
        public void reset(long code, boolean unprocessed) {
            done.completeExceptionally(new IOException("reset " + code));
        }

        @Override
        public void writable() {}

        void get(String path) {
            RequestHead head = new RequestHead();
            head.start(
                    "GET".getBytes(StandardCharsets.US_ASCII),
                    path.getBytes(StandardCharsets.US_ASCII),
                    "localhost".getBytes(StandardCharsets.US_ASCII));
            Http2Stream opened = Opened.by(session, this);
            stream = opened;
            opened.sendHead(head, true);
            session.flush();
        }
    }

    /** Connects to 127.0.0.1 as a client, and asks for the path so many times, at most 50 at a time. */
    private static void download(int port, String path, int times, long size) throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            CompletableFuture<Http2Session> ready = new CompletableFuture<>();
            Channel channel = new Bootstrap()
                    .group(loops)
                    .channel(EpollSocketChannel.class)
                    .handler(new ChannelInitializer<EpollSocketChannel>() {
                        @Override
                        protected void initChannel(EpollSocketChannel c) {
                            Http2Session session = new Http2Session(
                                    true, false, Http2Options.DEFAULT, HeadLimits.DEFAULT, c, new Quiet());
                            c.pipeline().addLast(new Http2Handler(session));
                            ready.complete(session);
                        }
                    })
                    .connect("127.0.0.1", port)
                    .sync()
                    .channel();
            Http2Session session = ready.get(10, TimeUnit.SECONDS);
            channel.eventLoop().submit(session::start).sync();
            AtomicInteger good = new AtomicInteger();
            for (int done = 0; done < times; done += 50) {
                List<Download> batch = new ArrayList<>();
                for (int i = 0; i < Math.min(50, times - done); i++) {
                    batch.add(new Download(session));
                }
                channel.eventLoop()
                        .submit(() -> batch.forEach(one -> one.get(path)))
                        .sync();
                for (Download one : batch) {
                    assertThat(one.done.get(30, TimeUnit.SECONDS)).isEqualTo(size);
                    good.incrementAndGet();
                }
            }
            assertThat(good).hasValue(times);
            channel.eventLoop().submit(session::drain).sync();
            assertThat(channel.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    private static final class Quiet implements SessionEvents {
        @Override
        public StreamEvents opened(Http2Stream stream) {
            throw new AssertionError("a client opens the streams");
        }

        @Override
        public void capacity() {}

        @Override
        public void goaway(int lastStreamId, long code) {}

        @Override
        public void ended(long code, Complaint complaint) {}
    }

    @Test
    void nghttpd() throws Exception {
        String nghttpd = RealProgram.packaged("nghttpd").toString();
        Files.write(folder.resolve("file"), new byte[300_000]);
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process process = new ProcessBuilder(nghttpd, "--no-tls", "-d", folder.toString(), "" + port)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> {
                try (Socket ignored = new Socket("127.0.0.1", port)) {
                    return true;
                } catch (IOException notYet) {
                    return false;
                }
            });
            download(port, "/file", 200, 300_000);
        } finally {
            process.destroy();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void theEngineItself() throws Exception {
        try (Http2TestServer server = new Http2TestServer(Http2Options.DEFAULT)) {
            download(server.port(), "/bytes/1000000", 150, 1_000_000);
            download(server.port(), "/bytes/0", 3000, 0);
            assertThat(server.connections)
                    .allMatch(one -> (one.ended == null || one.ended == Complaint.NONE) && one.complaints.isEmpty());
        }
    }

    /** Netty's own HTTP/2, as a client that pads, and sets small windows. */
    @Test
    void nettysClientIsServed() throws Exception {
        try (Http2TestServer server = new Http2TestServer(Http2Options.DEFAULT);
                NettyClient client = new NettyClient(server.port())) {
            assertThat(client.post("/echo", Unpooled.copiedBuffer("ping", StandardCharsets.US_ASCII)))
                    .isEqualTo("200 ping");
            assertThat(client.post("/echo", Unpooled.copiedBuffer("x".repeat(300_000), StandardCharsets.US_ASCII)))
                    .isEqualTo("200 " + "x".repeat(300_000));
        }
    }
}
