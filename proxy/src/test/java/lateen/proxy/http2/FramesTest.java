package lateen.proxy.http2;

import static lateen.proxy.http2.Frames.END_STREAM;
import static lateen.proxy.http2.Frames.bytes;
import static lateen.proxy.http2.Frames.frame;
import static lateen.proxy.http2.Frames.headers;
import static lateen.proxy.http2.Frames.settings;
import static lateen.proxy.http2.Frames.word;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import lateen.decision.config.Http2Options;
import lateen.proxy.Edited;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What ends a connection, and what does not. RFC 9113 sections 4 to 6. */
class FramesTest {

    private static Arguments refused(Complaint complaint, ByteBuf... frames) {
        return Arguments.of(complaint, Unpooled.wrappedBuffer(frames));
    }

    private static ByteBuf post() {
        return headers(1, 0, Frames.POST);
    }

    static List<Arguments> refused() {
        return List.of(
                refused(Complaint.FRAME_TOO_LARGE, post(), frame(0, 0, 1, new byte[16_385])),
                refused(Complaint.FRAME_TOO_LARGE, frame(1, 4, 1, new byte[16_385])),
                refused(Complaint.FRAME_TOO_LARGE, frame(99, 0, 0, new byte[16_385])),
                refused(Complaint.FRAME_STREAM, frame(0, 0, 0)),
                refused(Complaint.FRAME_STREAM, frame(1, 5, 0, Frames.block(Frames.GET))),
                refused(Complaint.FRAME_STREAM, frame(2, 0, 0, new byte[5])),
                refused(Complaint.FRAME_STREAM, frame(3, 0, 0, word(8))),
                refused(Complaint.FRAME_STREAM, frame(4, 0, 1)),
                refused(Complaint.FRAME_STREAM, frame(6, 0, 1, new byte[8])),
                refused(Complaint.FRAME_STREAM, frame(7, 0, 1, new byte[8])),
                refused(Complaint.UNEXPECTED_CONTINUATION, frame(9, 4, 0)),
                refused(Complaint.FRAME_LENGTH, post(), frame(0, 8, 1)),
                refused(Complaint.FRAME_LENGTH, frame(1, 0x24, 1, new byte[4])),
                refused(Complaint.FRAME_LENGTH, frame(1, 0x2C, 1, new byte[5])),
                refused(Complaint.FRAME_LENGTH, frame(2, 0, 1, new byte[4])),
                refused(Complaint.FRAME_LENGTH, post(), frame(3, 0, 1, new byte[3])),
                refused(Complaint.FRAME_LENGTH, frame(4, 0, 0, new byte[5])),
                refused(Complaint.FRAME_LENGTH, frame(4, 1, 0, new byte[6])),
                refused(Complaint.FRAME_LENGTH, frame(6, 0, 0, new byte[7])),
                refused(Complaint.FRAME_LENGTH, frame(7, 0, 0, new byte[7])),
                refused(Complaint.FRAME_LENGTH, frame(8, 0, 0, new byte[5])),
                refused(Complaint.PUSH_PROMISE, frame(5, 4, 1, word(2))),
                refused(Complaint.BAD_PADDING, post(), frame(0, 8, 1, bytes(3, 'a', 0))),
                refused(Complaint.BAD_PADDING, frame(1, 0x0C, 1, bytes(2, 0x82))),
                refused(Complaint.BAD_PADDING, frame(1, 0x2C, 1, bytes(1, 0, 0, 0, 0, 0))),
                refused(Complaint.UNEXPECTED_CONTINUATION, frame(9, 4, 1)),
                refused(Complaint.EXPECTED_CONTINUATION, frame(1, 0, 1), frame(0, 0, 1)),
                refused(Complaint.EXPECTED_CONTINUATION, frame(1, 0, 1), frame(9, 4, 3)),
                refused(Complaint.EXPECTED_CONTINUATION, frame(1, 0, 1), frame(99, 0, 1)),
                refused(Complaint.BAD_SETTING, settings(2, 2)),
                refused(Complaint.BAD_SETTING, settings(5, 16_383)),
                refused(Complaint.BAD_SETTING, settings(5, 1 << 24)),
                refused(Complaint.BAD_SETTING, settings(8, 2)),
                refused(Complaint.WINDOW_SETTING, settings(4, Integer.MIN_VALUE)),
                refused(Complaint.WINDOW_OVERFLOW, post(), Frames.windowUpdate(1, 9), settings(4, 0x7FFFFFFF)),
                refused(Complaint.ZERO_INCREMENT, Frames.windowUpdate(0, 0)),
                refused(Complaint.WINDOW_OVERFLOW, Frames.windowUpdate(0, 0x7FFFFFFF)),
                refused(Complaint.HPACK, frame(1, 5, 1, bytes(0x80))),
                refused(Complaint.IDLE_STREAM, frame(0, 0, 1, bytes('a'))),
                refused(Complaint.IDLE_STREAM, Frames.rst(1, 8)),
                refused(Complaint.IDLE_STREAM, Frames.windowUpdate(1, 1)),
                refused(Complaint.IDLE_STREAM, Frames.rst(2, 8)),
                refused(Complaint.STREAM_ID, headers(2, END_STREAM, Frames.GET)),
                refused(Complaint.STREAM_ID, headers(5, 0, Frames.POST), headers(3, END_STREAM, Frames.GET)),
                refused(Complaint.SELF_DEPENDENCY, frame(2, 0, 1, bytes(0, 0, 0, 1, 9))));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatAConnectionDoesNotSurvive(Complaint complaint, ByteBuf bytes) {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(bytes);
            assertThat(peer.sent().getLast()).startsWith("GOAWAY").endsWith(complaint.code() + " " + complaint.text());
            assertThat(peer.events).endsWith("ended " + complaint.code() + " " + complaint);
            assertThat(peer.channel.isOpen()).isFalse();
            peer.streams.forEach(stream -> assertThat(stream.events).endsWith("reset -1"));
        }
    }

    @Test
    void theFirstBytesAreThePrefaceAndSettings() {
        try (Peer peer = Peer.silent(Http2Options.DEFAULT)) {
            peer.send(Unpooled.copiedBuffer("GET / HTTP/1.1\r\n", StandardCharsets.US_ASCII));
            assertThat(peer.events).containsExactly("ended 1 BAD_PREFACE");
        }
        try (Peer peer = Peer.silent(Http2Options.DEFAULT)) {
            peer.send(Frames.preface(), frame(6, 0, 0, new byte[8]));
            assertThat(peer.events).containsExactly("ended 1 SETTINGS_FIRST");
        }
        try (Peer peer = Peer.silent(Http2Options.DEFAULT)) {
            peer.send(Frames.preface(), frame(4, 1, 0));
            assertThat(peer.events).containsExactly("ended 1 SETTINGS_FIRST");
        }
    }

    @Test
    void whatIsNotKnownOrNotAskedForIsPassedOver() {
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(
                    frame(99, 255, 7, new byte[100]),
                    frame(2, 0, 3, new byte[5]),
                    settings(77, 1, 5, 20_000),
                    frame(6, 0, 0, bytes(0, 0, 0, 0, 0, 0, 0, 42)),
                    frame(6, 1, 0, new byte[8]),
                    frame(1, 0x2D, 1, padded(Frames.block(Frames.GET))));
            assertThat(peer.sent()).containsExactly("SETTINGS ACK", "PING ACK 42");
            assertThat(peer.stream(0).events).containsExactly("head GET / HTTP/1.1\r\nhost: a\r\n\r\nEND");
        }
    }

    /** Pad length, priority, block, padding. */
    private static byte[] padded(byte[] block) {
        ByteBuf out = Unpooled.buffer();
        out.writeByte(3).writeInt(0).writeByte(9).writeBytes(block).writeZero(3);
        return ByteBufUtil.getBytes(out);
    }

    @Test
    void aHeadMayComeInManyFrames() {
        byte[] block = Frames.block(Frames.GET);
        try (Peer peer = Peer.server(Http2Options.DEFAULT)) {
            peer.send(frame(1, 1, 1, bytes(block[0])));
            for (int i = 1; i < block.length - 1; i++) {
                peer.send(frame(9, 0, 1, bytes(block[i])));
            }
            peer.send(frame(9, 4, 1, bytes(block[block.length - 1])));
            assertThat(peer.stream(0).events).containsExactly("head GET / HTTP/1.1\r\nhost: a\r\n\r\nEND");
        }
    }

    @Test
    void paddingIsNotPartOfABodyButOfTheWindow() {
        try (Peer peer = Peer.server(Edited.with(
                Http2Options.DEFAULT, "initialStreamWindowSize", 65_535, "initialConnectionWindowSize", 65_535))) {
            peer.send(post(), frame(0, 8, 1, bytes(2, 'a', 'b', 0, 0)));
            peer.send(frame(0, 9, 1, bytes(1, 0)));
            assertThat(peer.stream(0).events).containsExactly("head POST / HTTP/1.1\r\nhost: a\r\n\r\n", "data ab END");
            assertThat(peer.sent()).isEmpty();
        }
    }
}
