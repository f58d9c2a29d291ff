package lateen.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class CodecPropertiesTest {

    @Provide
    Arbitrary<String> requests() {
        Arbitrary<String> method = Arbitraries.of("GET", "POST", "PUT", "X-Y!", "HEAD");
        Arbitrary<String> path = Arbitraries.strings()
                .withChars("abz/?=&%~.0;:@")
                .ofMaxLength(40)
                .map(p -> "/" + p);
        Arbitrary<String> name = Arbitraries.strings()
                .withChars("abcXYZ-_.!09")
                .ofMinLength(1)
                .ofMaxLength(12)
                .map(n -> "q" + n);
        Arbitrary<String> value = Arbitraries.strings()
                .withCharRange(' ', '~')
                .withCharRange('\u0080', '\u00ff')
                .withChars('\t')
                .ofMaxLength(60);
        Arbitrary<String> lines = Combinators.combine(name, value)
                .as((n, v) -> n + ":" + v + "\r\n")
                .list()
                .ofMaxSize(20)
                .map(l -> String.join("", l));
        return Combinators.combine(method, path, lines, lines)
                .as((m, p, a, b) -> m + " " + p + " HTTP/1.1\r\n" + a + "Host: h\r\n" + b + "\r\n");
    }

    @Property
    void aGoodHeadIsEncodedAsItCame(@ForAll("requests") String text) {
        assertThat(Wire.encoded(Wire.request(text))).isEqualTo(text);
    }

    @Property
    void anyBytesInAnySplitGiveOneResultAndNeverAnException(
            @ForAll("requests") String text, @ForAll long seed, @ForAll @Size(max = 3) List<Byte> noise) {
        Random random = new Random(seed);
        StringBuilder mutated = new StringBuilder(text);
        for (byte b : noise) {
            int at = random.nextInt(mutated.length());
            switch (random.nextInt(3)) {
                case 0 -> mutated.setCharAt(at, (char) (b & 0xFF));
                case 1 -> mutated.insert(at, (char) (b & 0xFF));
                default -> mutated.deleteCharAt(at);
            }
        }
        String input = mutated.toString();
        HeadResult whole = Wire.result(new RequestHead(), input);
        int[] cuts = random.ints(3, 0, input.length() + 1).sorted().toArray();
        RequestHead head = new RequestHead();
        HeadResult split = Wire.fed(new HeadParser(head, HeadLimits.DEFAULT), input, cuts);
        assertThat(split).as("cut at %s", Arrays.toString(cuts)).isEqualTo(whole);
        if (split == HeadProgress.COMPLETE) {
            // What we forward must mean to the next reader what it meant to us.
            String forwarded = Wire.encoded(head);
            RequestHead again = Wire.request(forwarded);
            assertThat(Wire.encoded(again)).isEqualTo(forwarded);
            assertThat(again.bodyKind()).isEqualTo(head.bodyKind());
            assertThat(again.count()).isEqualTo(head.count());
        }
    }

    @Property
    void aChunkedBodyComesBackWhateverItsChunksAndSplits(
            @ForAll @Size(max = 20) List<byte[]> chunks, @ForAll long seed) {
        ByteBuf wire = Unpooled.buffer();
        ByteBuf plain = Unpooled.buffer();
        for (byte[] chunk : chunks) {
            if (chunk.length > 0) {
                ChunkedWriter.before(chunk.length, wire);
                wire.writeBytes(chunk);
                ChunkedWriter.after(wire);
                plain.writeBytes(chunk);
            }
        }
        ChunkedWriter.end(wire);
        Random random = new Random(seed);
        BodyReader reader = new BodyReader();
        reader.start(BodyKind.CHUNKED, -1);
        ByteBuf seen = Unpooled.buffer();
        BodyResult result = BodyProgress.NEED_MORE;
        while (wire.isReadable()) {
            ByteBuf part = wire.readBytes(1 + random.nextInt(wire.readableBytes()));
            result = reader.read(part, slice -> {
                seen.writeBytes(slice);
                slice.release();
            });
            assertThat(part.release()).isTrue();
        }
        assertThat(result).isEqualTo(BodyProgress.DONE);
        assertThat(seen).isEqualTo(plain);
    }

    @Property
    void noBytesMakeTheBodyReaderThrow(@ForAll byte[] bytes) {
        BodyReader reader = new BodyReader();
        reader.start(BodyKind.CHUNKED, -1);
        long[] seen = new long[1];
        reader.read(Unpooled.wrappedBuffer(bytes), slice -> {
            seen[0] += slice.readableBytes();
            slice.release();
        });
        assertThat(seen[0]).isEqualTo(reader.payloadBytes());
    }
}
