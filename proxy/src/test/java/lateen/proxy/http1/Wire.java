package lateen.proxy.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Text to bytes and back, and the codec driven piece by piece. */
final class Wire {

    private Wire() {}

    static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    static String text(ByteBuf buf) {
        return buf.toString(StandardCharsets.ISO_8859_1);
    }

    /** A request that must be good. */
    static RequestHead request(String text) {
        RequestHead head = new RequestHead();
        HeadResult result = new HeadParser(head, HeadLimits.DEFAULT).feed(bytes(text));
        if (result != HeadProgress.COMPLETE) {
            throw new AssertionError(result + " for " + text);
        }
        return head;
    }

    static ResponseHead response(String text) {
        ResponseHead head = new ResponseHead();
        HeadResult result = new HeadParser(head, HeadLimits.DEFAULT).feed(bytes(text));
        if (result != HeadProgress.COMPLETE) {
            throw new AssertionError(result + " for " + text);
        }
        return head;
    }

    static String encoded(Head head) {
        ByteBuf out = Unpooled.buffer();
        head.encode(out);
        return text(out);
    }

    static String edited(String request, Consumer<RequestHead> edit) {
        RequestHead head = request(request);
        edit.accept(head);
        return encoded(head);
    }

    static HeadResult result(Head head, String text) {
        return new HeadParser(head, HeadLimits.DEFAULT).feed(bytes(text));
    }

    /** Feeds the text cut at the given places; what the parser said last. */
    static HeadResult fed(HeadParser parser, String text, int... cuts) {
        int from = 0;
        for (int cut : cuts) {
            HeadResult result = parser.feed(bytes(text.substring(from, cut)));
            if (result != HeadProgress.NEED_MORE) {
                return result;
            }
            from = cut;
        }
        return parser.feed(bytes(text.substring(from)));
    }
}
