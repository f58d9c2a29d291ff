package lateen.proxy.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.util.AsciiString;
import java.util.List;
import lateen.decision.request.HeaderName;
import lateen.proxy.http1.HeadBuilder;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.Scheme;
import lateen.proxy.http1.Trailers;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class HpackPropertiesTest {

    record Field(String name, String value) {}

    /** Few names and values, so that they repeat and tables fill; some of every kind that is treated by itself. */
    @Provide
    Arbitrary<List<List<Field>>> sections() {
        Arbitrary<String> name = Arbitraries.oneOf(
                Arbitraries.of("accept", "user-agent", "x-a", "authorization", "set-cookie", "x-request-id", "te-x"),
                Arbitraries.strings()
                        .withChars("abz-_.09")
                        .ofMinLength(1)
                        .ofMaxLength(20)
                        .map(n -> "q" + n));
        Arbitrary<String> value = Arbitraries.oneOf(
                Arbitraries.of("", "a", "gzip, deflate", "application/grpc", "x".repeat(300), "y".repeat(600)),
                Arbitraries.strings()
                        .withCharRange('!', '~')
                        .withCharRange('\u0080', '\u00ff')
                        .ofMaxLength(80));
        return Combinators.combine(name, value)
                .as(Field::new)
                .list()
                .ofMaxSize(20)
                .list()
                .ofMinSize(1)
                .ofMaxSize(12);
    }

    private static String text(List<Field> fields) {
        StringBuilder text = new StringBuilder();
        fields.forEach(f -> text.append(f.name()).append(": ").append(f.value()).append('\n'));
        return text.toString();
    }

    private static Trailers trailers(List<Field> fields, boolean upper) {
        Trailers lines = new Trailers();
        for (Field field : fields) {
            String name = upper ? field.name().toUpperCase(java.util.Locale.ROOT) : field.name();
            lines.add(HeaderName.of(name), field.value().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        }
        return lines;
    }

    @Property(tries = 300)
    void whatIsEncodedIsDecodedAgainWhateverTheTableSizesAre(
            @ForAll("sections") List<List<Field>> sections, @ForAll List<Integer> sizes) {
        HpackEncoder encoder = new HpackEncoder(4096);
        HpackDecoder decoder = new HpackDecoder(4096);
        HeadBuilder builder = new HeadBuilder();
        for (int i = 0; i < sections.size(); i++) {
            if (i < sizes.size()) {
                encoder.limit(Math.floorMod(sizes.get(i), 5000));
            }
            int length = encoder.encode(trailers(sections.get(i), i % 2 == 0));
            Trailers decoded = new Trailers();
            builder.begin(decoded, HeadLimits.DEFAULT);
            assertThat(decoder.decode(encoder.block(), 0, length, builder)).isEqualTo(HpackDecoder.Result.OK);
            assertThat(builder.finish(true)).isNull();
            assertThat(Recorder.text(decoded)).isEqualTo(text(sections.get(i)));
        }
    }

    @Property(tries = 300)
    void nettyDecodesWhatWeEncode(@ForAll("sections") List<List<Field>> sections) throws Exception {
        HpackEncoder encoder = new HpackEncoder(4096);
        DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);
        for (List<Field> section : sections) {
            int length = encoder.encode(trailers(section, false));
            Http2Headers decoded = decoder.decodeHeaders(1, Unpooled.wrappedBuffer(encoder.block(), 0, length));
            DefaultHttp2Headers expected = new DefaultHttp2Headers(false);
            section.forEach(f -> expected.add(f.name(), f.value()));
            assertThat(decoded).isEqualTo(expected);
        }
    }

    @Property(tries = 300)
    void weDecodeWhatNettyEncodes(@ForAll("sections") List<List<Field>> sections, @ForAll boolean huffman)
            throws Exception {
        DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder(
                Http2HeadersEncoder.NEVER_SENSITIVE, false, 16, huffman ? 0 : Integer.MAX_VALUE);
        HpackDecoder decoder = new HpackDecoder(4096);
        HeadBuilder builder = new HeadBuilder();
        for (List<Field> section : sections) {
            DefaultHttp2Headers headers = new DefaultHttp2Headers(false);
            section.forEach(f -> headers.add(new AsciiString(f.name()), new AsciiString(f.value())));
            ByteBuf out = Unpooled.buffer();
            encoder.encodeHeaders(1, headers, out);
            byte[] block = ByteBufUtil.getBytes(out);
            Trailers decoded = new Trailers();
            builder.begin(decoded, HeadLimits.DEFAULT);
            assertThat(decoder.decode(block, 0, block.length, builder)).isEqualTo(HpackDecoder.Result.OK);
            assertThat(builder.finish(true)).isNull();
            // Netty's headers keep the order of names, not of all lines.
            StringBuilder expected = new StringBuilder();
            headers.forEach(e -> expected.append(e.getKey())
                    .append(": ")
                    .append(e.getValue())
                    .append('\n'));
            assertThat(Recorder.text(decoded)).isEqualTo(expected.toString());
        }
    }

    @Property(tries = 2000)
    void noBytesMakeTheDecoderThrow(@ForAll byte[] block, @ForAll List<byte[]> more) {
        HpackDecoder decoder = new HpackDecoder(4096);
        HeadBuilder builder = new HeadBuilder();
        RequestHead head = new RequestHead();
        builder.begin(head, new HeadLimits(200, 5), true);
        decoder.decode(block, 0, block.length, builder);
        builder.finish(true);
        for (byte[] next : more) {
            builder.begin(head, HeadLimits.DEFAULT, true);
            HpackDecoder.Result result = decoder.decode(next, 0, next.length, builder);
            if (builder.finish(false) == null && builder.tooLarge() == null && result == HpackDecoder.Result.OK) {
                HpackEncoder encoder = new HpackEncoder(4096);
                assertThat(encoder.encode(head, Scheme.HTTP)).isPositive();
            }
        }
    }
}
