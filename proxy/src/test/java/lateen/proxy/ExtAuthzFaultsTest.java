package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Servers that do not what gRPC says: each is a refusal, and the next question is asked all the same. */
@Timeout(60)
class ExtAuthzFaultsTest {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    /** The first stream of a client's. */
    private static final int CALL = 1;

    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    /** What a server answers to the first call of a connection. */
    enum Fault {
        NO_HTTP2,
        CLOSE,
        RST,
        GOAWAY_WITH_ERROR,
        NOT_FOUND,
        NOT_GRPC,
        STATUS_ONLY,
        FAILED_STATUS_AFTER_A_GOOD_MESSAGE,
        NO_TRAILERS,
        NO_MESSAGE,
        NONSENSE_MESSAGE,
        LONGER_THAN_IT_SAYS,
        SHORTER_THAN_IT_SAYS,
        COMPRESSED,
        HUGE_LENGTH,
        HUGE_MESSAGE,
        HUGE_HEADERS,
        DATA_FIRST,
        BAD_HPACK,
        FRAME_OF_NO_STREAM,
        FRAME_TOO_LARGE
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        ByteBuffer out = ByteBuffer.allocate(9 + payload.length);
        out.put((byte) (payload.length >> 16)).putShort((short) payload.length);
        out.put((byte) type).put((byte) flags).putInt(stream).put(payload);
        return out.array();
    }

    /** HPACK, literals only. */
    private static byte[] headers(String... pairs) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < pairs.length; i += 2) {
            out.write(0);
            for (String each : List.of(pairs[i], pairs[i + 1])) {
                byte[] bytes = each.getBytes(StandardCharsets.ISO_8859_1);
                if (bytes.length < 127) {
                    out.write(bytes.length);
                } else {
                    out.write(127);
                    int rest = bytes.length - 127;
                    while (rest >= 128) {
                        out.write(rest & 127 | 128);
                        rest >>= 7;
                    }
                    out.write(rest);
                }
                out.writeBytes(bytes);
            }
        }
        return out.toByteArray();
    }

    private static final byte[] GRPC = headers(":status", "200", "content-type", "application/grpc");
    private static final byte[] GOOD = headers("grpc-status", "0");

    private static byte[] message(int length, byte[] bytes) {
        ByteBuffer out = ByteBuffer.allocate(5 + bytes.length);
        return out.put((byte) 0).putInt(length).put(bytes).array();
    }

    private static void answer(Fault fault, OutputStream out) throws Exception {
        switch (fault) {
            case NO_HTTP2, CLOSE -> {}
            case RST -> out.write(frame(RST_STREAM, 0, CALL, new byte[] {0, 0, 0, 2}));
            case GOAWAY_WITH_ERROR -> out.write(frame(GOAWAY, 0, 0, new byte[] {0, 0, 0, CALL, 0, 0, 0, 2}));
            case NOT_FOUND ->
                out.write(frame(
                        HEADERS,
                        END_HEADERS | END_STREAM,
                        CALL,
                        headers(":status", "404", "content-type", "application/grpc", "grpc-status", "0")));
            case NOT_GRPC ->
                out.write(frame(
                        HEADERS,
                        END_HEADERS | END_STREAM,
                        CALL,
                        headers(":status", "200", "content-type", "text/html", "grpc-status", "0")));
            case STATUS_ONLY ->
                out.write(frame(
                        HEADERS,
                        END_HEADERS | END_STREAM,
                        CALL,
                        headers(":status", "200", "content-type", "application/grpc", "grpc-status", "0")));
            case FAILED_STATUS_AFTER_A_GOOD_MESSAGE ->
                good(out, message(0, new byte[0]), headers("grpc-status", "13", "grpc-message", "no\u00e9"));
            case NO_TRAILERS -> {
                out.write(frame(HEADERS, END_HEADERS, CALL, GRPC));
                out.write(frame(DATA, END_STREAM, CALL, message(0, new byte[0])));
            }
            case NO_MESSAGE -> {
                out.write(frame(HEADERS, END_HEADERS, CALL, GRPC));
                out.write(frame(HEADERS, END_HEADERS | END_STREAM, CALL, GOOD));
            }
            case NONSENSE_MESSAGE -> good(out, message(3, new byte[] {(byte) 0xff, 1, 2}), GOOD);
            case LONGER_THAN_IT_SAYS -> good(out, message(1, new byte[8]), GOOD);
            case SHORTER_THAN_IT_SAYS -> good(out, message(9, new byte[8]), GOOD);
            case COMPRESSED -> good(out, new byte[] {1, 0, 0, 0, 0}, GOOD);
            case HUGE_LENGTH -> good(out, message(-1, new byte[8]), GOOD);
            case HUGE_MESSAGE -> {
                out.write(frame(HEADERS, END_HEADERS, CALL, GRPC));
                out.write(frame(DATA, 0, CALL, message(100 << 20, new byte[0])));
                for (int i = 0; i < 40; i++) {
                    out.write(frame(DATA, 0, CALL, new byte[16 * 1024]));
                }
            }
            case HUGE_HEADERS -> {
                byte[] block = headers(":status", "200", "content-type", "application/grpc", "x", "y".repeat(30_000));
                out.write(frame(HEADERS, 0, CALL, Arrays.copyOf(block, 16_000)));
                out.write(frame(CONTINUATION, END_HEADERS, CALL, Arrays.copyOfRange(block, 16_000, block.length)));
            }
            case DATA_FIRST -> out.write(frame(DATA, 0, CALL, message(0, new byte[0])));
            case BAD_HPACK -> out.write(frame(HEADERS, END_HEADERS, CALL, new byte[] {(byte) 0xff, (byte) 0xff, 127}));
            case FRAME_OF_NO_STREAM -> out.write(frame(HEADERS, END_HEADERS, 77, GRPC));
            case FRAME_TOO_LARGE -> out.write(new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, 0, 0, 0, 0, 0, CALL});
        }
        out.flush();
    }

    private static void good(OutputStream out, byte[] message, byte[] trailers) throws Exception {
        out.write(frame(HEADERS, END_HEADERS, CALL, GRPC));
        out.write(frame(DATA, 0, CALL, message));
        out.write(frame(HEADERS, END_HEADERS | END_STREAM, CALL, trailers));
    }

    /** Reads the preface and frames until the first request's end. */
    private static boolean call(InputStream in) throws Exception {
        in.readNBytes(24);
        while (true) {
            byte[] head = in.readNBytes(9);
            if (head.length < 9) {
                return false;
            }
            int length = (head[0] & 255) << 16 | (head[1] & 255) << 8 | head[2] & 255;
            in.readNBytes(length);
            if (head[3] == DATA && (head[4] & END_STREAM) != 0) {
                return true;
            }
        }
    }

    private Proxy proxy(int server, Duration timeout) throws Exception {
        Backend app = rig.with(Backend.echoing());
        return rig.proxy(
                ProxySettings.defaults().withWorkers(1),
                Configs.of(
                        List.of(Configs.listener(
                                "in",
                                Configs.NO_INSPECTORS,
                                Configs.chain(
                                        "c",
                                        null,
                                        Configs.http(
                                                Configs.everythingTo("app"),
                                                Configs.checked(Configs.asks("opa", timeout, false, 403)))))),
                        Configs.cluster("app", null, app.port()),
                        Configs.cluster("opa", null, server)));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNoAnswerIsARefusalAndTheNextConnectionIsAsked(Fault fault) throws Exception {
        AtomicInteger connections = new AtomicInteger();
        Backend server = rig.with(new Backend((socket, in, out) -> {
            boolean first = connections.incrementAndGet() == 1;
            if (first && fault == Fault.NO_HTTP2) {
                out.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                return;
            }
            out.write(frame(SETTINGS, 0, 0, new byte[0]));
            if (!call(in)) {
                return;
            }
            if (!first) {
                good(out, message(0, new byte[0]), GOOD);
                out.write(frame(GOAWAY, 0, 0, new byte[] {0, 0, 0, CALL, 0, 0, 0, 0}));
                in.readAllBytes();
                return;
            }
            answer(fault, out);
            if (fault == Fault.CLOSE) {
                return;
            }
            // One answer for each connection: what is still open now is no longer of use.
            out.write(frame(GOAWAY, 0, 0, new byte[] {0, 0, 0, CALL, 0, 0, 0, 0}));
            in.readAllBytes();
        }));
        Proxy proxy = proxy(server.port(), Duration.ofSeconds(2));
        Wire wire = rig.with(new Wire(Rig.address(proxy, "in")));
        assertThat(wire.get("/checked")).startsWith("HTTP/1.1 403");
        assertThat(ExtAuthzTest.counter(proxy, "error")).isEqualTo(1);
        assertThat(wire.get("/free")).startsWith("HTTP/1.1 200");
        assertThat(wire.get("/checked")).startsWith("HTTP/1.1 200");
        assertThat(ExtAuthzTest.counter(proxy, "ok")).isEqualTo(1);
    }

    @Test
    void aCallThatTheServerDidNotLookAtIsMadeAgain() throws Exception {
        AtomicInteger connections = new AtomicInteger();
        Backend server = rig.with(new Backend((socket, in, out) -> {
            out.write(frame(SETTINGS, 0, 0, new byte[0]));
            call(in);
            if (connections.incrementAndGet() == 1) {
                out.write(frame(GOAWAY, 0, 0, new byte[8]));
            } else {
                good(out, message(0, new byte[0]), GOOD);
            }
            in.readAllBytes();
        }));
        Proxy proxy = proxy(server.port(), Duration.ofSeconds(5));
        assertThat(rig.with(new Wire(Rig.address(proxy, "in"))).get("/checked")).startsWith("HTTP/1.1 200");
        assertThat(connections).hasValue(2);
        assertThat(ExtAuthzTest.counter(proxy, "error")).isZero();
    }

    @Test
    void aServerThatNeverLooksIsNotAskedForEver() throws Exception {
        AtomicInteger connections = new AtomicInteger();
        Backend server = rig.with(new Backend((socket, in, out) -> {
            connections.incrementAndGet();
            out.write(frame(SETTINGS, 0, 0, new byte[0]));
            call(in);
            out.write(frame(GOAWAY, 0, 0, new byte[8]));
            in.readAllBytes();
        }));
        Proxy proxy = proxy(server.port(), Duration.ofSeconds(20));
        assertThat(rig.with(new Wire(Rig.address(proxy, "in"))).get("/checked")).startsWith("HTTP/1.1 403");
        assertThat(connections).hasValue(2);
    }

    @Test
    void aConnectionThatFellSilentIsReplaced() throws Exception {
        AtomicInteger connections = new AtomicInteger();
        Backend server = rig.with(new Backend((socket, in, out) -> {
            if (connections.incrementAndGet() == 1) {
                in.readAllBytes();
                return;
            }
            out.write(frame(SETTINGS, 0, 0, new byte[0]));
            call(in);
            good(out, message(0, new byte[0]), GOOD);
            in.readAllBytes();
        }));
        Proxy proxy = proxy(server.port(), Duration.ofMillis(400));
        Wire wire = rig.with(new Wire(Rig.address(proxy, "in")));
        assertThat(wire.get("/checked")).startsWith("HTTP/1.1 403");
        assertThat(wire.get("/checked")).startsWith("HTTP/1.1 200");
    }

    @Test
    void anAnswerThatWouldBreakTheRequestIsARefusal() throws Exception {
        AuthzServer server = rig.with(new AuthzServer(AuthzServer.answering(CheckResponse.newBuilder()
                .setOkResponse(OkHttpResponse.newBuilder()
                        .addHeaders(ExtAuthzTest.header("transfer-encoding", "chunked", false)))
                .build())));
        Proxy proxy = proxy(server.port(), Duration.ofSeconds(5));
        assertThat(rig.with(new Wire(Rig.address(proxy, "in"))).get("/checked")).startsWith("HTTP/1.1 403");
        assertThat(ExtAuthzTest.counter(proxy, "error")).isEqualTo(1);
    }
}
