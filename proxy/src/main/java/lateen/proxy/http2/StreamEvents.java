package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import lateen.proxy.http1.Head;
import lateen.proxy.http1.HeadError;
import lateen.proxy.http1.Trailers;

/**
 * What the owner of a stream hears, in the order of the stream. After {@code last}, {@link #trailers} or {@link #reset}
 * nothing more is received; after {@link #reset} nothing more can be sent either. The owner may write, reset or release
 * the stream, or close the session, inside any call.
 */
public interface StreamEvents {

    /** Hears nothing: for a stream that its owner has reset at once. */
    StreamEvents NOBODY = Unowned.EVENTS;

    /**
     * The head of the message: a {@link lateen.proxy.http1.RequestHead} in the server role, a {@link
     * lateen.proxy.http1.ResponseHead} in the client role, there after any number of interim ones (1xx), which share the
     * object. It belongs to the stream, may be edited, and is valid until {@link Http2Stream#release()}.
     */
    void head(Head head, boolean last);

    /**
     * The head is beyond the limits; the rest of the message will not be heard of. A server may answer ({@link
     * HeadError#status()} is 431), after which the stream is over; a client resets.
     *
     * @param partial what came before the limit: a log may look at it, nothing else
     */
    void tooLarge(Head partial, HeadError error);

    /**
     * Bytes of the body. The buffer is the owner's: released once, and counted by {@link Http2Stream#consumed} when it
     * has gone on its way. May be empty with {@code last}.
     */
    void data(ByteBuf bytes, boolean last);

    /** The trailer section, which ends the message. Valid until {@link Http2Stream#release()}. */
    void trailers(Trailers trailers);

    /**
     * The stream is over before its end: reset by the peer, by us for a fault of the peer, or with the connection. After
     * {@code last}, {@link ErrorCode#NO_ERROR} means that a server needs no more of the request than it has.
     *
     * @param code of {@link ErrorCode}
     * @param unprocessed the peer did not act on the request, which may be sent again (RFC 9113 section 8.7)
     */
    void reset(long code, boolean unprocessed);

    /** {@link Http2Stream#writable()} was false when last asked or when data was sent, and is true again. */
    void writable();
}
