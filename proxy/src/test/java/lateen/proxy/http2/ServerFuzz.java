package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;
import lateen.decision.config.Http2Options;
import lateen.proxy.Edited;
import lateen.proxy.http1.HeadLimits;

/** Jazzer: what a client of HTTP/2 sends after its SETTINGS. Nothing throws, what is answered can be decoded, and no
 * buffer is kept. */
public final class ServerFuzz {
    private ServerFuzz() {}

    private static final Http2Options OPTIONS = Edited.with(
            Http2Options.DEFAULT,
            "maxConcurrentStreams",
            20,
            "initialStreamWindowSize",
            70_000,
            "initialConnectionWindowSize",
            100_000);

    public static void fuzzerTestOneInput(byte[] input) {
        ByteBuf read = Unpooled.copiedBuffer(input);
        try (Peer peer = Peer.silentOf(OPTIONS, new HeadLimits(2000, 10), TestExchange::new)) {
            // Not through the channel, which would close for an exception instead of failing.
            peer.session.feed(Unpooled.wrappedBuffer(Frames.preface(), Frames.settings()));
            peer.session.feed(read);
            peer.sent();
            peer.session.close(ErrorCode.NO_ERROR);
        }
        if (read.refCnt() != 0 && read.capacity() > 0) {
            throw new IllegalStateException("a buffer is kept " + read.refCnt() + " times");
        }
    }

    public static List<byte[]> seeds() {
        return List.of(
                bytes(Frames.headers(1, Frames.END_STREAM, Frames.GET), Frames.windowUpdate(0, 9)),
                bytes(Frames.headers(1, 0, Frames.POST + "\ncontent-length 5"), Frames.data(1, 1, "hello")),
                bytes(Frames.headers(1, 0, Frames.POST), Frames.data(1, 0, "x"), Frames.headers(1, 1, "t u")),
                bytes(Frames.frame(1, 0, 1, Frames.block(Frames.GET)), Frames.frame(9, 4, 1), Frames.rst(1, 8)),
                bytes(
                        Frames.frame(6, 0, 0, new byte[8]),
                        Frames.settings(4, 9, 1, 0),
                        Frames.frame(7, 0, 0, new byte[8])),
                bytes(Frames.headers(1, 0, Frames.POST), Frames.frame(0, 8, 1, Frames.bytes(1, 'a', 0))));
    }

    static byte[] bytes(ByteBuf... frames) {
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(frames));
    }
}
