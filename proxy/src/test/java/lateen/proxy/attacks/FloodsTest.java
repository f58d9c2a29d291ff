package lateen.proxy.attacks;

import static lateen.proxy.http2.Frames.END_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lateen.proxy.Rig;
import lateen.proxy.http2.Frames;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The published floods of HTTP/2 through a whole proxy, beside a real Envoy 1.40: the attacker's connection ends, those
 * beside it are served, and nothing is held afterwards. The engine's exact limits are in {@link
 * lateen.proxy.http2.FloodTest}.
 */
@Tag("kernel")
class FloodsTest {
    private static final Rig rig = new Rig();
    private static final String GET = Http2Client.fields("GET", "/a");
    private static final String POST = Http2Client.fields("POST", "/a");
    private static Side lateen;
    private static Side envoy;

    @TempDir
    static Path dir;

    @BeforeAll
    static void start() throws Exception {
        lateen = Side.lateen(rig, dir);
        envoy = Side.envoy(rig, dir);
    }

    @AfterAll
    static void close() throws Exception {
        rig.close();
    }

    /**
     * @param ours GOAWAY and its code; RST and the code, or the status, of the first stream with = where the connection
     *     serves on
     * @param envoys the same; - where the connection ends without a GOAWAY, as Envoy's often do
     * @param why the two differ in more than that; empty: they do not
     */
    private static Arguments row(String name, String ours, String envoys, String why, ByteBuf frames) {
        return Arguments.of(name, ours, envoys, why, frames);
    }

    private static ByteBuf times(int count, IntFunction<ByteBuf> frames) {
        return Unpooled.wrappedBuffer(IntStream.range(0, count).mapToObj(frames).toArray(ByteBuf[]::new));
    }

    private static ByteBuf then(ByteBuf... frames) {
        return Unpooled.wrappedBuffer(frames);
    }

    private static ByteBuf block(int stream, int flags, byte... block) {
        return Frames.frame(1, Frames.END_HEADERS | flags, stream, block);
    }

    /** Four pseudo-header fields, a large field that enters the table, and very many references to it. */
    private static byte[] bomb(int references) {
        ByteBuf out = Unpooled.buffer();
        out.writeBytes(Frames.block(GET)).writeByte(0x40).writeByte(1).writeByte('x');
        // 3900 as an integer of 7 bits: 127 + (3773 = 29 * 128 + 61).
        out.writeByte(127).writeByte(61 | 128).writeByte(29);
        out.writeBytes("y".repeat(3900).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        for (int i = 0; i < references; i++) {
            out.writeByte(0x80 | 62);
        }
        return io.netty.buffer.ByteBufUtil.getBytes(out);
    }

    static Stream<Arguments> floods() {
        return Stream.of(
                row(
                        "rapid reset, CVE-2023-44487",
                        "GOAWAY11",
                        "-",
                        "",
                        times(3000, i -> then(Frames.headers(2 * i + 1, END_STREAM, GET), Frames.rst(2 * i + 1, 8)))),
                row(
                        "rapid reset of uploads",
                        "GOAWAY11",
                        "-",
                        "",
                        times(3000, i -> then(Frames.headers(2 * i + 1, 0, POST), Frames.rst(2 * i + 1, 8)))),
                row(
                        "made you reset by a window of 0, CVE-2025-8671",
                        "GOAWAY11",
                        "-",
                        "",
                        times(3000, i -> then(Frames.headers(2 * i + 1, 0, POST), Frames.windowUpdate(2 * i + 1, 0)))),
                row(
                        "made you reset by a window beyond 2^31",
                        "GOAWAY11",
                        "-",
                        "",
                        times(
                                3000,
                                i -> then(
                                        Frames.headers(2 * i + 1, 0, POST),
                                        Frames.windowUpdate(2 * i + 1, Integer.MAX_VALUE)))),
                row(
                        "made you reset by a length that is not true",
                        "GOAWAY11",
                        "-",
                        "",
                        times(
                                3000,
                                i -> then(
                                        Frames.headers(2 * i + 1, 0, POST + "\ncontent-length 1"),
                                        Frames.data(2 * i + 1, END_STREAM, "no")))),
                row(
                        "made you reset by a malformed head",
                        "GOAWAY11",
                        "-",
                        "",
                        times(3000, i -> Frames.headers(2 * i + 1, END_STREAM, GET + "\nconnection close"))),
                row(
                        "CONTINUATION without payload, CVE-2024-27316",
                        "GOAWAY11",
                        "-",
                        "",
                        then(Frames.frame(1, 0, 1, Frames.block(GET)), times(20_000, i -> Frames.frame(9, 0, 1)))),
                row(
                        "CONTINUATION without end",
                        "GOAWAY11",
                        "-",
                        "",
                        then(
                                Frames.frame(1, 0, 1, Frames.block(GET)),
                                times(2000, i -> Frames.frame(9, 0, 1, Frames.block("x " + "y".repeat(4000)))))),
                row("SETTINGS, CVE-2019-9515", "GOAWAY11", "-", "", times(20_000, i -> Frames.settings())),
                row("SETTINGS of a window", "GOAWAY11", "-", "", times(20_000, i -> Frames.settings(4, i))),
                row("PING, CVE-2019-9512", "GOAWAY11", "-", "", times(50_000, i -> Frames.frame(6, 0, 0, new byte[8]))),
                row(
                        "empty DATA, CVE-2019-9518",
                        "GOAWAY11",
                        "-",
                        "",
                        then(Frames.headers(1, 0, POST), times(5000, i -> Frames.data(1, 0, "")))),
                row(
                        "padding alone as DATA",
                        "GOAWAY11",
                        "-",
                        "",
                        then(Frames.headers(1, 0, POST), times(5000, i -> Frames.frame(0, 8, 1, new byte[] {1, 0})))),
                row(
                        "PRIORITY, CVE-2019-9513",
                        "GOAWAY11",
                        "-",
                        "",
                        times(20_000, i -> Frames.frame(2, 0, 2 * i + 1, new byte[5]))),
                row("WINDOW_UPDATE", "GOAWAY11", "-", "", times(20_000, i -> Frames.windowUpdate(0, 1))),
                row(
                        "names without letters, CVE-2019-9516",
                        "RST1=",
                        "RST1=",
                        "",
                        block(
                                1,
                                END_STREAM,
                                Frames.literals(List.of(
                                        ":method",
                                        "GET",
                                        ":scheme",
                                        "http",
                                        ":path",
                                        "/a",
                                        ":authority",
                                        "a",
                                        "",
                                        "")))),
                row(
                        "an HPACK bomb",
                        "GOAWAY11",
                        "RST2=",
                        "a block far beyond the limit is no large head any more: RFC 9113 section 10.5.1",
                        block(1, END_STREAM, bomb(12_000))),
                row(
                        "a smaller HPACK bomb",
                        "431=",
                        "RST2=",
                        "RFC 6585 section 5: the client is told which limit it was",
                        block(1, END_STREAM, bomb(20))),
                row(
                        "an HPACK integer without end",
                        "GOAWAY9",
                        "GOAWAY9",
                        "",
                        block(1, END_STREAM, Frames.bytes(0xff, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1))),
                row(
                        "an HPACK index that is not there",
                        "GOAWAY9",
                        "GOAWAY9",
                        "",
                        block(1, END_STREAM, Frames.bytes(0xfe))),
                row(
                        "an HPACK table beyond the limit",
                        "GOAWAY9",
                        "GOAWAY9",
                        "",
                        block(1, END_STREAM, Frames.bytes(0x3f, 255, 255, 255, 7))),
                row("RST_STREAM of a stream that is not", "GOAWAY1", "-", "", Frames.rst(1, 8)),
                row("PUSH_PROMISE", "GOAWAY1", "-", "", Frames.frame(5, 4, 1, Frames.word(2))),
                row("a frame beyond the limit", "GOAWAY6", "GOAWAY6", "", Frames.frame(0, 0, 1, new byte[16_385])),
                row(
                        "more DATA than the window",
                        "RST3=",
                        "RST3=",
                        "",
                        then(
                                Frames.headers(1, 0, Http2Client.fields("POST", "/never")),
                                times(4000, i -> Frames.frame(0, 0, 1, new byte[16_384])))));
    }

    private static String outcome(Side side, ByteBuf frames) throws Exception {
        try (Http2Client client = new Http2Client(side.open())) {
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    client.send(frames.duplicate());
                } catch (IOException ended) {
                    // The reader is told why.
                }
            });
            String first = client.await(1);
            if (!first.equals("-")) {
                writer.join();
                if (client.roundTrip()
                        && client.get(100_001, "/probe").await(100_001).equals("200")) {
                    return first + "=";
                }
            }
            client.awaitEnd();
            writer.join();
            return client.goaway < 0 ? "-" : "GOAWAY" + client.goaway;
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("floods")
    void eachFlood(String name, String ours, String envoys, String why, ByteBuf frames) throws Exception {
        boolean alike = ours.equals(envoys) || (ours.startsWith("GOAWAY") && envoys.equals("-"));
        assertThat(why.isEmpty()).as("a difference has a reason").isEqualTo(alike);
        try (Http1Client good = new Http1Client(lateen);
                Http2Client other = new Http2Client(lateen.open())) {
            assertThat(good.get("/before")).isEqualTo("GET /before");
            assertThat(other.get(1, "/before").await(1)).isEqualTo("200");
            assertThat(outcome(lateen, frames)).as(name).isEqualTo(ours);
            assertThat(good.get("/after")).isEqualTo("GET /after");
            assertThat(other.get(3, "/after").await(3)).isEqualTo("200");
        }
        lateen.gauges().awaitNothing();
        lateen.gauges().awaitNoBuffers();
        assertThat(outcome(envoy, frames)).as(name + ", Envoy").isEqualTo(envoys);
    }
}
