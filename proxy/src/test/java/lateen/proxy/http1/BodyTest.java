package lateen.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BodyTest {

    private final StringBuilder seen = new StringBuilder();
    private final BodyReader reader = new BodyReader();

    private BodyResult read(String text) {
        ByteBuf in = Wire.bytes(text);
        BodyResult result = reader.read(in, this::take);
        assertThat(in.refCnt()).isEqualTo(1);
        return result;
    }

    private void take(ByteBuf slice) {
        assertThat(slice.isReadable()).isTrue();
        seen.append(Wire.text(slice));
        slice.release();
    }

    @Test
    void aBodyOfKnownLengthEndsThere() {
        reader.start(BodyKind.LENGTH, 5);
        assertThat(read("ab")).isEqualTo(BodyProgress.NEED_MORE);
        ByteBuf rest = Wire.bytes("cdeGET");
        assertThat(reader.read(rest, this::take)).isEqualTo(BodyProgress.DONE);
        assertThat(Wire.text(rest)).isEqualTo("GET");
        assertThat(seen).hasToString("abcde");
        assertThat(reader.payloadBytes()).isEqualTo(5);
    }

    @Test
    void aBodyUntilCloseEndsWithTheConnectionAndNoOtherDoes() {
        reader.start(BodyKind.UNTIL_CLOSE, -1);
        assertThat(read("abc")).isEqualTo(BodyProgress.NEED_MORE);
        assertThat(reader.endOfInput()).isEqualTo(BodyProgress.DONE);
        reader.start(BodyKind.LENGTH, 2);
        read("a");
        assertThat(reader.endOfInput()).isEqualTo(BodyError.PREMATURE_END);
        reader.start(BodyKind.CHUNKED, -1);
        read("1\r\na\r\n0\r\n");
        assertThat(reader.endOfInput()).isEqualTo(BodyError.PREMATURE_END);
        reader.start(BodyKind.NONE, -1);
        assertThat(reader.endOfInput()).isEqualTo(BodyProgress.DONE);
    }

    @Test
    void aChunkedBodyIsReadTheSameHoweverItIsSplit() {
        String body = "5\r\nhello\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\nT: 1\r\nU:\r\n\r\n";
        for (int cut = 0; cut < body.length(); cut++) {
            seen.setLength(0);
            reader.start(BodyKind.CHUNKED, -1);
            assertThat(read(body.substring(0, cut))).isEqualTo(BodyProgress.NEED_MORE);
            ByteBuf rest = Wire.bytes(body.substring(cut) + "GET");
            assertThat(reader.read(rest, this::take)).isEqualTo(BodyProgress.DONE);
            assertThat(Wire.text(rest)).isEqualTo("GET");
            assertThat(seen).hasToString("hello0123456789");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ~                    | BAD_CHUNK_SIZE
            x~                   | BAD_CHUNK_SIZE
            -1~                  | BAD_CHUNK_SIZE
            0x1~                 | BAD_CHUNK_SIZE
            1 ~                  | BAD_CHUNK_SIZE
            1000000000000000~    | BAD_CHUNK_SIZE
            ;x~                  | BAD_CHUNK_SIZE
            1^a                  | BAD_CHUNK_SIZE
            1;^                  | BAD_CHUNK_EXTENSION
            1~ab                 | BAD_LINE_END
            1~a^                 | BAD_LINE_END
            0~ T: 1~~            | BAD_TRAILER
            0~T~~                | BAD_TRAILER
            0~T : 1~~            | BAD_TRAILER
            0~T: ^~~             | BAD_TRAILER
            """)
    void aBadChunkIsRefused(String body, BodyError expected) {
        reader.start(BodyKind.CHUNKED, -1);
        assertThat(read(body.replace("~", "\r\n").replace("^", "\n"))).isEqualTo(expected);
    }

    @Test
    void extensionsAndTrailersHaveLimits() {
        reader.start(BodyKind.CHUNKED, -1);
        assertThat(read("1;" + "x".repeat(256) + "\r\n")).isEqualTo(BodyProgress.NEED_MORE);
        reader.start(BodyKind.CHUNKED, -1);
        assertThat(read("1;" + "x".repeat(257) + "\r\n")).isEqualTo(BodyError.BAD_CHUNK_EXTENSION);
        reader.start(BodyKind.CHUNKED, -1);
        assertThat(read("0\r\n" + "T: 1\r\n".repeat(8192 / 6 + 1))).isEqualTo(BodyError.TRAILERS_TOO_LARGE);
    }

    @Test
    void keptTrailersAreAHundredAtMost() {
        BodyReader keeping = new BodyReader(true);
        for (int n : new int[] {0, 1, 99, 100}) {
            keeping.start(BodyKind.CHUNKED, -1);
            ByteBuf in = Unpooled.copiedBuffer("0\r\n" + "T:1\r\n".repeat(n) + "\r\n", StandardCharsets.ISO_8859_1);
            BodyResult result = keeping.read(in, ByteBuf::release);
            assertThat(result).isEqualTo(n < 100 ? BodyProgress.DONE : BodyError.BAD_TRAILER);
            Trailers kept = keeping.trailers();
            assertThat(kept == null ? 0 : kept.count()).isEqualTo(n);
        }
    }

    @Test
    void aWrittenChunkHasItsSizeInHexadecimal() {
        ByteBuf out = Unpooled.buffer();
        for (int size : new int[] {1, 15, 16, 255, 256, 65536, Integer.MAX_VALUE}) {
            ChunkedWriter.before(size, out);
        }
        assertThat(Wire.text(out)).isEqualTo("1\r\nf\r\n10\r\nff\r\n100\r\n10000\r\n7fffffff\r\n");
        assertThatThrownBy(() -> ChunkedWriter.before(0, out)).hasMessageContaining("expected: 1 or more");
    }
}
