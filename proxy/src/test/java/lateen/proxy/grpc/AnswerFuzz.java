package lateen.proxy.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Trailers;

/** Jazzer: the length-prefixed message of a unary gRPC answer; the first byte says how DATA cuts it. */
public final class AnswerFuzz {
    private AnswerFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        AnswerReader reader = new AnswerReader();
        reader.reset();
        ResponseHead head = new ResponseHead();
        head.start(200);
        head.set(KnownHeader.CONTENT_TYPE, "application/grpc".getBytes(StandardCharsets.US_ASCII));
        reader.head(head);
        int piece = 1 + (input[0] & 0x3f);
        boolean good = true;
        for (int at = 1; at < input.length && good; at += piece) {
            ByteBuf data = Unpooled.wrappedBuffer(input, at, Math.min(piece, input.length - at));
            good = reader.data(data) == null;
        }
        long length = input.length < 6 ? -1 : Unpooled.wrappedBuffer(input).getUnsignedInt(2);
        Trailers trailers = new Trailers();
        trailers.set(KnownHeader.GRPC_STATUS, new byte[] {'0'});
        reader.trailers(trailers);
        boolean whole = good && reader.complete() == null;
        if (whole != (input.length >= 6 && input[1] == 0 && length == input.length - 6)) {
            throw new IllegalStateException(
                    "a message of " + length + " bytes in " + (input.length - 6) + ": " + whole);
        }
    }

    public static List<byte[]> seeds() {
        return List.of(new byte[] {3, 0, 0, 0, 0, 2, 'h', 'i'}, new byte[] {3, 1, 0, 0, 0, 2, 'h', 'i'}, new byte[] {
            0, 0, 0, 0, 0, 0
        });
    }
}
