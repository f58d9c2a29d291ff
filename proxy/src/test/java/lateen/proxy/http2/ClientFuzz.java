package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import lateen.decision.config.Http2Options;
import lateen.proxy.http1.RequestHead;

/** Jazzer: what a server of HTTP/2 sends, while two of our streams are open. Nothing throws, and no buffer is kept. */
public final class ClientFuzz {
    private ClientFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        ByteBuf read = Unpooled.copiedBuffer(input);
        try (Peer peer = Peer.client(Http2Options.DEFAULT)) {
            open(peer, "HEAD");
            open(peer, "POST");
            peer.session.feed(read);
            peer.sent();
            peer.session.close(ErrorCode.NO_ERROR);
        }
        if (read.refCnt() != 0 && read.capacity() > 0) {
            throw new IllegalStateException("a buffer is kept " + read.refCnt() + " times");
        }
    }

    private static void open(Peer peer, String method) {
        RequestHead head = new RequestHead();
        head.start(ascii(method), ascii("/"), ascii("a"));
        Opened.by(peer.session, new Recorder()).sendHead(head, method.equals("HEAD"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    public static List<byte[]> seeds() {
        return List.of(
                ServerFuzz.bytes(
                        Frames.settings(), Frames.headers(1, 1, ":status 200"), Frames.headers(3, 1, ":status 204")),
                ServerFuzz.bytes(
                        Frames.settings(3, 1),
                        Frames.headers(3, 0, ":status 100"),
                        Frames.headers(3, 0, ":status 200")),
                ServerFuzz.bytes(Frames.settings(), Frames.headers(3, 0, ":status 200"), Frames.data(3, 1, "hello")),
                ServerFuzz.bytes(Frames.settings(), Frames.rst(1, 7), Frames.frame(7, 0, 0, new byte[8])),
                ServerFuzz.bytes(
                        Frames.settings(4, 0),
                        Frames.windowUpdate(3, 5),
                        Frames.headers(3, 1, ":status 200\ngrpc-status 0")));
    }
}
