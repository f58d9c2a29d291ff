package lateen.proxy.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import lateen.decision.request.HeaderName;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.Head;
import lateen.proxy.http1.HeadBuilder;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.HeadParser;
import lateen.proxy.http1.HeadProgress;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Scheme;
import org.junit.jupiter.api.Test;

/** Heads from HTTP/1 to HTTP/2 and back. RFC 9113 section 8.2.2, RFC 9110 section 7.6.1. */
class BridgeTest {

    private final HpackEncoder encoder = new HpackEncoder(4096);
    private final HpackDecoder decoder = new HpackDecoder(4096);
    private final HeadBuilder builder = new HeadBuilder();

    private static <T extends Head> T parsed(T head, String text) {
        ByteBuf in = Unpooled.copiedBuffer(text.replace("\n", "\r\n"), StandardCharsets.ISO_8859_1);
        assertThat(new HeadParser(head, HeadLimits.DEFAULT).feed(in)).isEqualTo(HeadProgress.COMPLETE);
        return head;
    }

    private RequestHead over(RequestHead head, boolean last) {
        int length = encoder.encode(head, Scheme.HTTP);
        RequestHead received = new RequestHead();
        builder.begin(received, HeadLimits.DEFAULT, true);
        assertThat(decoder.decode(encoder.block(), 0, length, builder)).isEqualTo(HpackDecoder.Result.OK);
        assertThat(builder.finish(last)).isNull();
        return received;
    }

    private ResponseHead over(ResponseHead head, boolean last) {
        int length = encoder.encode(head);
        ResponseHead received = new ResponseHead();
        builder.begin(received, HeadLimits.DEFAULT);
        assertThat(decoder.decode(encoder.block(), 0, length, builder)).isEqualTo(HpackDecoder.Result.OK);
        assertThat(builder.finish(last)).isNull();
        return received;
    }

    private static String text(Head head) {
        return Recorder.text(head).replace("\r\n", "\n");
    }

    @Test
    void aRequestComesOutAsItWentInButForWhatBelongsToItsConnection() {
        String request = """
                DELETE /a?b=c HTTP/1.1
                X-Upper: Case
                Host: shop:80
                Connection: keep-alive
                Keep-Alive: timeout=5
                Proxy-Connection: keep-alive
                Transfer-Encoding: chunked
                Upgrade: h2c
                TE: deflate
                Cookie: a=b
                Authorization: Basic x

                """;
        String expected = """
                DELETE /a?b=c HTTP/1.1
                host: shop:80
                x-upper: Case
                cookie: a=b
                authorization: Basic x

                """;
        for (int i = 0; i < 4; i++) {
            RequestHead received = over(parsed(new RequestHead(), request), false);
            assertThat(text(received)).isEqualTo(expected);
            assertThat(received.bodyKind()).isEqualTo(BodyKind.CHUNKED);
            assertThat(received.scheme()).isEqualTo(Scheme.HTTP);
            assertThat(received.keepAlive()).isTrue();
        }
    }

    @Test
    void formsOfTargets() {
        assertThat(text(over(parsed(new RequestHead(), "GET https://u:1/p HTTP/1.1\nHost: v\n\n"), true)))
                .isEqualTo("GET /p HTTP/1.1\nhost: u:1\n\n");
        assertThat(text(over(parsed(new RequestHead(), "OPTIONS * HTTP/1.1\nHost: v\n\n"), true)))
                .isEqualTo("OPTIONS * HTTP/1.1\nhost: v\n\n");
        RequestHead connect = over(parsed(new RequestHead(), "CONNECT v:443 HTTP/1.1\nHost: w\n\n"), false);
        assertThat(text(connect)).isEqualTo("CONNECT v:443 HTTP/1.1\nhost: v:443\n\n");
        assertThat(connect.bodyKind()).isEqualTo(BodyKind.TUNNEL);
        assertThat(connect.form()).isEqualTo(RequestHead.Form.AUTHORITY);
    }

    @Test
    void teTrailersPasses() {
        String request = "GET / HTTP/1.1\nHost: v\nTE: trailers\n\n";
        RequestHead received = over(parsed(new RequestHead(), request), true);
        assertThat(text(received)).isEqualTo("GET / HTTP/1.1\nhost: v\nte: trailers\n\n");
        received.removeHopByHop(false);
        assertThat(text(received)).contains("te: trailers");
    }

    @Test
    void answersKeepTheirStatusAndGetAPhrase() {
        for (int i = 0; i < 4; i++) {
            ResponseHead received =
                    over(parsed(new ResponseHead(), "HTTP/1.0 404 Nope\nServer: x\nContent-Length: 3\n\n"), false);
            assertThat(text(received)).isEqualTo("HTTP/1.1 404 Not Found\nserver: x\ncontent-length: 3\n\n");
            assertThat(received.bodyKind(false, false)).isEqualTo(BodyKind.LENGTH);
            assertThat(received.reason()).hasToString("Not Found");
        }
        assertThat(text(over(parsed(new ResponseHead(), "HTTP/1.1 799 Odd\n\n"), true)))
                .isEqualTo("HTTP/1.1 799 \n\n");
        assertThat(over(parsed(new ResponseHead(), "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"), false)
                        .bodyKind(false, false))
                .isEqualTo(BodyKind.CHUNKED);
        assertThat(over(parsed(new ResponseHead(), "HTTP/1.1 200 OK\n\n"), true).bodyKind(false, false))
                .isEqualTo(BodyKind.NONE);
    }

    @Test
    void secretsAreNeverIndexedNorWhatTheSenderCalledOne() {
        RequestHead head = parsed(new RequestHead(), "GET / HTTP/1.1\nHost: v\nAuthorization: secret\n\n");
        for (int i = 0; i < 3; i++) {
            int length = encoder.encode(head, Scheme.HTTP);
            // Never indexed, the name 23 of the static table.
            assertThat(hex(encoder.block(), length)).contains("1f08");
        }
        // The peer's word for a field of its own: 0x10.
        byte[] block = {(byte) 0x82, (byte) 0x86, (byte) 0x84, 0x41, 1, 'v', 0x10, 1, 'q', 1, 'r'};
        RequestHead received = new RequestHead();
        builder.begin(received, HeadLimits.DEFAULT, false);
        assertThat(decoder.decode(block, 0, block.length, builder)).isEqualTo(HpackDecoder.Result.OK);
        assertThat(builder.finish(true)).isNull();
        for (int i = 0; i < 3; i++) {
            int length = encoder.encode(received, Scheme.HTTP);
            assertThat(hex(encoder.block(), length)).endsWith("1001710172");
        }
    }

    private static String hex(byte[] block, int length) {
        return HexFormat.of().formatHex(block, 0, length);
    }

    @Test
    void whatRepeatsIsAByteFromTheThirdTimeOn() {
        RequestHead head = new RequestHead();
        head.start(
                "POST".getBytes(StandardCharsets.US_ASCII),
                "/pkg.Service/Method".getBytes(StandardCharsets.US_ASCII),
                "service:80".getBytes(StandardCharsets.US_ASCII));
        head.set(HeaderName.of("content-type"), "application/grpc".getBytes(StandardCharsets.US_ASCII));
        int[] lengths = new int[3];
        for (int i = 0; i < 3; i++) {
            lengths[i] = encoder.encode(head, Scheme.HTTP);
        }
        assertThat(lengths[2]).isEqualTo(5);
        assertThat(lengths[0]).isGreaterThan(40);
        assertThat(lengths[1]).isGreaterThan(40);
    }
}
