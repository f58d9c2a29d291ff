package lateen.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadTest {

    private static final String GET = "GET /a?b HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nx-two:2 \r\nX-ONE: 3\r\n\r\n";
    private static final HeaderName ONE = HeaderName.of("x-one");
    private static final HeaderName TWO = HeaderName.of("X-Two");
    private static final HeaderName NEW = HeaderName.of("x-new");

    private static byte[] b(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void headersAreFoundWhateverTheirLetterCase() {
        RequestHead head = Wire.request(GET);
        ByteSlice value = new ByteSlice();
        assertThat(head.header(ONE, value)).isEqualTo(2);
        assertThat(value).hasToString("1");
        assertThat(head.header(TWO, value)).isEqualTo(1);
        assertThat(value).hasToString("2");
        assertThat(head.header(NEW, value)).isZero();
        assertThat(head.joined(ONE)).hasToString("1,3");
        assertThat(head.method()).hasToString("GET");
        assertThat(head.path()).hasToString("/a?b");
        assertThat(head.authority()).hasToString("a");
    }

    @Test
    void editsChangeOnlyTheLinesTheyName() {
        String start = "GET /a?b HTTP/1.1\r\nHost: a\r\n";
        assertThat(Wire.edited(GET, h -> h.remove(ONE))).isEqualTo(start + "x-two:2 \r\n\r\n");
        assertThat(Wire.edited(GET, h -> h.set(ONE, b("9")))).isEqualTo(start + "x-one: 9\r\nx-two:2 \r\n\r\n");
        assertThat(Wire.edited(GET, h -> h.set(NEW, b("9"))))
                .isEqualTo(start + "X-One: 1\r\nx-two:2 \r\nX-ONE: 3\r\nx-new: 9\r\n\r\n");
        assertThat(Wire.edited(GET, h -> h.add(TWO, b("9"))))
                .isEqualTo(start + "X-One: 1\r\nx-two:2 \r\nX-ONE: 3\r\nx-two: 9\r\n\r\n");
        assertThat(Wire.edited(GET, h -> h.append(ONE, b("9"), 0, 1)))
                .isEqualTo(start + "X-One: 1\r\nx-two:2 \r\nx-one: 3,9\r\n\r\n");
        assertThat(Wire.edited(GET, h -> h.addIfAbsent(ONE, b("9"), 0, 1))).isEqualTo(GET);
        assertThat(Wire.edited(GET, h -> h.replace(NEW, b("9"), 0, 1))).isEqualTo(GET);
        assertThat(Wire.edited(GET, h -> h.setPath(b("/new"), 0, 4))).isEqualTo(GET.replace("/a?b", "/new"));
        assertThat(Wire.edited(GET, h -> h.setAuthority(b("b:1"), 0, 3)))
                .isEqualTo(GET.replace("Host: a", "host: b:1"));
        assertThat(Wire.edited(GET, h -> h.setNumber(TWO, 1234567890123L)))
                .isEqualTo(GET.replace("x-two:2 ", "x-two: 1234567890123"));
        assertThat(Wire.edited(GET, h -> h.setNumber(TWO, 0))).isEqualTo(GET.replace("x-two:2 ", "x-two: 0"));
    }

    @Test
    void noValueOrPathCanEndALine() {
        assertThat(Wire.edited(GET, h -> h.set(TWO, b("a\r\nEvil: 1\0"))))
                .isEqualTo(GET.replace("x-two:2 ", "x-two: a  Evil: 1 "));
        assertThat(Wire.edited(GET, h -> h.setPath(b("/ \r\n\u00e9"), 0, 5)))
                .isEqualTo(GET.replace("/a?b", "/%20%0D%0A%E9"));
    }

    @Test
    void anEditThatOutgrowsTheBufferKeepsEverything() {
        String big = "y".repeat(5000);
        assertThat(Wire.edited(GET, h -> {
                    h.set(TWO, b(big));
                    h.append(TWO, b(big), 0, big.length());
                }))
                .isEqualTo(GET.replace("x-two:2 ", "x-two: " + big + "," + big));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://b:81/x?y  | /x?y | b:81
            HTTPS://b        | /    | b
            http://b?q=/     | /?q=/ | b
            http://[::1]/    | /    | [::1]
            """)
    void aTargetInAbsoluteFormIsForwardedInOriginForm(String target, String path, String host) {
        RequestHead head = Wire.request("GET " + target + " HTTP/1.1\r\nHost: other\r\nA: 1\r\n\r\n");
        assertThat(head.form()).isEqualTo(RequestHead.Form.ABSOLUTE);
        assertThat(head.path()).hasToString(path);
        assertThat(head.authority()).hasToString(host);
        assertThat(Wire.encoded(head)).isEqualTo("GET " + path + " HTTP/1.1\r\nhost: " + host + "\r\nA: 1\r\n\r\n");
    }

    @Test
    void connectNamesItsAuthority() {
        RequestHead head = Wire.request("CONNECT b:443 HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(head.isConnect()).isTrue();
        assertThat(head.authority()).hasToString("b:443");
        assertThat(head.bodyKind()).isEqualTo(BodyKind.TUNNEL);
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1, A: 1, true",
        "HTTP/1.1, Connection: close, false",
        "HTTP/1.1, 'Connection: x, CLOSE ,y', false",
        "HTTP/1.1, Connection: closed, true",
        "HTTP/1.0, A: 1, false",
        "HTTP/1.0, Connection: Keep-Alive, true",
        "HTTP/1.0, 'Connection: keep-alive, close', false",
    })
    void theConnectionLivesOnAsVersionAndOptionsSay(String version, String header, boolean keptAlive) {
        assertThat(Wire.request("GET / " + version + "\r\nHost: a\r\n" + header + "\r\n\r\n")
                        .keepAlive())
                .isEqualTo(keptAlive);
    }

    @Test
    void connectionHeadersAreRemovedButNotThoseThatEverybodyNeeds() {
        String request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Mine,host , authorization\r\nx-mine: 1\r\n"
                + "Authorization: t\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\nUpgrade: websocket\r\n"
                + "connection: upgrade\r\nContent-Length: 3\r\n\r\n";
        assertThat(Wire.edited(request, h -> h.removeHopByHop(false)))
                .isEqualTo("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: t\r\nContent-Length: 3\r\n\r\n");
        assertThat(Wire.edited(request, h -> h.removeHopByHop(true)))
                .isEqualTo("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: t\r\nUpgrade: websocket\r\n"
                        + "Content-Length: 3\r\nconnection: upgrade\r\n\r\n");
        assertThat(Wire.request(request).upgrade()).isTrue();
        assertThat(Wire.request(GET.replace("x-two:2", "Upgrade: h2c")).upgrade())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "200, Content-Length: 3, false, false, LENGTH",
        "200, Content-Length: 0, false, false, NONE",
        "200, Content-Length: 3, true, false, NONE",
        "200, Transfer-Encoding: chunked, false, false, CHUNKED",
        "200, Transfer-Encoding: chunked, true, false, NONE",
        "200, A: 1, false, false, UNTIL_CLOSE",
        "200, A: 1, false, true, TUNNEL",
        "403, Content-Length: 3, false, true, LENGTH",
        "101, Upgrade: websocket, false, false, TUNNEL",
        "100, A: 1, false, false, NONE",
        "204, Content-Length: 3, false, false, NONE",
        "304, Content-Length: 3, false, false, NONE",
    })
    void theEndOfAResponseFollowsFromStatusRequestAndFraming(
            int status, String header, boolean toHead, boolean toConnect, BodyKind expected) {
        ResponseHead head = Wire.response("HTTP/1.1 " + status + " x\r\n" + header + "\r\n\r\n");
        assertThat(head.bodyKind(toHead, toConnect)).isEqualTo(expected);
        assertThat(head.interim()).isEqualTo(status == 100);
    }

    @Test
    void aResponseOfOurOwnIsBuiltFromItsParts() {
        ResponseHead head = new ResponseHead();
        head.start(403);
        head.set(KnownHeader.CONTENT_TYPE, b("text/plain"));
        head.frameLength(19);
        assertThat(Wire.encoded(head))
                .isEqualTo("HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: 19\r\n\r\n");
        head.start(200);
        assertThat(Wire.encoded(head)).isEqualTo("HTTP/1.1 200 OK\r\n\r\n");
    }

    @Test
    void anOldVersionIsForwardedAsOurOwn() {
        ResponseHead head = Wire.response("HTTP/1.0 404 Not here\r\nA: 1\r\n\r\n");
        head.asHttp11();
        head.frameChunked();
        assertThat(Wire.encoded(head)).isEqualTo("HTTP/1.1 404 Not here\r\nA: 1\r\ntransfer-encoding: chunked\r\n\r\n");
        assertThat(Wire.edited("GET / HTTP/1.0\r\n\r\n", Head::asHttp11)).isEqualTo("GET / HTTP/1.1\r\nhost: \r\n\r\n");
        assertThat(Wire.encoded(Wire.request("GET / HTTP/1.9\r\nHost: a\r\n\r\n")))
                .isEqualTo("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    @Test
    void aReasonIsOptional() {
        assertThat(Wire.response("HTTP/1.1 200\r\n\r\n").reason()).hasToString("");
        assertThat(Wire.response("HTTP/1.1 200 \r\n\r\n").reason()).hasToString("");
        ResponseHead old = Wire.response("HTTP/1.0 200\r\n\r\n");
        old.asHttp11();
        assertThat(Wire.encoded(old)).isEqualTo("HTTP/1.1 200 \r\n\r\n");
    }

    @Test
    void expectContinueCountsFromHttp11() {
        String request = "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 9\r\n\r\n";
        assertThat(Wire.request(request).expectsContinue()).isTrue();
        assertThat(Wire.request(request.replace("1.1", "1.0")).expectsContinue())
                .isFalse();
        assertThat(Wire.request(GET).expectsContinue()).isFalse();
    }

    @Test
    void theParserKnowsWhetherAMessageHasBegun() {
        HeadParser parser = new HeadParser(new RequestHead(), HeadLimits.DEFAULT);
        assertThat(parser.started()).isFalse();
        parser.feed(Wire.bytes("\r\n"));
        assertThat(parser.started()).isFalse();
        parser.feed(Wire.bytes("G"));
        assertThat(parser.started()).isTrue();
        parser.reset();
        assertThat(parser.started()).isFalse();
        parser.feed(Wire.bytes("GET / HTTP/1.1\r\n"));
        assertThat(parser.started()).isTrue();
    }
}
