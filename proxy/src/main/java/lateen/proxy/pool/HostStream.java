package lateen.proxy.pool;

import io.netty.buffer.ByteBuf;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to a host, and its answer: an HTTP/1 connection that is taken for it, or a stream of a shared
 * HTTP/2 connection. Owned by the connection's loop.
 */
public interface HostStream {
    /** Who sent the request that is being answered. */
    interface Receiver {
        /** An interim (1xx) or the final head; its body, if any, follows. Valid until the answer is complete. */
        void head(ResponseHead head, BodyKind kind);

        /** The buffer is the receiver's now. */
        void payload(ByteBuf slice);

        /** After the body. Valid during the call. */
        void trailers(HeaderLines trailers);

        /** The response is complete. */
        void end();

        /** All that was read has been handed over. */
        void readComplete();

        /** The other end can take bytes again. */
        void writable();

        /** The stream is over without a complete answer. */
        void broken(Broken how);
    }

    /**
     * Why there will be no complete answer.
     *
     * @param problem what was wrong with the response, for {@link Cause#PROTOCOL}; else null
     */
    record Broken(@Nullable String problem, Cause cause) {
        static final Broken ENDED = new Broken(null, Cause.ENDED);

        public enum Cause {
            /** The connection ended. */
            ENDED,
            /** The host reset the stream. */
            RESET,
            /**
             * The host has said that it did nothing with the request (RFC 9113 section 8.7), so that it may be sent
             * again, whatever it is.
             */
            REFUSED,
            /** What came is not HTTP as it should be. */
            PROTOCOL
        }
    }

    /** The connection. */
    Dialled dialled();

    /** Whether bytes of the answer have come. */
    boolean answered();

    /**
     * The request's head; the body's pieces and {@link #end} follow. Without a body, {@link #end} follows too.
     *
     * @param kind how the body came
     */
    void send(RequestHead head, BodyKind kind, Receiver by);

    /** A piece of the request's body, or of a tunnel. The buffer is the stream's now. */
    void payload(ByteBuf piece);

    /** After the body and before {@link #end}; dropped where the host's protocol has no place for them. */
    void requestTrailers(HeaderLines trailers);

    /** The request is complete. */
    void end();

    /** Sends what was written. */
    void flush();

    /** Whether the host takes more for now. */
    boolean isWritable();

    /** @param on false: the client cannot take more for now */
    void reading(boolean on);

    /**
     * The exchange is over.
     *
     * @param reusable both messages were complete; else the host is told that nobody waits any longer
     * @param now as {@link System#nanoTime}
     */
    void release(boolean reusable, long now);

    /** Ends the request; the receiver is told nothing. */
    void close();

    /**
     * As {@link #close}, since its time ran out. A host from which nothing came meanwhile may be gone without a word:
     * its connection is not used for other requests.
     */
    default void lost() {
        close();
    }
}
