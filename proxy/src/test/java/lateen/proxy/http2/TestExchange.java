package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import lateen.decision.request.HeaderName;
import lateen.proxy.http1.Head;
import lateen.proxy.http1.HeadError;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Trailers;

/**
 * What the test server answers: {@code /bytes/N} with N bytes, {@code /echo} with what it is sent and its trailers,
 * {@code /early} before the request's end, {@code /trailers} with a trailer and no body, {@code /heads} with the request as
 * it would be over HTTP/1.1, CONNECT with an echo; all else with a few letters.
 */
final class TestExchange implements StreamEvents {

    private static final HeaderName STATUS = HeaderName.of("grpc-status");
    private static final byte[] HELLO = "hello over http2\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TEXT = "text/plain".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ZERO = {'0'};
    private static final ByteBuf BLOCK = Unpooled.unreleasableBuffer(
            Unpooled.directBuffer().writeZero(64 * 1024).asReadOnly());

    /** A head is written at once, so that a loop needs one: what the server allocates is the engine's then. */
    private static final ThreadLocal<ResponseHead> ANSWERS = ThreadLocal.withInitial(ResponseHead::new);

    private final Http2Stream stream;
    private final ResponseHead answer = ANSWERS.get();
    private long left;
    private boolean echo;
    private boolean answered;
    private boolean requestEnded;

    TestExchange(Http2Stream stream) {
        this.stream = stream;
    }

    @Override
    public void head(Head received, boolean last) {
        RequestHead head = (RequestHead) received;
        requestEnded = last;
        String path = head.path().toString();
        if (head.isConnect() || path.equals("/echo")) {
            echo = true;
            answer.start(200);
            stream.sendHead(answer, last);
        } else if (path.startsWith("/bytes/")) {
            left = Long.parseLong(path.substring("/bytes/".length()));
            answer.start(200);
            stream.sendHead(answer, left == 0);
            writable();
        } else if (path.equals("/trailers")) {
            answer.start(200);
            stream.sendHead(answer, false);
            Trailers trailers = new Trailers();
            trailers.add(STATUS, ZERO);
            stream.sendTrailers(trailers);
        } else if (path.equals("/early")) {
            stream.ignoreRest();
            hello(HELLO);
        } else if (path.equals("/heads")) {
            ByteBuf text = Unpooled.buffer();
            head.encode(text);
            byte[] bytes = new byte[text.readableBytes()];
            text.readBytes(bytes);
            hello(bytes);
        } else if (last) {
            hello(HELLO);
        }
    }

    private void hello(byte[] text) {
        if (answered) {
            return;
        }
        answered = true;
        answer.start(200);
        answer.set(KnownHeader.CONTENT_TYPE, TEXT);
        answer.setNumber(KnownHeader.CONTENT_LENGTH, text.length);
        stream.sendHead(answer, false);
        stream.sendData(Unpooled.wrappedBuffer(text), true);
        if (requestEnded) {
            stream.release();
        }
    }

    @Override
    public void writable() {
        while (left > 0 && stream.writable()) {
            int n = (int) Math.min(left, BLOCK.readableBytes());
            left -= n;
            stream.sendData(BLOCK.retainedSlice(0, n), left == 0);
        }
    }

    @Override
    public void tooLarge(Head partial, HeadError error) {
        answer.start(error.status());
        stream.sendHead(answer, true);
    }

    @Override
    public void data(ByteBuf bytes, boolean last) {
        int n = bytes.readableBytes();
        if (echo) {
            stream.sendData(bytes, last);
        } else {
            bytes.release();
        }
        stream.consumed(n);
        requestEnded = last;
        if (last && echo) {
            stream.release();
        } else if (last) {
            hello(HELLO);
        }
    }

    @Override
    public void trailers(Trailers received) {
        if (echo) {
            stream.sendTrailers(received);
        } else {
            hello(HELLO);
        }
    }

    @Override
    public void reset(long code, boolean unprocessed) {
        left = 0;
    }
}
