package lateen.proxy.pool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.Head;
import lateen.proxy.http1.HeadError;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.Protocol;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Trailers;
import lateen.proxy.http2.ErrorCode;
import lateen.proxy.http2.Http2Stream;
import lateen.proxy.http2.StreamEvents;
import org.jspecify.annotations.Nullable;

/** One request to a host over a shared HTTP/2 connection. Used again with the stream's object. */
final class Http2HostStream implements HostStream, StreamEvents {
    private final Http2HostConnection connection;
    private final Http2Stream stream;
    private @Nullable Receiver receiver;
    private boolean requestEnded;
    /** As {@link System#nanoTime}. */
    private long sentAt;

    private boolean toHead;
    private boolean connect;
    /** The protocol that an extended CONNECT asks for; null: the request is none. */
    private byte @Nullable [] upgrade;

    /** What a client of HTTP/1 is to hear if that is granted; null: nothing. */
    private byte @Nullable [] accept;

    private boolean answered;
    private boolean paused;
    /** Bytes that were passed on while the client could not take more. */
    private int owed;

    Http2HostStream(Http2HostConnection connection, Http2Stream stream) {
        this.connection = connection;
        this.stream = stream;
    }

    /** For the next request. */
    void reset() {
        receiver = null;
        requestEnded = false;
        toHead = false;
        connect = false;
        upgrade = null;
        accept = null;
        answered = false;
        paused = false;
        owed = 0;
    }

    @Override
    public Dialled dialled() {
        return connection.dialled();
    }

    @Override
    public boolean answered() {
        return answered;
    }

    @Override
    public void send(RequestHead head, BodyKind kind, Receiver by) {
        receiver = by;
        sentAt = System.nanoTime();
        toHead = head.isHead();
        connect = head.isConnect();
        boolean upgrades = head.upgrade();
        if (upgrades) {
            upgrade = head.joined(KnownHeader.UPGRADE).toString().getBytes(StandardCharsets.ISO_8859_1);
            accept = head.protocol() == Protocol.HTTP_2 ? null : WebSocketKey.answer(head);
        }
        requestEnded = kind == BodyKind.NONE && !upgrades;
        stream.sendHead(head, requestEnded);
    }

    @Override
    public void payload(ByteBuf piece) {
        stream.sendData(piece, false);
    }

    @Override
    public void requestTrailers(HeaderLines trailers) {
        requestEnded = true;
        stream.sendTrailers(trailers);
    }

    @Override
    public void end() {
        if (!requestEnded) {
            requestEnded = true;
            stream.sendData(Unpooled.EMPTY_BUFFER, true);
        }
    }

    @Override
    public void flush() {
        connection.flush();
    }

    @Override
    public boolean isWritable() {
        return stream.writable();
    }

    @Override
    public void reading(boolean on) {
        paused = !on;
        if (on && owed > 0) {
            int granted = owed;
            owed = 0;
            stream.consumed(granted);
            connection.flush();
        }
    }

    @Override
    public void release(boolean reusable, long now) {
        receiver = null;
        if (!reusable) {
            stream.reset(ErrorCode.CANCEL);
        }
        stream.release();
        connection.flush();
    }

    @Override
    public void close() {
        receiver = null;
        stream.reset(ErrorCode.CANCEL);
        connection.flush();
    }

    @Override
    public void lost() {
        if (dialled().readAt() - sentAt <= 0) {
            connection.retire();
        }
        close();
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // whether the exchange has left meanwhile
    public void head(Head head, boolean last) {
        Receiver to = receiver;
        ResponseHead response = (ResponseHead) head;
        answered = true;
        connection.touched(this);
        if (to == null) {
            return;
        }
        if (response.interim()) {
            to.head(response, BodyKind.NONE);
            return;
        }
        byte[] granted = upgrade;
        if (granted != null && response.status() < 300 && !last) {
            response.switchTo(granted);
            if (accept != null && !response.has(WebSocketKey.ACCEPT)) {
                response.set(WebSocketKey.ACCEPT, accept);
            }
        }
        to.head(response, response.bodyKind(toHead, connect));
        if (last && receiver == to) {
            to.end();
        }
    }

    @Override
    public void tooLarge(Head head, HeadError error) {
        stream.reset(ErrorCode.CANCEL);
        broken(new Broken(error.name() + " in the response's head", Broken.Cause.PROTOCOL));
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // whether the exchange has left meanwhile
    public void data(ByteBuf bytes, boolean last) {
        connection.touched(this);
        int size = bytes.readableBytes();
        Receiver to = receiver;
        if (to == null || size == 0) {
            bytes.release();
        } else {
            to.payload(bytes);
        }
        if (paused) {
            owed += size;
        } else {
            stream.consumed(size);
        }
        if (last && to != null && receiver == to) {
            to.end();
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // whether the exchange has left meanwhile
    public void trailers(Trailers trailers) {
        connection.touched(this);
        Receiver to = receiver;
        if (to == null) {
            return;
        }
        to.trailers(trailers);
        if (receiver == to) {
            to.end();
        }
    }

    @Override
    public void reset(long code, boolean unprocessed) {
        if (unprocessed) {
            broken(new Broken(null, Broken.Cause.REFUSED));
        } else if (code == ErrorCode.CONNECTION_LOST) {
            broken(Broken.ENDED);
        } else if (code == ErrorCode.PROTOCOL_ERROR) {
            broken(new Broken("PROTOCOL_ERROR in the response's stream", Broken.Cause.PROTOCOL));
        } else {
            broken(new Broken(null, Broken.Cause.RESET));
        }
    }

    private void broken(Broken how) {
        Receiver to = receiver;
        receiver = null;
        if (to != null) {
            to.broken(how);
        }
    }

    @Override
    public void writable() {
        if (receiver != null) {
            receiver.writable();
        }
    }

    void readComplete() {
        if (receiver != null) {
            receiver.readComplete();
        }
    }
}
