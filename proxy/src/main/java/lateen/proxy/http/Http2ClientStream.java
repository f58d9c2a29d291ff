package lateen.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import lateen.proxy.Failure;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.Head;
import lateen.proxy.http1.HeadError;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Trailers;
import lateen.proxy.http2.ErrorCode;
import lateen.proxy.http2.Http2Stream;
import lateen.proxy.http2.StreamEvents;
import org.jspecify.annotations.Nullable;

/**
 * One request of an HTTP/2 connection, and its exchange. Used again with the stream's object.
 *
 * <p>Buffers: a body that comes before its way is open is held, at most a window of it. Back-pressure: what the host
 * does not take yet is not granted again to the client. Closing: an answer that is complete before its request resets
 * the stream without an error, which asks the client to stop (RFC 9113 section 8.1).
 */
final class Http2ClientStream implements ClientStream, StreamEvents {
    private final Http2Connection connection;
    private final Http2Stream stream;
    private final RequestHead head;
    private final Exchange exchange;
    private final ArrayDeque<ByteBuf> held = new ArrayDeque<>(2);

    /** All below belong to the present request. */
    private boolean active;

    /** Among the open streams of the process. */
    private boolean counted = true;

    private boolean requestEnded;
    private @Nullable Trailers requestTrailers;
    /** There is a host to send the body to, or the tunnel that was asked for. */
    private boolean ready;

    /** The request, but not its tunnel, is all there. */
    private boolean opensTunnel;

    private boolean throttled;
    /** Bytes that were passed on while the host could not take more. */
    private int owed;

    private boolean answerEnded;

    Http2ClientStream(Http2Connection connection, Http2Stream stream) {
        this.connection = connection;
        this.stream = stream;
        this.head = stream.requestHead();
        this.exchange = connection.exchange(this, head);
    }

    /** For the next request. */
    void reset() {
        counted = true;
        active = false;
        requestEnded = false;
        requestTrailers = null;
        ready = false;
        opensTunnel = false;
        throttled = false;
        owed = 0;
        answerEnded = false;
    }

    private void begin() {
        active = true;
        connection.began(this);
        exchange.received(System.nanoTime());
    }

    @Override
    public void head(Head received, boolean last) {
        begin();
        requestEnded = last;
        opensTunnel = head.opensTunnel();
        connection.begin(exchange, head.bodyKind());
        connection.touched(this);
    }

    @Override
    public void tooLarge(Head received, HeadError error) {
        begin();
        requestEnded = true;
        exchange.refuse(connection.manager(), new Failure.BadRequest(error.status(), error.detail()));
    }

    @Override
    public void data(ByteBuf bytes, boolean last) {
        requestEnded |= last;
        connection.touched(this);
        if (!active) {
            stream.consumed(bytes.readableBytes());
            bytes.release();
        } else if (!ready) {
            held.add(bytes);
        } else {
            pass(bytes);
            if (last) {
                exchange.requestEnd();
            }
        }
    }

    private void pass(ByteBuf bytes) {
        int size = bytes.readableBytes();
        if (size == 0) {
            bytes.release();
            return;
        }
        exchange.requestPayload(bytes);
        if (throttled) {
            owed += size;
        } else {
            stream.consumed(size);
        }
    }

    @Override
    public void trailers(Trailers trailers) {
        requestEnded = true;
        requestTrailers = trailers;
        connection.touched(this);
        if (active && ready) {
            requestOver();
        }
    }

    private void requestOver() {
        if (requestTrailers != null) {
            exchange.requestTrailers(requestTrailers);
        }
        exchange.requestEnd();
    }

    @Override
    public void upstreamReady() {
        if (opensTunnel) {
            // What comes before the answer waits: a host that refuses would take it for the next request.
            exchange.requestEnd();
        } else {
            passHeld();
        }
    }

    private void passHeld() {
        ready = true;
        ByteBuf piece;
        while ((piece = held.poll()) != null) {
            pass(piece);
        }
        if (requestEnded && active) {
            requestOver();
        }
    }

    @Override
    public void reset(long code, boolean unprocessed) {
        answerEnded = true;
        requestEnded = true;
        exchange.clientGone();
        over();
    }

    @Override
    public void writable() {
        if (active) {
            exchange.downstreamWritable(true);
        }
    }

    @Override
    public void continueBody() {
        ResponseHead own = new ResponseHead();
        own.start(100);
        stream.sendHead(own, false);
    }

    @Override
    public void interim(ResponseHead response) {
        stream.sendHead(response, false);
    }

    @Override
    public void head(ResponseHead response, BodyKind kind) {
        answerEnded = kind == BodyKind.NONE;
        stream.sendHead(response, answerEnded);
    }

    @Override
    public void payload(ByteBuf piece) {
        stream.sendData(piece, false);
    }

    @Override
    public void answerTrailers(HeaderLines trailers) {
        answerEnded = true;
        stream.sendTrailers(trailers);
    }

    @Override
    public void end() {
        if (!answerEnded) {
            answerEnded = true;
            stream.sendData(Unpooled.EMPTY_BUFFER, true);
        }
    }

    @Override
    public void flush() {
        connection.flush();
    }

    /** What was given to the host's connection by this stream. */
    void flushUpstream() {
        if (active) {
            exchange.flushUpstream();
        }
    }

    @Override
    public boolean isWritable() {
        return stream.writable();
    }

    @Override
    public boolean reading() {
        return connection.reading();
    }

    @Override
    public boolean requestComplete() {
        return requestEnded;
    }

    @Override
    public void tunnelling() {
        passHeld();
    }

    @Override
    public void throttle(boolean stop) {
        throttled = stop;
        if (!stop && owed > 0) {
            int granted = owed;
            owed = 0;
            stream.consumed(granted);
            if (!connection.reading()) {
                connection.flush();
            }
        }
    }

    /** Other streams are not concerned. */
    @Override
    public void closeAfter() {}

    @Override
    public void exchangeOver(long now) {
        over();
        if (!connection.reading()) {
            connection.flush();
        }
    }

    @Override
    public void abort() {
        stream.reset(ErrorCode.INTERNAL_ERROR);
        over();
        if (!connection.reading()) {
            connection.flush();
        }
    }

    private void over() {
        if (counted) {
            counted = false;
            connection.left();
        }
        if (!active) {
            return;
        }
        active = false;
        ByteBuf piece;
        while ((piece = held.poll()) != null) {
            piece.release();
        }
        connection.ended(this);
        stream.release();
    }

    void tick(long now) {
        if (active) {
            exchange.tick(now);
        }
    }
}
