package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import lateen.decision.request.ByteSlice;
import lateen.proxy.http1.Head;
import lateen.proxy.http1.HeadError;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.Trailers;

/** Writes down what the owner of a stream hears. Consumes nothing by itself. */
final class Recorder implements StreamEvents {

    final List<String> events = new ArrayList<>();
    private int merged;

    /** The head as it would be over HTTP/1.1. */
    static String text(Head head) {
        ByteBuf out = Unpooled.buffer();
        head.encode(out);
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    static String text(HeaderLines lines) {
        StringBuilder text = new StringBuilder();
        ByteSlice slice = new ByteSlice();
        for (int i = 0; i < lines.count(); i++) {
            text.append(lines.name(i, slice)).append(": ");
            text.append(lines.value(i, slice)).append('\n');
        }
        return text.toString();
    }

    private void add(String event) {
        events.add(event);
        merged = 0;
    }

    @Override
    public void head(Head head, boolean last) {
        add("head " + text(head) + (last ? "END" : ""));
    }

    @Override
    public void tooLarge(Head partial, HeadError error) {
        add("too large " + error);
    }

    /** Parts of a body that come one after the other are one event, wherever reads cut them. */
    @Override
    public void data(ByteBuf bytes, boolean last) {
        String text = bytes.toString(StandardCharsets.ISO_8859_1);
        bytes.release();
        if (merged > 0) {
            events.set(merged - 1, events.get(merged - 1) + text + (last ? " END" : ""));
        } else {
            events.add("data " + text + (last ? " END" : ""));
            merged = events.size();
        }
    }

    @Override
    public void trailers(Trailers trailers) {
        add("trailers " + text(trailers));
    }

    @Override
    public void reset(long code, boolean unprocessed) {
        add("reset " + code + (unprocessed ? " unprocessed" : ""));
    }

    @Override
    public void writable() {
        add("writable");
    }
}
