package lateen.proxy.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import lateen.proxy.Rig;
import lateen.proxy.http2.Frames;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Peers that stop: each is ended by a time limit alone, as Envoy 1.40 ends it, and harms nobody beside it. With {@code
 * stream_idle_timeout} and {@code request_headers_timeout} of 300 ms.
 */
@Tag("kernel")
class TimeLimitsTest {
    private static final String LIMITS = "'stream_idle_timeout':'0.3s','request_headers_timeout':'0.3s',";
    private static final Rig rig = new Rig();
    private static Side lateen;
    private static Side envoy;

    @TempDir
    static Path dir;

    @BeforeAll
    static void start() throws Exception {
        lateen = Side.lateen(rig, dir, LIMITS);
        envoy = Side.envoy(rig, dir, LIMITS);
    }

    @AfterAll
    static void close() throws Exception {
        rig.close();
    }

    /** What becomes of a client. */
    private interface Client {
        String play(Side side) throws Exception;
    }

    private static Arguments row(String name, String ours, String envoys, Client client) {
        return Arguments.of(name, ours, envoys, client);
    }

    static Stream<Arguments> clients() {
        return Stream.of(
                row(
                        "HTTP/1: a head that does not end",
                        "408-",
                        "408-",
                        side -> http1(side, "GET / HTTP/1.1\r\nHost: a")),
                row(
                        "HTTP/1: a body that does not come",
                        "408-",
                        "408-",
                        side -> http1(side, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")),
                row(
                        "HTTP/1: an answer that does not come",
                        "504=",
                        "504=",
                        side -> http1(side, "GET /never HTTP/1.1\r\nHost: a\r\n\r\n")),
                row("HTTP/1: an answer that nobody reads", "cut", "cut", TimeLimitsTest::unread),
                row("HTTP/2: a rest in the window's way", "RST2=", "RST2=", side -> http2(side, "/bytes/100000")),
                row("HTTP/2: a large answer without window", "RST2=", "RST2=", side -> http2(side, "/bytes/9000000")),
                row("HTTP/2: an answer that does not come", "504=", "504=", side -> http2(side, "/never")),
                row("HTTP/2: a body that does not come", "408=", "408=", TimeLimitsTest::upload),
                row("HTTP/2: a head that does not end", "-", "-", TimeLimitsTest::headBegun));
    }

    private static String http1(Side side, String sent) throws IOException {
        try (Http1Client client = new Http1Client(side)) {
            client.send(sent);
            String status = client.firstStatus();
            // The connection goes on only after a request that was complete.
            return status + (status.equals("504") ? client.outcome("=", false) : client.outcome("-", false));
        }
    }

    private static String unread(Side side) throws Exception {
        side.backend().cuts().clear();
        try (Http1Client client = new Http1Client(side)) {
            client.send("GET /bytes/90000000 HTTP/1.1\r\nHost: a\r\n\r\n");
            // The back end hears of the end first: the client does not listen.
            Awaitility.await().until(() -> !side.backend().cuts().isEmpty());
            return client.drained() < 90_000_000 ? "cut" : "whole";
        }
    }

    private static String http2(Side side, String path) throws Exception {
        try (Http2Client client = new Http2Client(side.open())) {
            client.get(1, path);
            return ended(client, 1);
        }
    }

    private static String ended(Http2Client client, int stream) throws IOException {
        String how = client.await(stream);
        if (how.equals("-")) {
            return how;
        }
        // The connection's window is the attacked stream's too: some more for the next.
        client.send(Frames.windowUpdate(0, 1000));
        return how + (client.get(9, "/probe").await(9).equals("200") ? "=" : "?");
    }

    private static String upload(Side side) throws Exception {
        try (Http2Client client = new Http2Client(side.open())) {
            client.send(Frames.headers(1, 0, Http2Client.fields("POST", "/a")), Frames.data(1, 0, "he"));
            return ended(client, 1);
        }
    }

    private static String headBegun(Side side) throws Exception {
        try (Http2Client client = new Http2Client(side.open())) {
            client.send(Frames.frame(1, 0, 1, Frames.block(Http2Client.fields("GET", "/a"))));
            return ended(client, 1);
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("clients")
    void eachIsEnded(String name, String ours, String envoys, Client client) throws Exception {
        try (Http1Client good = new Http1Client(lateen)) {
            assertThat(good.get("/before")).isEqualTo("GET /before");
            assertThat(client.play(lateen)).as(name).isEqualTo(ours);
            assertThat(good.get("/after")).isEqualTo("GET /after");
        }
        lateen.gauges().awaitNothing();
        lateen.gauges().awaitNoBuffers();
        assertThat(client.play(envoy)).as(name + ", Envoy").isEqualTo(envoys);
    }
}
