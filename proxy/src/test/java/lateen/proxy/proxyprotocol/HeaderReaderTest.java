package lateen.proxy.proxyprotocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import lateen.decision.config.ProxyProtocol;
import lateen.decision.config.ProxyProtocol.Kept;
import lateen.decision.config.ProxyProtocol.Tlv;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderReaderTest {
    private static final ProxyProtocol NEEDED = new ProxyProtocol(false, Set.of(), new Kept(true, Set.of()));
    private static final ProxyProtocol OPTIONAL = new ProxyProtocol(true, Set.of(), Kept.NONE);
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static HeaderRead text(String text) {
        return HeaderReader.read(
                Unpooled.copiedBuffer(text.replace("\\r\\n", "\r\n"), StandardCharsets.ISO_8859_1), NEEDED);
    }

    private static HeaderRead hex(String hex) {
        return HeaderReader.read(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex.replace(" ", ""))), NEEDED);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            PROXY TCP4 192.168.0.1 10.0.0.9 56324 443\\r\\nGET   | 192.168.0.1:56324 10.0.0.9:443                   | 43
            PROXY TCP4 255.255.255.255 0.0.0.0 0 65535\\r\\n      | 255.255.255.255:0 0.0.0.0:65535                 | 44
            PROXY TCP6 fd00::1 2001:db8::2 1 2\\r\\n              | [fd00:0:0:0:0:0:0:1]:1 [2001:db8:0:0:0:0:0:2]:2 | 36
            PROXY TCP6 ::ffff:10.0.0.1 ::ffff:10.0.0.2 1 2\\r\\n  | 10.0.0.1:1 10.0.0.2:2                           | 48
            """)
    void aLineOfTextTellsBothEnds(String line, String ends, int length) {
        assertThat(text(line)).isInstanceOfSatisfying(HeaderRead.Found.class, found -> {
            assertThat(found.header().source() + " " + found.header().destination())
                    .isEqualTo(ends);
            assertThat(found.length()).isEqualTo(length);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 192.168.0.1 10.0.0.9 56324 443\n",
                "PROXY TCP4 192.168.0.1 10.0.0.9 56324\\r\\n",
                "PROXY TCP4 192.168.0.1 10.0.0.9 56324 443 \\r\\n",
                "PROXY  TCP4 192.168.0.1 10.0.0.9 56324 443\\r\\n",
                "PROXY TCP4 192.168.0.01 10.0.0.9 56324 443\\r\\n",
                "PROXY TCP4 192.168.0.256 10.0.0.9 56324 443\\r\\n",
                "PROXY TCP4 192.168.1 10.0.0.9 56324 443\\r\\n",
                "PROXY TCP4 192.168.0.1 10.0.0.9 56324 65536\\r\\n",
                "PROXY TCP4 192.168.0.1 10.0.0.9 056324 443\\r\\n",
                "PROXY TCP4 192.168.0.1 10.0.0.9 +56324 443\\r\\n",
                "PROXY TCP4 fd00::1 fd00::2 56324 443\\r\\n",
                "PROXY TCP6 10.0.0.1 10.0.0.2 56324 443\\r\\n",
                "PROXY TCP6 fd00::1%lo fd00::2 56324 443\\r\\n",
                "PROXY TCP6 fd00:::1 fd00::2 56324 443\\r\\n",
                "PROXY UDP4 192.168.0.1 10.0.0.9 56324 443\\r\\n",
                "PROXY localhost\\r\\n",
                "PROXY UNKNOWNX\\r\\n",
                "GET / HTTP/1.1\\r\\n",
                "\\r\\nhello",
            })
    void otherLinesAreRefused(String line) {
        assertThat(text(line)).isInstanceOf(HeaderRead.Bad.class);
    }

    @Test
    void aLineThatNeverEndsIsNotWaitedFor() {
        assertThat(text("PROXY UNKNOWN " + "x".repeat(92))).isInstanceOf(HeaderRead.NeedMore.class);
        assertThat(text("PROXY UNKNOWN " + "x".repeat(91) + "\r\n")).isEqualTo(new HeaderRead.Silent(107));
        assertThat(text("PROXY UNKNOWN " + "x".repeat(93))).isInstanceOf(HeaderRead.Bad.class);
        assertThat(text("PROXY UNKNOWN " + "x".repeat(92) + "\r\n")).isInstanceOf(HeaderRead.Bad.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            21 11 000c 01020304 05060708 0050 01bb | 1.2.3.4:80 5.6.7.8:443 [] 28
            21 11 0011 01020304 05060708 0050 01bb ea 0002 4142 | 1.2.3.4:80 5.6.7.8:443 [Tlv[type=234, value=AB]] 33
            21 11 0012 01020304 05060708 0050 01bb 04 0000 ea 0000 | 1.2.3.4:80 5.6.7.8:443 [Tlv[type=234, value=]] 34
            """)
    void bytesTellBothEndsAndMore(String rest, String expected) {
        assertThat(hex(SIGNATURE + rest))
                .isInstanceOfSatisfying(
                        HeaderRead.Found.class,
                        found -> assertThat(found.header().source() + " "
                                        + found.header().destination() + " "
                                        + found.header().tlvs() + " " + found.length())
                                .isEqualTo(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"20 00 0000", "20 11 0003 010203", "21 00 0002 0102"})
    void aConnectionOfTheProxyItselfHasItsOwnAddresses(String rest) {
        assertThat(hex(SIGNATURE + rest))
                .isEqualTo(new HeaderRead.Silent(12 + rest.replace(" ", "").length() / 2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "11 11 000c 01020304 05060708 0050 01bb",
                "22 11 000c 01020304 05060708 0050 01bb",
                "21 12 000c 01020304 05060708 0050 01bb",
                "21 31 000c 01020304 05060708 0050 01bb",
                "21 11 000b 01020304 05060708 0050 01",
                "21 21 000c 01020304 05060708 0050 01bb",
                "21 11 000d 01020304 05060708 0050 01bb 01",
                "21 11 0010 01020304 05060708 0050 01bb 01 0002 41",
                "21 11 1ff1",
                "20 00 ffff",
            })
    void otherBytesAreRefused(String rest) {
        assertThat(hex(SIGNATURE + rest)).isInstanceOf(HeaderRead.Bad.class);
    }

    @Test
    void aVersionMayBeRefused() {
        ByteBuf text = Unpooled.copiedBuffer("PROXY UNKNOWN\r\n", StandardCharsets.US_ASCII);
        assertThat(HeaderReader.read(text, new ProxyProtocol(false, Set.of(1), Kept.NONE)))
                .isInstanceOf(HeaderRead.Bad.class);
        assertThat(HeaderReader.read(text, new ProxyProtocol(false, Set.of(2), Kept.NONE)))
                .isEqualTo(new HeaderRead.Silent(15));
        assertThat(HeaderReader.read(text, new ProxyProtocol(true, Set.of(1), Kept.NONE)))
                .isInstanceOf(HeaderRead.Absent.class);
    }

    @Test
    void onlyWhereItIsOptionalMayItBeMissing() {
        ByteBuf request = Unpooled.copiedBuffer("POST / HTTP/1.1\r\n", StandardCharsets.US_ASCII);
        assertThat(HeaderReader.read(request, OPTIONAL)).isInstanceOf(HeaderRead.Absent.class);
        assertThat(HeaderReader.read(request, NEEDED))
                .isInstanceOfSatisfying(
                        HeaderRead.Bad.class, bad -> assertThat(bad.reason()).contains("504f5354"));
        assertThat(HeaderReader.read(request.slice(0, 1), OPTIONAL)).isInstanceOf(HeaderRead.NeedMore.class);
        assertThat(HeaderReader.read(Unpooled.EMPTY_BUFFER, OPTIONAL)).isInstanceOf(HeaderRead.NeedMore.class);
    }

    /** An obvious reading of the same text, to compare with. */
    @Property(tries = 2000)
    void whatIsWrittenIsRead(@ForAll("headers") ProxyHeader header, @ForAll boolean binary, @ForAll byte[] after) {
        ByteBuf out = Unpooled.buffer();
        boolean sameFamily =
                header.source().ip().v6() == header.destination().ip().v6();
        if (binary) {
            BinaryHeader.write(header, out);
        } else {
            out.writeCharSequence(TextHeader.of(header.source(), header.destination()), StandardCharsets.US_ASCII);
        }
        int length = out.readableBytes();
        out.writeBytes(after);
        assertThat(HeaderReader.read(out, NEEDED)).isInstanceOfSatisfying(HeaderRead.Found.class, found -> {
            assertThat(found.length()).isEqualTo(length);
            assertThat(found.header().source()).isEqualTo(header.source());
            assertThat(found.header().destination()).isEqualTo(header.destination());
            assertThat(found.header().tlvs()).isEqualTo(binary ? header.tlvs() : List.of());
        });
        assertThat(out.readerIndex()).isZero();
        for (int i = 0; i < length; i++) {
            assertThat(HeaderReader.read(out.slice(0, i), NEEDED)).isInstanceOf(HeaderRead.NeedMore.class);
        }
        assertThat(sameFamily
                        || binary
                        || out.toString(StandardCharsets.US_ASCII).startsWith("PROXY TCP6"))
                .isTrue();
    }

    @Property(tries = 5000)
    void damagedHeadersAreReadOrRefused(
            @ForAll("headers") ProxyHeader header,
            @ForAll boolean binary,
            @ForAll @IntRange(max = 400) int at,
            @ForAll byte value) {
        ByteBuf out = Unpooled.buffer();
        if (binary) {
            BinaryHeader.write(header, out);
        } else {
            out.writeCharSequence(TextHeader.of(header.source(), header.destination()), StandardCharsets.US_ASCII);
        }
        out.setByte(at % out.readableBytes(), value);
        bounded(HeaderReader.read(out, NEEDED), out);
        bounded(HeaderReader.read(out, OPTIONAL), out);
    }

    @Property(tries = 5000)
    void anyBytesAfterASignatureAreReadOrRefused(@ForAll boolean binary, @ForAll @Size(max = 120) byte[] bytes) {
        ByteBuf out = Unpooled.buffer();
        if (binary) {
            out.writeBytes(BinaryHeader.SIGNATURE);
        } else {
            out.writeCharSequence("PROXY ", StandardCharsets.US_ASCII);
        }
        out.writeBytes(bytes);
        bounded(HeaderReader.read(out, NEEDED), out);
    }

    /** Nothing is said to have been read that is not there. */
    private static void bounded(HeaderRead read, ByteBuf from) {
        switch (read) {
            case HeaderRead.Found(var _, int length) -> assertThat(length).isBetween(1, from.readableBytes());
            case HeaderRead.Silent(int length) -> assertThat(length).isBetween(1, from.readableBytes());
            case HeaderRead.NeedMore _ -> assertThat(from.readableBytes()).isLessThan(BinaryHeader.MAX);
            case HeaderRead.Absent _ -> {}
            case HeaderRead.Bad(String reason) -> assertThat(reason).isNotEmpty();
        }
    }

    @Provide
    Arbitrary<ProxyHeader> headers() {
        Arbitrary<IpAddress> ips = Arbitraries.oneOf(
                Arbitraries.integers().map(IpAddress::v4),
                Combinators.combine(Arbitraries.longs(), Arbitraries.longs()).as(IpAddress::v6));
        Arbitrary<SocketAddr> ends = Combinators.combine(
                        ips, Arbitraries.integers().between(0, 65535))
                .as(SocketAddr::new);
        Arbitrary<Tlv> tlvs = Combinators.combine(
                        Arbitraries.integers().between(0, 255).filter(type -> type != 4),
                        Arbitraries.strings()
                                .withCharRange((char) 0, (char) 255)
                                .ofMaxLength(40))
                .as(Tlv::new);
        return Combinators.combine(ends, ends, tlvs.list().ofMaxSize(4)).as(ProxyHeader::new);
    }
}
