package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.ClusterConfig.UpstreamHttp;
import lateen.decision.config.NetworkFilter.HttpConnectionManager;
import lateen.decision.config.ProxyConfig;
import lateen.testing.RealProgram;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HTTP/1 and HTTP/2 on either side: curl asks, nghttpd or a plain application answers. */
class BridgeTest {
    private static final int LARGE = 3_000_000;

    private final Rig rig = new Rig();

    @TempDir
    Path dir;

    private LogFile log;

    @BeforeEach
    void open() throws Exception {
        log = new LogFile(dir.resolve("access.log"));
        Files.writeString(dir.resolve("small"), "a small file");
        Files.write(dir.resolve("large"), new byte[LARGE]);
        Files.write(dir.resolve("empty"), new byte[0]);
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static ProxyConfig config(HttpConnectionManager http, UpstreamHttp spoken, int port) {
        return Configs.of(
                List.of(Configs.listener("http", Configs.NO_INSPECTORS, Configs.chain("c", null, http))),
                Configs.speaking(spoken, Configs.cluster("app", null, port)));
    }

    private String address(UpstreamHttp spoken, int port) throws Exception {
        HttpConnectionManager http = Configs.logged(Configs.http(Configs.everythingTo("app")), log.config());
        return "http://127.0.0.1:"
                + Rig.address(rig.proxy(config(http, spoken, port)), "http").getPort();
    }

    /** Serves this test's folder over HTTP/2 without TLS. */
    private int nghttpd() throws Exception {
        int port;
        try (var free = new java.net.ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process server = new ProcessBuilder(
                        RealProgram.packaged("nghttpd").toString(),
                        "--no-tls",
                        "--echo-upload",
                        "-d",
                        dir.toString(),
                        Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("nghttpd.log").toFile())
                .start();
        rig.with(() -> server.destroyForcibly().waitFor(5, TimeUnit.SECONDS));
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> {
            try (var probe = new java.net.Socket("127.0.0.1", port)) {
                return probe.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
        return port;
    }

    private record Curl(int status, String head, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.ISO_8859_1);
        }
    }

    private Curl curl(String version, String... arguments) throws Exception {
        Path head = dir.resolve("head");
        Path body = dir.resolve("body");
        List<String> command = new ArrayList<>(List.of(
                RealProgram.packaged("curl").toString(),
                "-sS",
                "--max-time",
                "20",
                "--noproxy",
                "*",
                version.equals("2") ? "--http2-prior-knowledge" : "--http1.1",
                "-D",
                head.toString(),
                "-o",
                body.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said;
        try (InputStream in = process.getInputStream()) {
            said = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        int status = process.waitFor();
        assertThat(status).as(said).isZero();
        return new Curl(status, Files.readString(head), Files.exists(body) ? Files.readAllBytes(body) : new byte[0]);
    }

    @ParameterizedTest
    @CsvSource({"1,HTTP2", "2,HTTP2", "2,USE_DOWNSTREAM"})
    void filesComeFromAnHttp2Server(String client, UpstreamHttp spoken) throws Exception {
        String proxy = address(spoken, nghttpd());
        Curl small = curl(client, proxy + "/small");
        assertThat(small.head()).startsWith(client.equals("2") ? "HTTP/2 200" : "HTTP/1.1 200");
        assertThat(small.text()).isEqualTo("a small file");
        assertThat(curl(client, proxy + "/large").body()).hasSize(LARGE).containsOnly(0);
        assertThat(curl(client, proxy + "/empty").body()).isEmpty();
        assertThat(curl(client, proxy + "/none").head()).contains(" 404");
        assertThat(curl(client, "-I", proxy + "/large").head()).contains("content-length: " + LARGE);
        assertThat(log.lines(5).getFirst().of("protocol")).isEqualTo(client.equals("2") ? "HTTP/2" : "HTTP/1.1");
    }

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void uploadsReachAnHttp2Server(String client) throws Exception {
        String proxy = address(UpstreamHttp.HTTP2, nghttpd());
        Path large = dir.resolve("large");
        assertThat(curl(client, "--data-binary", "@" + large, proxy + "/echo").body())
                .hasSize(LARGE);
        // Without a length: in chunks, or in frames until the stream's end.
        assertThat(curl(
                                client,
                                "-X",
                                "POST",
                                "-H",
                                "Transfer-Encoding: chunked",
                                "--data-binary",
                                "@" + large,
                                proxy + "/")
                        .body())
                .hasSize(LARGE);
    }

    @Test
    void anHttp1ApplicationSeesAnHttp1Request() throws Exception {
        Backend app = rig.with(Backend.echoing());
        String proxy = address(UpstreamHttp.HTTP1, app.port());
        Curl seen = curl(
                "2", "-H", "Host: catalog.shop", "-H", "Cookie: a=1; b=2", "-H", "TE: trailers", proxy + "/books?x=1");
        assertThat(seen.head()).startsWith("HTTP/2 200").contains("server: lateen");
        assertThat(seen.text())
                .startsWith("GET /books?x=1 HTTP/1.1\r\n")
                .containsIgnoringCase("host: catalog.shop\r\n")
                .contains("cookie: a=1; b=2\r\n")
                .contains("x-forwarded-proto: http\r\n")
                .doesNotContain("te: trailers")
                .doesNotContain("transfer-encoding");
    }

    @Test
    void aBodyWithoutLengthIsChunkedForAnHttp1Application() throws Exception {
        Backend app = rig.with(Backend.echoing());
        String proxy = address(UpstreamHttp.HTTP1, app.port());
        Files.writeString(dir.resolve("words"), "some words");
        Curl seen = curl(
                "2",
                "-X",
                "POST",
                "-H",
                "Transfer-Encoding: chunked",
                "--data-binary",
                "@" + dir.resolve("words"),
                proxy + "/w");
        assertThat(seen.text())
                .containsIgnoringCase("transfer-encoding: chunked\r\n")
                .endsWith("\r\n\r\nsome words");
    }

    @Test
    void answersOfTheProxyItselfAreHttp2() throws Exception {
        int nobody;
        try (var socket = new java.net.ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }
        String proxy = address(UpstreamHttp.HTTP1, nobody);
        Curl refused = curl("2", proxy + "/");
        assertThat(refused.head()).startsWith("HTTP/2 503").contains("content-type: text/plain");
        assertThat(refused.text()).startsWith("upstream connect error");
    }
}
