package lateen.proxy.http2;

import lateen.proxy.http1.MalformedHead;
import org.jspecify.annotations.Nullable;

/** What the owner of a connection hears, on its event loop. */
public interface SessionEvents {

    /**
     * Server role: the peer opened a stream. Its head follows at once, or the word that it is too large.
     *
     * @return who hears of this stream from now on
     */
    StreamEvents opened(Http2Stream stream);

    /**
     * Something about {@link Http2Session#canOpen()} may have become better: the peer's settings came or changed, or a
     * stream ended. Called at most once for each read.
     */
    void capacity();

    /**
     * The peer opens no more streams (server role), or takes no more (client role). Streams above {@code lastStreamId}
     * that we opened have been reset as unprocessed; the others go on.
     *
     * @param code {@link ErrorCode#NO_ERROR} where the peer just wants to close
     */
    void goaway(int lastStreamId, long code);

    /**
     * The connection is over; every stream has heard its {@code reset} before. Called once.
     *
     * @param code what we sent in GOAWAY, or the peer did; {@link ErrorCode#NO_ERROR} for an orderly or plain close
     * @param complaint why we ended it; {@link Complaint#NONE} when the peer did, or the owner
     */
    void ended(long code, Complaint complaint);

    /**
     * A stream of the peer was refused or reset, for logs and counters: the connection lives on.
     *
     * @param detail for {@link Complaint#MALFORMED} what was wrong
     */
    default void complained(int streamId, Complaint complaint, @Nullable MalformedHead detail) {}
}
