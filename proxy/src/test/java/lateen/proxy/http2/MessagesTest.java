package lateen.proxy.http2;

import static lateen.proxy.http2.Frames.END_STREAM;
import static lateen.proxy.http2.Frames.GET;
import static lateen.proxy.http2.Frames.POST;
import static lateen.proxy.http2.Frames.data;
import static lateen.proxy.http2.Frames.headers;
import static org.assertj.core.api.Assertions.assertThat;

import lateen.decision.config.Http2Options;
import lateen.proxy.Edited;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.MalformedHead;
import lateen.proxy.http1.Protocol;
import lateen.proxy.http1.ResponseHead;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which messages are malformed, and what well-formed ones look like over HTTP/1.1. RFC 9113 section 8. */
class MessagesTest {

    private static String lines(String text) {
        return text.replace("|", "\n").replace("\\r", "\r").replace("\\0", "\0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            ignoreLeadingAndTrailingWhitespace = false,
            quoteCharacter = '`',
            value = {
                "BAD_NAME!:method GET|:scheme http|:path /|:authority a|Foo b",
                "BAD_NAME!:method GET|:scheme http|:path /|:authority a|f\u00e9 b",
                "BAD_VALUE!:method GET|:scheme http|:path /|:authority a|foo b\\rc",
                "BAD_VALUE!:method GET|:scheme http|:path /|:authority a|foo b\\0c",
                "CONNECTION_HEADER!:method GET|:scheme http|:path /|:authority a|connection close",
                "CONNECTION_HEADER!:method GET|:scheme http|:path /|:authority a|keep-alive 1",
                "CONNECTION_HEADER!:method GET|:scheme http|:path /|:authority a|proxy-connection 1",
                "CONNECTION_HEADER!:method GET|:scheme http|:path /|:authority a|transfer-encoding chunked",
                "CONNECTION_HEADER!:method GET|:scheme http|:path /|:authority a|upgrade websocket",
                "BAD_TE!:method GET|:scheme http|:path /|:authority a|te trailers, deflate",
                "MISPLACED_PSEUDO!:method GET|:scheme http|:path /|foo b|:authority a",
                "REPEATED_PSEUDO!:method GET|:scheme http|:path /|:path /|:authority a",
                "UNKNOWN_PSEUDO!:method GET|:scheme http|:path /|:authority a|:status 200",
                "UNKNOWN_PSEUDO!:method GET|:scheme http|:path /|:authority a|:Path /",
                "UNKNOWN_PSEUDO!:method CONNECT|:protocol websocket|:scheme http|:path /|:authority a",
                "UNKNOWN_PSEUDO!:method CONNECT|:path /|:authority a:1",
                "MISSING_PSEUDO!:scheme http|:path /|:authority a",
                "MISSING_PSEUDO!:method GET|:path /|:authority a",
                "MISSING_PSEUDO!:method GET|:scheme http|:authority a",
                "BAD_METHOD!:method G T|:scheme http|:path /|:authority a",
                "BAD_SCHEME!:method GET|:scheme ftp|:path /|:authority a",
                "BAD_PATH!:method GET|:scheme http|:path |:authority a",
                "BAD_PATH!:method GET|:scheme http|:path a|:authority a",
                "BAD_PATH!:method GET|:scheme http|:path *|:authority a",
                "BAD_PATH!:method GET|:scheme http|:path /a b|:authority a",
                "BAD_PATH!:method GET|:scheme http|:path /a#b|:authority a",
                "BAD_AUTHORITY!:method GET|:scheme http|:path /|:authority u@a",
                "BAD_AUTHORITY!:method CONNECT|:authority a",
                "MISSING_AUTHORITY!:method GET|:scheme http|:path /",
                "MISSING_AUTHORITY!:method GET|:scheme http|:path /|:authority ",
                "HOST_DIFFERS!:method GET|:scheme http|:path /|:authority a|host b",
                "HOST_DIFFERS!:method GET|:scheme http|:path /|host a|host a",
                "BAD_CONTENT_LENGTH!:method GET|:scheme http|:path /|:authority a|content-length +1",
                "BAD_CONTENT_LENGTH!:method GET|:scheme http|:path /|:authority a|content-length 1|content-length 1",
            })
    void malformedRequestsAreResetAndTheConnectionGoesOn(MalformedHead why, String head) {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(headers(1, 0, lines(head)), headers(3, END_STREAM, GET));
            assertThat(peer.sent()).containsExactly("RST_STREAM 1 1");
            assertThat(peer.events).containsExactly("complained 1 MALFORMED " + why);
            assertThat(peer.streams).hasSize(1);
            assertThat(peer.stream(0).events).hasSize(1);
        }
    }

    private static String received(Http2Options options, String head) {
        try (Peer peer = Peer.server(options)) {
            peer.send(headers(1, END_STREAM, lines(head)));
            assertThat(peer.events).isEmpty();
            return peer.stream(0).events.getFirst();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            ignoreLeadingAndTrailingWhitespace = false,
            quoteCharacter = '`',
            value = {
                "PUT /a?b HTTP/1.1|host: a:1|!:path /a?b|:authority a:1|:scheme HTTPS|:method PUT",
                "GET / HTTP/1.1|host: A|!:method GET|:scheme http|:path /|:authority A|host a",
                "GET / HTTP/1.1|host: b|!:method GET|:scheme http|:path /|host b",
                "OPTIONS * HTTP/1.1|host: a|!:method OPTIONS|:scheme http|:path *|:authority a",
                "CONNECT a:1 HTTP/1.1|host: a:1|!:method CONNECT|:authority a:1",
                "GET /chat HTTP/1.1|host: a|connection: upgrade|upgrade: websocket|!:method CONNECT|:protocol websocket|:scheme http|:path /chat|:authority a",
                "GET / HTTP/1.1|host: a|te: trailers|!:method GET|:scheme http|:path /|:authority a|te trailers",
                "GET / HTTP/1.1|host: a|cookie: b=1; c=2; d=3|x: y|!"
                        + ":method GET|:scheme http|:path /|:authority a|cookie b=1|x y|cookie c=2|cookie d=3",
                "GET / HTTP/1.1|host: a|x: |y: z |!:method GET|:scheme http|:path /|:authority a|x |y z ",
            })
    void requestsAreHttp11Requests(String expected, String head) {
        assertThat(received(Edited.with(Http2Options.DEFAULT, "allowConnect", true), head))
                .isEqualTo("head " + expected.replace("|", "\r\n") + "\r\nEND");
    }

    @Test
    void aHeadKnowsByWhichVersionItCame() {
        try (Peer peer = Peer.serverOf(Http2Options.DEFAULT, stream -> new Recorder())) {
            peer.send(headers(1, END_STREAM, GET));
            assertThat(peer.opened.getFirst().request().protocol()).isEqualTo(Protocol.HTTP_2);
            assertThat(Protocol.HTTP_2.text()).isEqualTo("HTTP/2");
        }
        assertThat(new ResponseHead().protocol()).isEqualTo(Protocol.HTTP_1_1);
    }

    @Test
    void aBodyHasTheLengthThatItsHeadSays() {
        String five = POST + "\ncontent-length 5";
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(
                    headers(1, 0, five),
                    data(1, 0, "123"),
                    data(1, END_STREAM, "45"),
                    headers(3, 0, five),
                    data(3, END_STREAM, "1234"),
                    headers(5, 0, five),
                    data(5, 0, "123456"),
                    headers(7, END_STREAM, five),
                    headers(9, 0, five),
                    headers(9, END_STREAM, "a b"));
            assertThat(peer.sent())
                    .containsExactly("RST_STREAM 3 1", "RST_STREAM 5 1", "RST_STREAM 7 1", "RST_STREAM 9 1");
            assertThat(peer.stream(0).events.getLast()).isEqualTo("data 12345 END");
            assertThat(peer.stream(1).events.getLast()).isEqualTo("reset 1");
            assertThat(peer.events).hasSize(4).allMatch(event -> event.endsWith("LENGTH_MISMATCH"));
        }
    }

    @Test
    void trailersEndAMessageAndHoldNoPseudoHeader() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(
                    headers(1, 0, POST),
                    data(1, 0, "x"),
                    headers(1, END_STREAM, "a b\nc d"),
                    headers(3, 0, POST),
                    headers(3, 0, "a b"),
                    headers(5, 0, POST),
                    headers(5, END_STREAM, ":path /"));
            assertThat(peer.stream(0).events).endsWith("data x", "trailers a: b\nc: d\n");
            assertThat(peer.sent()).containsExactly("RST_STREAM 3 1", "RST_STREAM 5 1");
            assertThat(peer.events)
                    .containsExactly("complained 3 MALFORMED BAD_SEQUENCE", "complained 5 MALFORMED MISPLACED_PSEUDO");
        }
    }

    @Test
    void aHeadBeyondTheLimitsCanBeAnsweredAndTheRestIsNotHeard() {
        try (Peer peer = Peer.serverOf(Http2Options.DEFAULT, new HeadLimits(300, 3), TestExchange::new)) {
            peer.send(headers(1, 0, POST + "\nx " + "y".repeat(300)), data(1, 0, "dropped"));
            assertThat(peer.sent()).containsExactly("HEADERS 1 END :status=431", "RST_STREAM 1 0");
            peer.send(data(1, END_STREAM, "late"));
            peer.send(headers(3, END_STREAM, GET + "\na 1\nb 2\nc 3\nd 4"));
            assertThat(peer.sent()).containsExactly("HEADERS 3 END :status=431");
            // The tables are the same still.
            peer.send(headers(5, END_STREAM, GET));
            assertThat(peer.sent().getFirst()).startsWith("HEADERS 5 :status=200");
            assertThat(peer.session.activeStreams()).isZero();
        }
    }

    @Test
    void aServerThatAnsweredEarlyTellsTheClientToStop() {
        try (Peer peer = Peer.serverOf(Http2Options.DEFAULT, TestExchange::new)) {
            peer.send(headers(1, 0, POST.replace("/", "/early")), data(1, 0, "abc"));
            assertThat(peer.sent()).hasSize(3).endsWith("DATA 1 17 END", "RST_STREAM 1 0");
        }
    }
}
