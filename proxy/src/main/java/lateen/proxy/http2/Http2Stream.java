package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import lateen.proxy.http1.Head;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Trailers;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. Everything written waits for {@link Http2Session#flush()}, which the session calls itself
 * at the end of each read; an owner that writes at another time calls it. A call on a stream that is over does nothing
 * (buffers are released), so that an owner need not keep track.
 *
 * <p>An owner that has done with a stream says {@link #release()}; the object and its heads are used again then. Until
 * then, what it was given by {@link StreamEvents#data} and has not {@link #consumed} keeps its part of the connection's
 * window, even when the stream is over, unless it was reset. Owned by the connection's event loop.
 */
public final class Http2Stream {

    final Http2Session session;
    StreamEvents owner = Unowned.EVENTS;

    int id;
    /** Neither over nor released. */
    boolean open;

    /** We sent, or queued, END_STREAM or RST_STREAM. */
    boolean localEnded;
    /** END_STREAM has been written. */
    boolean localDone;

    boolean remoteDone;
    boolean headReceived;
    boolean headSent;
    /** What is received is dropped. */
    boolean deaf;
    /** Reset with NO_ERROR when our side is done. */
    boolean resetWhenDone;

    boolean released;
    boolean inTable;
    /** The request's method, in the client role: an answer to HEAD has no body, whatever its length says. */
    boolean toHead;

    boolean tunnel;
    /** {@link System#nanoTime}, of the read that opened it. */
    long opened;

    /** Bytes that we may send; negative after the peer lowered its setting. */
    int sendWindow;
    /** Bytes that the peer may send. */
    int receiveWindow;
    /** Given to the owner, and not consumed. */
    int unconsumed;
    /** Consumed, and not granted again. */
    int ungranted;
    /** What content-length announced; -1: nothing. */
    long expected;

    long received;

    final ArrayDeque<ByteBuf> queue = new ArrayDeque<>(4);
    /** The end of the queue, if small pieces may be copied behind it. */
    @Nullable
    ByteBuf tail;

    long queued;

    @Nullable
    HeaderLines queuedTrailers;

    long stalledSince;
    boolean toldUnwritable;
    /** Neighbours among the streams that can send; both null: it cannot. */
    @Nullable
    Http2Stream next;

    @Nullable
    Http2Stream previous;

    private @Nullable StreamEvents attached;
    private @Nullable RequestHead request;
    private @Nullable ResponseHead response;
    private @Nullable Trailers trailers;

    Http2Stream(Http2Session session) {
        this.session = session;
    }

    void begin(StreamEvents events, int sendWindow, int receiveWindow, long now) {
        owner = events;
        id = 0;
        open = true;
        localEnded = false;
        localDone = false;
        remoteDone = false;
        headReceived = false;
        headSent = false;
        deaf = false;
        resetWhenDone = false;
        released = false;
        inTable = false;
        toHead = false;
        tunnel = false;
        opened = now;
        this.sendWindow = sendWindow;
        this.receiveWindow = receiveWindow;
        unconsumed = 0;
        ungranted = 0;
        expected = -1;
        received = 0;
        stalledSince = 0;
        toldUnwritable = false;
    }

    RequestHead request() {
        RequestHead head = request;
        if (head == null) {
            head = new RequestHead();
            request = head;
        }
        return head;
    }

    ResponseHead response() {
        ResponseHead head = response;
        if (head == null) {
            head = new ResponseHead();
            response = head;
        }
        return head;
    }

    Trailers trailers() {
        Trailers lines = trailers;
        if (lines == null) {
            lines = new Trailers();
            trailers = lines;
        }
        return lines;
    }

    /** 0 for a stream of ours whose head has not been sent. */
    public int id() {
        return id;
    }

    /** Whether something can still be received or sent. */
    public boolean open() {
        return open;
    }

    /**
     * Sends the head: a request (client role), or a response (server role; 1xx ones any number of times before, without
     * {@code last}; a 101 is sent as 200, RFC 8441 section 5). It may have been received over HTTP/1.1: Host becomes
     * {@code :authority}, names lower case, and what belongs to one connection only is left out. Written at once: the
     * head may be used for something else afterwards.
     */
    public void sendHead(Head head, boolean last) {
        session.sending.head(this, head, last);
    }

    /**
     * Sends a part of the body, as the windows allow; what they do not allow waits here. The buffer is the session's
     * now. Never refused, so an owner stops reading its source while not {@link #writable()}.
     */
    public void sendData(ByteBuf bytes, boolean last) {
        session.sending.data(this, bytes, last);
    }

    /** Ends the message with trailers. The lines may be used for something else afterwards. */
    public void sendTrailers(HeaderLines lines) {
        session.sending.trailers(this, lines);
    }

    /** Ends the stream now, both ways, without a word to {@link StreamEvents}. What waits is dropped. */
    public void reset(long code) {
        session.streams.resetByOwner(this, code);
    }

    /**
     * The owner wants nothing more of what the peer sends: it is dropped, and once our side has ended the peer is told to
     * stop, without an error. For a server that answered before the request's end. RFC 9113 section 8.1.
     */
    public void ignoreRest() {
        session.streams.ignoreRest(this);
    }

    /** So many bytes of {@link StreamEvents#data} have gone on their way; the peer may send as many more. */
    public void consumed(int bytes) {
        session.receiving.consumed(this, bytes);
    }

    /** Whether more can be sent without much waiting here. When it becomes true again, {@link StreamEvents#writable}. */
    public boolean writable() {
        return session.sending.writable(this);
    }

    /** Server role: the head that {@link StreamEvents#head} gives, the same as long as this object lives. */
    public RequestHead requestHead() {
        return request();
    }

    /** What {@link #attach} was given, over all uses of this object; null: nothing. */
    public @Nullable StreamEvents attached() {
        return attached;
    }

    /** Keeps the owner's object for this one, for all its uses, and has it own the present one. */
    public void attach(StreamEvents events) {
        attached = events;
        owner = events;
    }

    /** Bytes that wait here for windows or for the connection. */
    public long waiting() {
        return queued;
    }

    /**
     * {@link System#nanoTime} since when the peer's windows, or its not reading, have kept what waits here from going;
     * 0: they do not. For the owner's timeouts: a peer that grants nothing holds memory.
     */
    public long stalledSince() {
        return stalledSince;
    }

    /**
     * The owner touches this stream, its heads and trailers never again. An open one on which all was sent, or waits for
     * windows, ends by itself, as {@link #ignoreRest} has it; another is reset with CANCEL.
     */
    public void release() {
        session.streams.release(this);
    }
}
