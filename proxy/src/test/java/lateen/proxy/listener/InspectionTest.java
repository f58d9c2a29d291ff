package lateen.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InspectionTest {
    private static final byte[] HELLO = hello();

    /** A real ClientHello, made by the JDK. */
    private static byte[] hello() {
        try {
            SSLEngine engine = SSLContext.getDefault().createSSLEngine("peer", 443);
            engine.setUseClientMode(true);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName("Outbound.Catalog.Shop")));
            parameters.setApplicationProtocols(new String[] {"istio", "http/1.1"});
            engine.setSSLParameters(parameters);
            java.nio.ByteBuffer out = java.nio.ByteBuffer.allocate(32 * 1024);
            engine.wrap(java.nio.ByteBuffer.allocate(0), out);
            out.flip();
            byte[] bytes = new byte[out.remaining()];
            out.get(bytes);
            return bytes;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Inspection tls(byte[] bytes, int length) {
        return ClientHello.inspect(Unpooled.wrappedBuffer(bytes, 0, length));
    }

    @Test
    void aClientHelloTellsServerNameAndProtocols() {
        assertThat(tls(HELLO, HELLO.length))
                .isEqualTo(new Inspection.Tls("outbound.catalog.shop", List.of("istio", "http/1.1")));
    }

    @Test
    void everyShorterPieceOfAClientHelloAsksForMore() {
        for (int i = 0; i < HELLO.length; i++) {
            assertThat(tls(HELLO, i)).isEqualTo(new Inspection.NeedMore());
        }
    }

    @Property(tries = 200)
    void aClientHelloMayBeSpreadOverRecords(@ForAll @IntRange(min = 1, max = 300) int size) {
        ByteBuf records = Unpooled.buffer();
        for (int at = 5; at < HELLO.length; at += size) {
            int n = Math.min(size, HELLO.length - at);
            records.writeByte(22).writeShort(0x0301).writeShort(n).writeBytes(HELLO, at, n);
        }
        assertThat(ClientHello.inspect(records)).isEqualTo(tls(HELLO, HELLO.length));
    }

    @Property(tries = 2000)
    void damagedBytesNeverDoMoreThanBeingRefused(
            @ForAll @IntRange(min = 0, max = 600) int at, @ForAll byte value, @ForAll @IntRange(max = 700) int length) {
        byte[] damaged = HELLO.clone();
        damaged[at % damaged.length] = value;
        assertThat(tls(damaged, Math.min(length, damaged.length))).isNotNull();
    }

    @Property(tries = 2000)
    void anyBytesAreInspectedWithoutHarm(@ForAll byte[] bytes) {
        assertThat(tls(bytes, bytes.length)).isNotNull();
        assertThat(HttpPreface.inspect(Unpooled.wrappedBuffer(bytes))).isNotNull();
    }

    @Test
    void aHelloThatNeverEndsIsNotWaitedForBeyondTheLimit() {
        ByteBuf much = Unpooled.buffer();
        much.writeByte(22).writeShort(0x0301).writeShort(16000).writeByte(1).writeMedium(16300);
        much.writeZero(20 * 1024);
        assertThat(ClientHello.inspect(much)).isEqualTo(new Inspection.Other());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET / HTTP/1.1\\r\\n            | http/1.1
            \\r\\nPOST /a HTTP/1.0\\r\\n    | http/1.0
            PRI * HTTP/2.0\\r\\n\\r\\nSM    | h2c
            M-SEARCH * HTTP/1.1\\r\\n       | http/1.1
            """)
    void httpIsRecognisedByItsFirstLine(String text, String protocol) {
        assertThat(http(text.replace("\\r\\n", "\r\n"))).isEqualTo(new Inspection.Http(protocol));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SSH-2.0-OpenSSH_9.2      | Other
            GET                      | NeedMore
            GET /a HTTP/1            | NeedMore
            HELO mail.example.com\\n | Other
            """)
    void otherProtocolsAreLeftAlone(String text, String expected) {
        assertThat(http(text.replace("\\n", "\n")).getClass().getSimpleName()).isEqualTo(expected);
    }

    private static Inspection http(String text) {
        return HttpPreface.inspect(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }
}
