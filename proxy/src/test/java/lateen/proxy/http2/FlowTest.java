package lateen.proxy.http2;

import static lateen.proxy.http2.Frames.END_STREAM;
import static lateen.proxy.http2.Frames.GET;
import static lateen.proxy.http2.Frames.POST;
import static lateen.proxy.http2.Frames.data;
import static lateen.proxy.http2.Frames.headers;
import static lateen.proxy.http2.Frames.settings;
import static lateen.proxy.http2.Frames.windowUpdate;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import lateen.decision.config.Http2Options;
import lateen.decision.request.HeaderName;
import lateen.proxy.Edited;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Trailers;
import org.junit.jupiter.api.Test;

/** Windows both ways, what waits for them, and whose turn it is. RFC 9113 section 5.2. */
class FlowTest {

    private static final Http2Options SMALL = Edited.with(
            Http2Options.DEFAULT, "initialStreamWindowSize", 65_535, "initialConnectionWindowSize", 100_000);

    private final ResponseHead answer = new ResponseHead();

    private static ByteBuf body(int bytes) {
        return Unpooled.buffer(bytes).writeZero(bytes);
    }

    private Http2Stream answering(Peer peer, int id) {
        peer.send(headers(id, END_STREAM, GET));
        Http2Stream stream = peer.opened.getLast();
        answer.start(200);
        stream.sendHead(answer, false);
        peer.sent();
        return stream;
    }

    @Test
    void aWindowIsGrantedAgainWhenHalfOfItHasBeenConsumed() {
        String large = "x".repeat(16_384);
        try (Peer peer = Peer.server(SMALL)) {
            peer.send(headers(1, 0, POST), data(1, 0, large), data(1, 0, large), data(1, 0, large));
            Http2Stream stream = peer.opened.getFirst();
            assertThat(peer.sent()).isEmpty();
            stream.consumed(32_000);
            assertThat(peer.sent()).isEmpty();
            stream.consumed(1_000);
            assertThat(peer.sent()).containsExactly("WINDOW_UPDATE 1 33000");
            // What was not given cannot be consumed.
            stream.consumed(1_000_000);
            assertThat(peer.sent()).isEmpty();
            peer.send(data(1, 0, large));
            stream.consumed(16_384);
            assertThat(peer.sent()).containsExactly("WINDOW_UPDATE 0 65536");
        }
    }

    @Test
    void moreThanTheWindowIsAnError() {
        String large = "x".repeat(16_384);
        try (Peer peer = Peer.server(SMALL)) {
            peer.send(headers(1, 0, POST));
            peer.send(data(1, 0, large), data(1, 0, large), data(1, 0, large), data(1, 0, large));
            // The connection's window gets all of them back.
            assertThat(peer.sent()).containsExactly("RST_STREAM 1 3", "WINDOW_UPDATE 0 65536");
            assertThat(peer.events).containsExactly("complained 1 WINDOW_EXCEEDED");
        }
        try (Peer peer = Peer.server(SMALL)) {
            peer.send(headers(1, 0, POST), headers(3, 0, POST));
            peer.send(data(1, 0, large), data(1, 0, large), data(1, 0, large));
            peer.send(data(3, 0, large), data(3, 0, large), data(3, 0, large), data(3, 0, large));
            assertThat(peer.events).endsWith("ended 3 WINDOW_EXCEEDED");
        }
    }

    /** Otherwise a peer could take the connection's window away for good. */
    @Test
    void bytesThatNobodyGetsAreGrantedAgain() {
        String large = "x".repeat(16_000);
        try (Peer peer = Peer.server(SMALL)) {
            int granted = 0;
            for (int id = 1; id < 41; id += 2) {
                peer.send(headers(id, 0, POST), data(id, 0, large), Frames.rst(id, 8), data(id, 0, "late"));
                for (String frame : peer.sent()) {
                    if (frame.startsWith("WINDOW_UPDATE 0 ")) {
                        granted += Integer.parseInt(frame.substring(16));
                    }
                }
            }
            assertThat(granted).isBetween(20 * 16_004 - 50_000, 20 * 16_004);
            assertThat(peer.events).isEmpty();
        }
    }

    @Test
    void whatAnEndedStreamHoldsCountsUntilItIsConsumedOrReleased() {
        String large = "x".repeat(16_384);
        try (Peer peer = Peer.server(SMALL)) {
            for (int id = 1; id <= 7; id += 2) {
                peer.send(headers(id, 0, POST), data(id, END_STREAM, large));
                answer.start(204);
                peer.opened.getLast().sendHead(answer, true);
            }
            assertThat(peer.sent()).noneMatch(frame -> frame.startsWith("WINDOW"));
            peer.opened.get(0).consumed(16_384);
            peer.opened.get(1).release();
            peer.opened.get(2).release();
            assertThat(peer.sent()).noneMatch(frame -> frame.startsWith("WINDOW"));
            peer.opened.get(3).release();
            assertThat(peer.sent()).containsExactly("WINDOW_UPDATE 0 65536");
        }
    }

    @Test
    void aBodyWaitsForTheStreamsWindowAndForTheConnections() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(settings(4, 10_000));
            Http2Stream stream = answering(peer, 1);
            stream.sendData(body(25_000), true);
            assertThat(peer.sent()).containsExactly("DATA 1 10000");
            assertThat(stream.waiting()).isEqualTo(15_000);
            assertThat(stream.stalledSince()).isNotZero();
            peer.send(windowUpdate(1, 5_000));
            assertThat(peer.sent()).containsExactly("DATA 1 5000");
            peer.send(settings(4, 0));
            peer.send(windowUpdate(1, 10_000));
            assertThat(peer.sent()).containsExactly("SETTINGS ACK");
            peer.send(settings(4, 10_001));
            assertThat(peer.sent()).containsExactly("SETTINGS ACK", "DATA 1 10000 END");
            assertThat(stream.waiting()).isZero();
            assertThat(stream.stalledSince()).isZero();
            assertThat(stream.open()).isFalse();

            peer.send(settings(4, 1_000_000));
            Http2Stream next = answering(peer, 3);
            next.sendData(body(50_000), true);
            assertThat(peer.sent()).containsExactly("DATA 3 16384", "DATA 3 16384", "DATA 3 7767");
            peer.send(windowUpdate(0, 50_000));
            assertThat(peer.sent()).containsExactly("DATA 3 9465 END");
        }
    }

    @Test
    void streamsTakeTurns() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            Http2Stream first = answering(peer, 1);
            first.sendData(body(65_535), false);
            peer.sent();
            first.sendData(body(40_000), true);
            Http2Stream second = answering(peer, 3);
            second.sendData(body(20_000), true);
            Http2Stream third = answering(peer, 5);
            third.sendData(body(5), true);
            peer.send(windowUpdate(1, 100_000));
            assertThat(peer.sent()).isEmpty();
            peer.send(windowUpdate(0, 100_000));
            assertThat(peer.sent())
                    .containsExactly(
                            "DATA 3 16384",
                            "DATA 5 5 END",
                            "DATA 1 16384",
                            "DATA 3 3616 END",
                            "DATA 1 16384",
                            "DATA 1 7232 END");
        }
    }

    @Test
    void trailersWaitForTheBody() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(settings(4, 5));
            Http2Stream stream = answering(peer, 1);
            Trailers trailers = new Trailers();
            trailers.add(HeaderName.of("grpc-status"), new byte[] {'0'});
            stream.sendData(body(7), false);
            stream.sendTrailers(trailers);
            assertThat(peer.sent()).containsExactly("DATA 1 5");
            peer.send(windowUpdate(1, 5));
            assertThat(peer.sent()).containsExactly("DATA 1 2", "HEADERS 1 END grpc-status=0");
            Http2Stream next = answering(peer, 3);
            next.sendTrailers(new Trailers());
            assertThat(peer.sent()).containsExactly("DATA 3 0 END");
        }
    }

    @Test
    void anOwnerIsToldToStopAndToGoOn() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(settings(4, 0));
            Http2Stream stream = answering(peer, 1);
            stream.sendData(body(40_000), false);
            assertThat(stream.writable()).isTrue();
            stream.sendData(body(40_000), false);
            assertThat(stream.writable()).isFalse();
            peer.send(windowUpdate(1, 40_000));
            List<String> events = peer.stream(0).events;
            assertThat(events).doesNotContain("writable");
            peer.send(windowUpdate(1, 10_000));
            assertThat(events).endsWith("writable");
            assertThat(stream.writable()).isTrue();
        }
    }

    @Test
    void aConnectionThatTakesNoMoreIsNotWrittenTo() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            Http2Stream stream = answering(peer, 1);
            peer.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
            assertThat(stream.writable()).isFalse();
            stream.sendData(body(10), false);
            assertThat(peer.sent()).isEmpty();
            peer.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
            peer.channel.runPendingTasks();
            assertThat(peer.sent()).containsExactly("DATA 1 10");
            assertThat(peer.stream(0).events).endsWith("writable");
        }
    }

    /** A few bytes of each read must not hold the whole read's buffer. */
    @Test
    void smallPiecesThatWaitAreGathered() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(settings(4, 0));
            Http2Stream stream = answering(peer, 1);
            ByteBuf read = body(4096);
            for (int i = 0; i < 4096; i++) {
                stream.sendData(read.readRetainedSlice(1), false);
            }
            assertThat(read.refCnt()).isEqualTo(1);
            read.release();
            assertThat(stream.queue).hasSize(1);
            peer.send(windowUpdate(1, 5000));
            assertThat(peer.sent()).containsExactly("DATA 1 4096");
        }
    }

    @Test
    void whatWaitsIsDroppedWithItsStream() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(settings(4, 0));
            ByteBuf one = body(1000);
            ByteBuf two = body(1000);
            Http2Stream stream = answering(peer, 1);
            stream.sendData(one, false);
            peer.send(Frames.rst(1, 8));
            assertThat(one.refCnt()).isZero();
            stream.sendData(two, true);
            assertThat(two.refCnt()).isZero();
            assertThat(stream.waiting()).isZero();
        }
    }
}
