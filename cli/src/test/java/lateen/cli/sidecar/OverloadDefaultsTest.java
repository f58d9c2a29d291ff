package lateen.cli.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lateen.testing.RealProgram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A proxy in a process of its own, with the memory that the launcher gives it and no word about overload in its bootstrap:
 * whatever comes it sheds what it has no room for, and serves the rest. The first OutOfMemoryError would end it.
 */
class OverloadDefaultsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final int http = RunningProxy.freePort();
    private final int admin = RunningProxy.freePort();
    private ProxyProcess proxy;

    /** A port at which no connection comes about: its queue is full. */
    private int dark() throws IOException {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        open.add(server);
        for (int i = 0; i < 4; i++) {
            SocketChannel waiting = SocketChannel.open();
            open.add(waiting);
            waiting.configureBlocking(false);
            var _ = waiting.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()));
        }
        return server.getLocalPort();
    }

    @BeforeEach
    void start() throws Exception {
        Applications web = new Applications();
        open.add(web);
        try (InputStream in = OverloadDefaultsTest.class.getResourceAsStream("flood.yaml")) {
            Path file = Files.writeString(
                    folder.resolve("flood.yaml"),
                    new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .replace("@HTTP@", "" + http)
                            .replace("@ADMIN@", "" + admin)
                            .replace("@WEB@", "" + web.start("web"))
                            .replace("@DARK@", "" + dark()));
            proxy = ProxyProcess.start(folder, List.of("-XX:+ExitOnOutOfMemoryError"), "-c", file.toString());
        }
        open.add(proxy);
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> RunningProxy.get(admin, "/ready").statusCode() == 200);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private long stat(String name) throws Exception {
        return RunningProxy.get(admin, "/stats")
                .body()
                .lines()
                .filter(each -> each.startsWith(name + ": "))
                .mapToLong(each -> Long.parseLong(each.substring(name.length() + 2)))
                .findFirst()
                .orElse(0);
    }

    private long active() throws Exception {
        return stat("listener.127.0.0.1_" + http + ".downstream_cx_active");
    }

    private void served() throws Exception {
        assertThat(proxy.process().isAlive()).as(proxy.said()).isTrue();
        assertThat(RunningProxy.get(http, "/ok").body()).isEqualTo("web");
    }

    /** Clients in a process of their own. */
    private final class Flood implements AutoCloseable {
        private final Process process;
        private final BufferedReader said;

        Flood(String kind, int count) throws Exception {
            Path program = folder.resolve("flood.py");
            try (InputStream in = OverloadDefaultsTest.class.getResourceAsStream("flood.py")) {
                Files.write(program, in.readAllBytes());
            }
            process = new ProcessBuilder(
                            RealProgram.packaged("python3").toString(), program.toString(), kind, "" + http, "" + count)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            open.add(this);
            said = process.inputReader();
        }

        void awaitSent() throws IOException {
            assertThat(said.readLine()).isEqualTo("sent");
        }

        String end() throws IOException {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            return said.readLine();
        }

        @Override
        public void close() throws Exception {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void moreIdleConnectionsThanThereIsRoomFor() throws Exception {
        Flood one = new Flood("idle", 10_000);
        Flood two = new Flood("idle", 10_000);
        one.awaitSent();
        two.awaitSent();
        String overflow = "listener.127.0.0.1_" + http + ".downstream_global_cx_overflow";
        await().atMost(PATIENCE).until(() -> active() + stat(overflow) >= 20_000);
        long kept = active();
        // A tenth of the heap of 64 MB in KiB, nearly.
        assertThat(kept).isBetween(5_000L, 7_000L);
        System.out.printf("20000 idle connections: %d kept, the others closed%n", kept);
        assertThat(one.end() + two.end()).contains("HTTP/1.1 200", "closed");
        await().atMost(PATIENCE).until(() -> active() == 0);
        served();
    }

    @Test
    void theLargestHeadsWithoutAnEnd() throws Exception {
        Flood heads = new Flood("heads", 3_000);
        heads.awaitSent();
        served();
        String seen = heads.end();
        System.out.println("3000 unfinished heads of 58 KiB: " + seen);
        assertThat(seen).contains("waiting", "HTTP/1.1 503");
        assertThat(stat("http.web.downstream_rq_overload_close")).isBetween(2_500L, 3_000L);
        served();
        // There is room again.
        Flood again = new Flood("heads", 60);
        again.awaitSent();
        served();
        assertThat(again.end()).isEqualTo("{'waiting': 60}");
    }

    @Test
    void fortyThousandStreamsWithBodiesThatNobodyTakes() throws Exception {
        Path body = Files.write(folder.resolve("body"), new byte[65_000]);
        Process load = new ProcessBuilder(
                        RealProgram.packaged("h2load").toString(),
                        "-c400",
                        "-m100",
                        "-n40000",
                        "-d" + body,
                        "http://127.0.0.1:" + http + "/dark")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        open.add(() -> load.destroyForcibly().waitFor());
        await().atMost(PATIENCE).until(() -> stat("http.web.downstream_rq_overload_close") > 30_000);
        served();
        assertThat(stat("lateen_http2_streams")).isBetween(2_000L, 5_000L);
        System.out.printf(
                "40000 streams before a host that is not there: %d kept, %d MB of buffers%n",
                stat("lateen_http2_streams"), stat("lateen_buffers_bytes") >> 20);
        load.destroyForcibly();
        assertThat(load.waitFor(10, TimeUnit.SECONDS)).isTrue();
        await().atMost(PATIENCE).until(() -> active() == 0 && stat("lateen_http2_streams") == 0);
        served();
    }
}
