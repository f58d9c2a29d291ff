package lateen.proxy.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import lateen.proxy.Rig;
import lateen.proxy.http2.Frames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A reset of the connection at each byte of an exchange, of either version, from the client and from the back end: a
 * connection beside it is served, and nothing is held afterwards, no buffer either.
 */
class ResetsTest {
    private static final String REQUEST = "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\n3;x=y\r\nbye\r\n0\r\nT: u\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n";
    private final Rig rig = new Rig();

    @TempDir
    Path dir;

    private Side side;
    private Http1Client good;

    @BeforeEach
    void start() throws Exception {
        side = Side.lateen(rig, dir);
        good = new Http1Client(side);
        assertThat(good.get("/before")).isEqualTo("GET /before");
    }

    @AfterEach
    void nothingIsHeld() throws Exception {
        assertThat(good.get("/after")).isEqualTo("GET /after");
        good.close();
        side.gauges().awaitNothing();
        side.gauges().awaitNoBuffers();
        rig.close();
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private static byte[] http2Request() {
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(
                Frames.preface(),
                Frames.settings(3, 100),
                Frames.headers(1, 0, Http2Client.fields("POST", "/a")),
                Frames.data(1, 0, "hello"),
                Frames.headers(1, Frames.END_STREAM, "t u"),
                Frames.headers(3, Frames.END_STREAM, Http2Client.fields("GET", "/b")),
                Frames.frame(6, 0, 0, new byte[8])));
    }

    private void requestsCut(byte[] request) throws Exception {
        for (int cut = 0; cut <= request.length; cut++) {
            Socket socket = side.open();
            socket.getOutputStream().write(request, 0, cut);
            reset(socket);
            if (cut % 16 == 0) {
                assertThat(good.get("/good")).as("at %d", cut).isEqualTo("GET /good");
            }
        }
    }

    /** Up to and with the last answer's body. */
    private void answersCut(byte[] request, String end) throws Exception {
        int bytes = 0;
        try (Socket socket = side.open()) {
            socket.getOutputStream().write(request);
            socket.setSoTimeout(10_000);
            StringBuilder seen = new StringBuilder();
            while (seen.indexOf(end) < 0) {
                seen.append((char) socket.getInputStream().read());
                bytes++;
            }
        }
        for (int cut = 0; cut <= bytes; cut++) {
            Socket socket = side.open();
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request);
            assertThat(socket.getInputStream().readNBytes(cut)).hasSize(cut);
            reset(socket);
            if (cut % 16 == 0) {
                assertThat(good.get("/good")).as("at %d", cut).isEqualTo("GET /good");
            }
        }
    }

    @Test
    void aClientOfHttp1() throws Exception {
        byte[] request = REQUEST.getBytes(StandardCharsets.ISO_8859_1);
        requestsCut(request);
        answersCut(request, "GET /b");
    }

    @Test
    void aClientOfHttp2() throws Exception {
        requestsCut(http2Request());
        answersCut(http2Request(), "GET /b");
    }

    /** What the client gets of an answer that was cut: an error, a part that is marked as one, or the whole. */
    private void backEndCut(Side before, int bytes) throws Exception {
        int whole = 0;
        for (int cut = 0; cut <= bytes; cut++) {
            try (Http2Client client = new Http2Client(before.open())) {
                String how = client.get(1, "/cut/" + cut).await(1);
                assertThat(how).as("at %d", cut).isIn("503", "502", "RST2", "200");
                if (how.equals("200")) {
                    whole++;
                    assertThat(client.body(1)).isEqualTo("GET /cut/" + cut);
                }
                assertThat(client.get(3, "/good").await(3)).as("after %d", cut).isEqualTo("200");
            }
            try (Http1Client client = new Http1Client(before)) {
                client.send("GET /cut/" + cut + " HTTP/1.1\r\nHost: a\r\n\r\n");
                assertThat(client.firstStatus()).as("at %d", cut).isIn("503", "502", "200", "-", "(cut)");
            }
        }
        assertThat(whole).as("only the whole is taken for the whole").isEqualTo(1);
    }

    @Test
    void aBackEndOfHttp1() throws Exception {
        backEndCut(side, RecordingBackend.answer("GET /cut/10").length());
    }

    @Test
    void aBackEndOfHttp2() throws Exception {
        Http2Backend backend = rig.with(new Http2Backend());
        Side before = Side.lateen(rig, dir, backend);
        backEndCut(before, Http2Backend.answer(1, "GET /cut/10").length);
        before.gauges().awaitNothing();
    }
}
