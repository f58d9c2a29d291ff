package lateen.proxy.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import lateen.proxy.Proxy;
import lateen.proxy.ProxySettings;
import lateen.proxy.Rig;
import lateen.testing.RealProgram;
import lateen.xds.bootstrap.StandaloneBootstrap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every case of h2spec, with the strict ones, through a whole proxy and a back end; the engine alone is in {@link
 * lateen.proxy.http2.H2SpecTest}. An Envoy 1.40 with the same configuration passes 133.
 */
class WholeH2SpecTest {
    private static final String HTTP2_ONLY = "'codec_type':'HTTP2',";

    private final Rig rig = new Rig();

    @TempDir
    Path dir;

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private String report(int backend, boolean http2, String more) throws Exception {
        Path file = dir.resolve("proxy.json");
        Files.writeString(file, Bootstraps.http(0, 0, backend, http2, more));
        Proxy proxy = rig.proxy(
                ProxySettings.defaults().withWorkers(1),
                StandaloneBootstrap.usable(file).config());
        Process process = new ProcessBuilder(
                        RealProgram.h2spec().toString(),
                        "--strict",
                        "--timeout",
                        "5",
                        "--port",
                        "" + Rig.address(proxy, "l").getPort())
                .redirectErrorStream(true)
                .start();
        String report = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return report;
    }

    @Test
    void everyCasePassesBeforeABackEndOfHttp1() throws Exception {
        assertThat(report(rig.with(new RecordingBackend()).port(), false, HTTP2_ONLY))
                .contains("146 tests, 146 passed");
    }

    /** Where the first bytes choose the version, those that are no preface are HTTP/1, and answered so: 400. */
    @Test
    void onlyTheCaseWithoutAPrefaceIsAnotherWhereBothVersionsAreTaken() throws Exception {
        assertThat(report(rig.with(new RecordingBackend()).port(), false, ""))
                .contains("146 tests, 145 passed")
                .contains("× 2: Sends invalid connection preface")
                .contains("the frame header looked like an HTTP/1.1 header");
    }

    @Test
    void everyCasePassesBeforeABackEndOfHttp2() throws Exception {
        Files.writeString(dir.resolve("index.html"), "GET /probe");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process server = new ProcessBuilder(
                        RealProgram.packaged("nghttpd").toString(),
                        "--no-tls",
                        "--address=127.0.0.1",
                        "-d",
                        dir.toString(),
                        "" + port)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        rig.with(() -> {
            server.destroy();
            server.waitFor(10, TimeUnit.SECONDS);
        });
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> {
            try (Socket there = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return there.isConnected();
            } catch (java.io.IOException notYet) {
                return false;
            }
        });
        assertThat(report(port, true, HTTP2_ONLY)).contains("146 tests, 146 passed");
    }
}
