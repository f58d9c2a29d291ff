package lateen.proxy.http;

import io.netty.buffer.ByteBuf;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.ResponseHead;

/**
 * The client's side of an {@link Exchange}, in the words that HTTP/1 and HTTP/2 have in common: an HTTP/1 connection
 * with the request that it is at, or one stream of an HTTP/2 connection. It frames what it is given as its protocol
 * wants it. Called on the connection's loop.
 */
interface ClientStream {
    /** Asks for the body that the client holds back (RFC 9110 section 10.1.1). */
    void continueBody();

    /** A head of 1xx, without what belongs to one connection; more follow. */
    void interim(ResponseHead head);

    /**
     * The final head, edited and without what belongs to one connection.
     *
     * @param kind how the body that follows came; {@link BodyKind#NONE}: none follows
     */
    void head(ResponseHead head, BodyKind kind);

    /** A piece of the answer's body, or of a tunnel. The buffer is the stream's now. */
    void payload(ByteBuf piece);

    /** After the body and before {@link #end}; dropped where the client's protocol or its wishes have no place for them. */
    void answerTrailers(HeaderLines trailers);

    /** The answer is complete. */
    void end();

    /** Sends what was written. */
    void flush();

    /** Whether the client takes more for now. */
    boolean isWritable();

    /** Whether a read is going on, after which all is flushed. */
    boolean reading();

    /** Whether all of the request has been read. */
    boolean requestComplete();

    /** The host is there: the body may flow. */
    void upstreamReady();

    /** The answer switched protocols: bytes from now on. */
    void tunnelling();

    /** @param stop the host cannot take more for now */
    void throttle(boolean stop);

    /** Whatever its protocol allows, no other request may follow in this connection. */
    void closeAfter();

    /**
     * The exchange is over with a complete answer, and its log written.
     *
     * @param now as {@link System#nanoTime}
     */
    void exchangeOver(long now);

    /** Ends the stream so that the client can tell that the answer is not complete. */
    void abort();
}
