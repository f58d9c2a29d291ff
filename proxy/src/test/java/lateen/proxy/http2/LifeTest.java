package lateen.proxy.http2;

import static lateen.proxy.http2.Frames.END_STREAM;
import static lateen.proxy.http2.Frames.GET;
import static lateen.proxy.http2.Frames.POST;
import static lateen.proxy.http2.Frames.bytes;
import static lateen.proxy.http2.Frames.data;
import static lateen.proxy.http2.Frames.frame;
import static lateen.proxy.http2.Frames.headers;
import static lateen.proxy.http2.Frames.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import lateen.decision.config.Http2Options;
import lateen.proxy.Edited;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.HeadParser;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import org.junit.jupiter.api.Test;

/** Streams and connections from their beginning to the ways they end. */
class LifeTest {

    private static final byte[] A = {'a'};

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static Http2Stream request(Peer client, Recorder owner, boolean last) {
        Http2Stream stream = Opened.by(client.session, owner);
        RequestHead head = new RequestHead();
        head.start(ascii("POST"), ascii("/p"), A);
        stream.sendHead(head, last);
        return stream;
    }

    private static void answer(Http2Stream stream) {
        ResponseHead answer = new ResponseHead();
        answer.start(204);
        stream.sendHead(answer, true);
    }

    @Test
    void eachSideSaysWhatItGrants() {
        try (Peer peer = Peer.silent(Http2Options.DEFAULT)) {
            assertThat(peer.sent()).containsExactly("SETTINGS", "WINDOW_UPDATE 0 983041");
        }
    }

    /** A client whose owner is late: the acknowledgement must not come first. */
    @Test
    void nothingIsSentBeforeThePreface() {
        EmbeddedChannel channel = new EmbeddedChannel();
        try (Peer owner = Peer.silent(Http2Options.DEFAULT)) {
            Http2Session session =
                    new Http2Session(true, false, Http2Options.DEFAULT, HeadLimits.DEFAULT, channel, owner);
            channel.pipeline().addLast(new Http2Handler(session));
            channel.writeInbound(settings());
            session.start();
            ByteBuf first = channel.readOutbound();
            assertThat(first.readCharSequence(3, StandardCharsets.US_ASCII)).hasToString("PRI");
            first.release();
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void streamsBeyondTheLimitAreRefusedAndTheirHeadsStillDecoded() {
        try (Peer peer = Peer.server(Edited.with(Http2Options.DEFAULT, "maxConcurrentStreams", 1))) {
            // The second head enters the table, which the third uses.
            peer.send(
                    headers(1, END_STREAM, GET),
                    frame(1, 5, 3, bytes(0x82, 0x86, 0x84, 0x41, 1, 'b', 0x40, 1, 'x', 1, 'y')));
            assertThat(peer.sent()).containsExactly("RST_STREAM 3 7");
            assertThat(peer.events).containsExactly("complained 3 REFUSED");
            answer(peer.opened.getFirst());
            peer.send(frame(1, 5, 5, bytes(0x82, 0x86, 0x84, 0xBF, 0xBE)));
            assertThat(peer.stream(1).events).containsExactly("head GET / HTTP/1.1\r\nhost: b\r\nx: y\r\n\r\nEND");
            // Late frames on the refused stream are no fault of the client's.
            peer.send(data(3, 0, "x"), Frames.windowUpdate(3, 5), Frames.rst(3, 8));
            assertThat(peer.sent()).containsExactly("HEADERS 1 END :status=204");
        }
    }

    @Test
    void framesOnAClosedStream() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(headers(1, END_STREAM, GET));
            answer(peer.opened.getFirst());
            peer.sent();
            peer.send(Frames.windowUpdate(1, 5), Frames.rst(1, 8), frame(2, 0, 1, new byte[5]));
            assertThat(peer.sent()).isEmpty();
            peer.send(data(1, 0, "x"));
            assertThat(peer.sent()).containsExactly("RST_STREAM 1 5");
            peer.send(headers(1, END_STREAM, GET));
            assertThat(peer.events).containsExactly("ended 5 STREAM_CLOSED");
        }
    }

    @Test
    void halfClosedStreamsTakeNoMore() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(headers(1, END_STREAM, GET), data(1, 0, "x"));
            assertThat(peer.sent()).containsExactly("RST_STREAM 1 5");
            peer.send(headers(3, END_STREAM, GET), headers(3, END_STREAM, "a b"));
            assertThat(peer.sent()).containsExactly("RST_STREAM 3 5");
            assertThat(peer.stream(0).events).endsWith("reset 5");
        }
    }

    @Test
    void anOwnerThatResetsHearsNothingMore() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(headers(1, 0, POST), data(1, 0, "x"));
            peer.opened.getFirst().reset(ErrorCode.CANCEL);
            peer.send(data(1, 0, "y"), headers(1, END_STREAM, "a b"));
            assertThat(peer.sent()).containsExactly("RST_STREAM 1 8");
            assertThat(peer.stream(0).events).endsWith("data x");
            assertThat(peer.opened.getFirst().open()).isFalse();
            peer.opened.getFirst().reset(ErrorCode.CANCEL);
            assertThat(peer.sent()).isEmpty();
        }
    }

    @Test
    void aReleasedStreamIsUsedAgain() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(headers(1, END_STREAM, GET));
            Http2Stream stream = peer.opened.getFirst();
            answer(stream);
            stream.release();
            stream.release();
            peer.send(headers(3, END_STREAM, GET));
            assertThat(peer.opened.get(1)).isSameAs(stream);
            assertThat(stream.id()).isEqualTo(3);
            stream.release();
            assertThat(peer.sent()).containsExactly("HEADERS 1 END :status=204", "RST_STREAM 3 8");
        }
    }

    @Test
    void aClientsStreams() {
        try (Peer peer = Peer.client(Http2Options.DEFAULT)) {
            Recorder one = new Recorder();
            request(peer, one, true);
            assertThat(peer.sent()).containsExactly("HEADERS 1 END :method=POST :scheme=http :path=/p :authority=a");
            peer.send(settings(3, 2), headers(1, 0, ":status 103\nlink x"), headers(1, 0, ":status 200"));
            peer.send(data(1, 0, "abc"), headers(1, END_STREAM, "grpc-status 0"));
            assertThat(one.events)
                    .containsExactly(
                            "head HTTP/1.1 103 \r\nlink: x\r\n\r\n",
                            "head HTTP/1.1 200 OK\r\n\r\n",
                            "data abc",
                            "trailers grpc-status: 0\n");
            assertThat(peer.events).contains("capacity");
            assertThat(peer.session.activeStreams()).isZero();
            Recorder two = new Recorder();
            request(peer, two, true);
            request(peer, new Recorder(), true);
            assertThat(peer.session.canOpen()).isFalse();
            assertThat(peer.session.open()).isNull();
            peer.send(headers(3, END_STREAM, ":status 200"));
            assertThat(two.events).containsExactly("head HTTP/1.1 200 OK\r\n\r\nEND");
            assertThat(peer.session.canOpen()).isTrue();
        }
    }

    @Test
    void malformedAnswers() {
        for (String head : new String[] {
            "a b", ":status 20", ":status 101", ":status 2x0", ":status 200\n:path /", ":status 200\nA b", ":path /"
        }) {
            try (Peer peer = Peer.client(Http2Options.DEFAULT)) {
                Recorder owner = new Recorder();
                request(peer, owner, true);
                peer.sent();
                peer.send(settings(), headers(1, 0, head));
                assertThat(peer.sent()).as(head).containsExactly("SETTINGS ACK", "RST_STREAM 1 1");
                assertThat(owner.events).containsExactly("reset 1");
            }
        }
        try (Peer peer = Peer.client(Http2Options.DEFAULT)) {
            Recorder owner = new Recorder();
            request(peer, owner, true);
            request(peer, owner, true);
            peer.send(settings(), data(1, 0, "x"), headers(3, END_STREAM, ":status 100"));
            assertThat(peer.sent()).endsWith("RST_STREAM 1 1", "RST_STREAM 3 1");
            peer.send(headers(2, END_STREAM, ":status 200"));
            assertThat(peer.events).endsWith("ended 1 IDLE_STREAM");
        }
    }

    @Test
    void bodilessAnswersMaySayALength() {
        try (Peer peer = Peer.client(Http2Options.DEFAULT)) {
            Recorder owner = new Recorder();
            Http2Stream stream = Opened.by(peer.session, owner);
            RequestHead head = new RequestHead();
            head.start(ascii("HEAD"), ascii("/"), A);
            stream.sendHead(head, true);
            request(peer, owner, true);
            peer.send(settings(), headers(1, END_STREAM, ":status 200\ncontent-length 5"));
            peer.send(headers(3, END_STREAM, ":status 304\ncontent-length 5"));
            assertThat(owner.events).hasSize(2).allMatch(event -> event.endsWith("END"));
        }
    }

    @Test
    void whatThePeerDidNotProcessMayBeSentAgain() {
        try (Peer peer = Peer.client(Http2Options.DEFAULT)) {
            Recorder one = new Recorder();
            Recorder two = new Recorder();
            Recorder three = new Recorder();
            request(peer, one, true);
            request(peer, two, true);
            Http2Stream late = Opened.by(peer.session, three);
            peer.send(settings(), frame(7, 0, 0, bytes(0, 0, 0, 1, 0, 0, 0, 0)));
            assertThat(peer.events).contains("goaway 1 0");
            assertThat(two.events).containsExactly("reset 7 unprocessed");
            assertThat(one.events).isEmpty();
            RequestHead head = new RequestHead();
            head.start(ascii("GET"), ascii("/"), A);
            late.sendHead(head, true);
            assertThat(three.events).containsExactly("reset 7 unprocessed");
            assertThat(peer.session.canOpen()).isFalse();
            peer.send(headers(1, END_STREAM, ":status 200"));
            assertThat(one.events).hasSize(1);
            assertThat(peer.events).endsWith("ended 0 NONE");
            assertThat(peer.channel.isOpen()).isFalse();
        }
        try (Peer peer = Peer.client(Http2Options.DEFAULT)) {
            Recorder owner = new Recorder();
            request(peer, owner, true);
            request(peer, owner, true);
            peer.send(settings(), Frames.rst(1, 7), Frames.rst(3, 8));
            assertThat(owner.events).containsExactly("reset 7 unprocessed", "reset 8");
        }
    }

    @Test
    void aServerThatDrainsLetsTheClientFinish() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(headers(1, END_STREAM, GET));
            peer.session.drain();
            peer.session.drain();
            String ping = "PING 7809651207679403122";
            assertThat(peer.sent()).containsExactly("GOAWAY 2147483647 0 ", ping);
            // Sent before the client knew.
            peer.send(headers(3, END_STREAM, GET));
            assertThat(peer.streams).hasSize(2);
            peer.send(frame(6, 1, 0, bytes(0x6c, 0x61, 0x74, 0x65, 0x65, 0x6e, 0x64, 0x72)));
            assertThat(peer.sent()).containsExactly("GOAWAY 3 0 ");
            peer.send(headers(5, END_STREAM, GET), data(5, 0, "x"));
            assertThat(peer.streams).hasSize(2);
            assertThat(peer.sent()).isEmpty();
            answer(peer.opened.get(0));
            assertThat(peer.channel.isOpen()).isTrue();
            answer(peer.opened.get(1));
            assertThat(peer.sent()).containsExactly("HEADERS 1 END :status=204", "HEADERS 3 END :status=204");
            assertThat(peer.events).containsExactly("ended 0 NONE");
            assertThat(peer.channel.isOpen()).isFalse();
        }
    }

    @Test
    void aLostConnectionIsHeardOfOnceByEachStream() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(headers(1, END_STREAM, GET), headers(3, 0, POST));
            peer.channel.close();
            assertThat(peer.stream(0).events).endsWith("reset -1");
            assertThat(peer.stream(1).events).endsWith("reset -1");
            assertThat(peer.events).containsExactly("ended -1 NONE");
            answer(peer.opened.getFirst());
        }
    }

    @Test
    void extendedConnectIsTakenWhereItIsGranted() {
        String head = ":method CONNECT\n:protocol websocket\n:scheme http\n:path /chat\n:authority a";
        try (Peer peer = Peer.server(Edited.with(Http2Options.DEFAULT, "allowConnect", true))) {
            peer.send(headers(1, 0, head), data(1, 0, "frames"));
            RequestHead asked = peer.opened.getFirst().request();
            assertThat(asked.upgrade()).isTrue();
            assertThat(asked.method()).hasToString("GET");
            assertThat(asked.joined(KnownHeader.UPGRADE)).hasToString("websocket");
            ResponseHead answer = new ResponseHead();
            answer.start(101);
            peer.opened.getFirst().sendHead(answer, false);
            assertThat(peer.sent()).containsExactly("HEADERS 1 :status=200");
            assertThat(peer.stream(0).events).endsWith("data frames");
        }
        try (Peer peer = Peer.client(Http2Options.DEFAULT)) {
            assertThat(peer.session.peerAllowsConnect()).isFalse();
            peer.send(settings(8, 1));
            assertThat(peer.session.peerAllowsConnect()).isTrue();
            RequestHead request = new RequestHead();
            new HeadParser(request, HeadLimits.DEFAULT)
                    .feed(Unpooled.wrappedBuffer(ascii(
                            "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")));
            Opened.by(peer.session, new Recorder()).sendHead(request, false);
            assertThat(peer.sent())
                    .endsWith("HEADERS 1 :method=CONNECT :protocol=websocket :scheme=http :path=/chat :authority=a");
        }
    }
}
