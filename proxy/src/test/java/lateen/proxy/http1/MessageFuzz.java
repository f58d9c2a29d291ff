package lateen.proxy.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * Messages of HTTP/1, one after the other. However reads cut the bytes, the same is found; a head that was taken is, as it
 * is forwarded, taken again and says the same; no buffer is kept. The first byte says where reads are cut.
 */
final class MessageFuzz {
    private final boolean request;

    MessageFuzz(boolean request) {
        this.request = request;
    }

    void run(byte[] input) {
        if (input.length < 2) {
            return;
        }
        String whole = found(input, input.length);
        String pieces = found(input, 1 + (input[0] & 0x3f));
        if (!whole.equals(pieces)) {
            throw new IllegalStateException("read at once:\n" + whole + "\nin pieces:\n" + pieces);
        }
    }

    private String found(byte[] input, int piece) {
        Head head = request ? new RequestHead() : new ResponseHead();
        HeadParser parser = new HeadParser(head, new HeadLimits(2000, 20));
        BodyReader body = new BodyReader();
        StringBuilder seen = new StringBuilder();
        boolean inBody = false;
        for (int at = 1; at < input.length; at += piece) {
            ByteBuf in = Unpooled.copiedBuffer(input, at, Math.min(piece, input.length - at));
            try {
                while (in.isReadable()) {
                    if (inBody) {
                        BodyResult result = body.read(in, slice -> {
                            seen.append(slice.toString(StandardCharsets.ISO_8859_1));
                            slice.release();
                        });
                        if (result instanceof BodyError error) {
                            return seen.append(error).toString();
                        }
                        inBody = result != BodyProgress.DONE;
                        continue;
                    }
                    HeadResult result = parser.feed(in);
                    if (result instanceof HeadError error) {
                        return seen.append(error).toString();
                    }
                    if (result == HeadProgress.COMPLETE) {
                        seen.append(forwarded(head));
                        body.start(kind(head), head.contentLength());
                        inBody = !body.done();
                        parser.reset();
                    }
                }
            } finally {
                in.release();
                if (in.refCnt() != 0) {
                    throw new IllegalStateException("a buffer is kept " + in.refCnt() + " times");
                }
            }
        }
        return seen.toString();
    }

    private static BodyKind kind(Head head) {
        BodyKind kind = switch (head) {
            case RequestHead sent -> sent.bodyKind();
            case ResponseHead answer -> answer.bodyKind(false, false);
        };
        return kind == BodyKind.TUNNEL ? BodyKind.NONE : kind;
    }

    private String forwarded(Head head) {
        BodyKind kind = kind(head);
        head.asHttp11();
        String once = Wire.encoded(head);
        Head again = request ? new RequestHead() : new ResponseHead();
        HeadResult result = new HeadParser(again, HeadLimits.DEFAULT).feed(Wire.bytes(once));
        if (result != HeadProgress.COMPLETE
                || kind(again) != kind
                || !Wire.encoded(again).equals(once)) {
            throw new IllegalStateException(result + " of what is forwarded: " + once);
        }
        return once;
    }
}
