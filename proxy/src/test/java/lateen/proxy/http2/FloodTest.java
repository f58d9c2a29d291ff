package lateen.proxy.http2;

import static lateen.proxy.http2.Frames.END_STREAM;
import static lateen.proxy.http2.Frames.GET;
import static lateen.proxy.http2.Frames.POST;
import static lateen.proxy.http2.Frames.data;
import static lateen.proxy.http2.Frames.frame;
import static lateen.proxy.http2.Frames.headers;
import static lateen.proxy.http2.Frames.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import lateen.decision.config.Http2Options;
import lateen.proxy.http1.ResponseHead;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each flood ends the connection at its limit, and not before it. */
class FloodTest {

    private static Arguments flood(Complaint complaint, int borne, IntFunction<ByteBuf> frames) {
        return Arguments.of(complaint, borne, frames);
    }

    static List<Arguments> floods() {
        return List.of(
                flood(Complaint.PING_FLOOD, 1000, i -> frame(6, 0, 0, new byte[8])),
                // One came with the preface.
                flood(Complaint.SETTINGS_FLOOD, 999, i -> settings()),
                flood(Complaint.PRIORITY_FLOOD, 100, i -> frame(2, 0, 3, new byte[5])),
                flood(Complaint.PRIORITY_FLOOD, 100, i -> frame(16, 0, 0)),
                flood(Complaint.WINDOW_UPDATE_FLOOD, 5, i -> Frames.windowUpdate(0, 1)),
                flood(
                        Complaint.RESET_FLOOD,
                        499,
                        i -> Unpooled.wrappedBuffer(headers(2 * i + 1, 0, POST), Frames.rst(2 * i + 1, 8))),
                // Malformed on purpose, so that we do the resetting (CVE-2025-8671).
                flood(Complaint.RESET_FLOOD, 499, i -> headers(2 * i + 1, 0, "a b")),
                flood(
                        Complaint.RESET_FLOOD,
                        499,
                        i -> Unpooled.wrappedBuffer(headers(2 * i + 1, 0, POST), Frames.windowUpdate(2 * i + 1, 0))));
    }

    @ParameterizedTest
    @MethodSource("floods")
    void aFloodIsBorneUpToItsLimit(Complaint complaint, int borne, IntFunction<ByteBuf> frames) {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            // As one read, so that no time passes, for which some floods would be granted more.
            peer.send(IntStream.range(0, borne).mapToObj(frames).toArray(ByteBuf[]::new));
            peer.sent();
            assertThat(peer.events).noneMatch(event -> event.startsWith("ended"));
            peer.send(frames.apply(borne));
            assertThat(peer.events).endsWith("ended 11 " + complaint);
            assertThat(peer.channel.isOpen()).isFalse();
        }
    }

    @Test
    void emptyFramesInARow() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(headers(1, 0, POST));
            for (int i = 0; i < 10; i++) {
                peer.send(data(1, 0, ""), data(1, 0, "x"));
            }
            assertThat(peer.events).isEmpty();
            peer.send(data(1, 0, ""), data(1, 0, ""));
            assertThat(peer.events).containsExactly("ended 11 EMPTY_FRAMES_FLOOD");
        }
    }

    /** Padding is no payload: such a frame moves nothing either. */
    @Test
    void framesOfPaddingAloneInARow() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(headers(1, 0, POST), frame(0, 8, 1, new byte[] {1, 0}), frame(0, 8, 1, new byte[] {1, 'x', 0}));
            assertThat(peer.events).isEmpty();
            peer.send(frame(0, 8, 1, new byte[] {1, 0}), frame(0, 8, 1, new byte[] {0}));
            assertThat(peer.events).containsExactly("ended 11 EMPTY_FRAMES_FLOOD");
        }
    }

    @Test
    void headsInTooManyFramesOrFarTooLarge() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(frame(1, 0, 1));
            for (int i = 0; i < 64; i++) {
                peer.send(frame(9, 0, 1));
            }
            assertThat(peer.events).isEmpty();
            peer.send(frame(9, 0, 1));
            assertThat(peer.events).containsExactly("ended 11 CONTINUATION_FLOOD");
        }
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(frame(1, 0, 1, new byte[16_384]));
            for (int i = 0; i < 7; i++) {
                peer.send(frame(9, 0, 1, new byte[16_384]));
            }
            assertThat(peer.events).containsExactly("ended 11 HEADERS_FLOOD");
        }
    }

    @Test
    void aPeerThatDoesNotReadWhatItMakesUsWrite() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
            for (int i = 0; i < 999; i++) {
                peer.send(frame(6, 0, 0, new byte[8]));
            }
            assertThat(peer.events).isEmpty();
            peer.send(settings(), settings());
            assertThat(peer.events).containsExactly("ended 11 OUTBOUND_FLOOD");
        }
    }

    /** Half of them answered: a client that gives up often is no attacker. */
    @Test
    void resetsAmongAnsweredRequestsAreBorne() {
        try (Peer peer = Peer.serverOf(Http2Options.DEFAULT, stream -> new Recorder())) {
            ResponseHead answer = new ResponseHead();
            for (int i = 0; i < 1000; i++) {
                int id = 2 * i + 1;
                peer.send(headers(id, END_STREAM, GET));
                if (i % 2 == 0) {
                    answer.start(204);
                    peer.opened.getLast().sendHead(answer, true);
                } else {
                    peer.send(Frames.rst(id, 8));
                }
                peer.sent();
            }
            assertThat(peer.events).isEmpty();
        }
    }
}
