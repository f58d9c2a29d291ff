package lateen.proxy.http2;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The life of streams: opening, the ways they end, and their objects' reuse. RFC 9113 section 5.1. */
final class Streams {

    /** Objects kept for the next streams; about 2 KB each, with the array of a head. */
    private static final int KEPT = 64;

    final StreamTable table = new StreamTable();
    final RecentStreams recent = new RecentStreams();
    private final ArrayDeque<Http2Stream> free = new ArrayDeque<>();
    private final Http2Session session;

    /** Client role: streams that were granted and have no number yet, besides those in the table. */
    private int unnumbered;

    /** The peer's highest stream. */
    int lastRemote;
    /** The highest that we did not refuse. */
    int lastAccepted;
    /** Client role: the number of the next stream; negative: there are no more. */
    int nextLocal = 1;

    Streams(Http2Session session) {
        this.session = session;
    }

    int active() {
        return table.size() + unnumbered;
    }

    /** A stream that the peer opens. It is not in the table yet. */
    Http2Stream accept(int id) {
        Http2Stream stream = fresh(Unowned.EVENTS);
        stream.id = id;
        return stream;
    }

    /** A stream of ours, without number. */
    Http2Stream open(StreamEvents owner) {
        unnumbered++;
        return fresh(owner);
    }

    private Http2Stream fresh(StreamEvents owner) {
        Http2Stream stream = free.pollFirst();
        if (stream == null) {
            stream = new Http2Stream(session);
        }
        stream.begin(owner, session.peer.initialWindow(), session.options.initialStreamWindowSize(), session.now());
        return stream;
    }

    void enter(Http2Stream stream) {
        stream.inTable = true;
        table.put(stream);
        session.guard.streamOpened();
    }

    /** Gives a stream of ours its number, with its head about to be sent. */
    void number(Http2Stream stream) {
        stream.id = nextLocal;
        nextLocal += 2;
        unnumbered--;
        enter(stream);
    }

    /** Both sides have sent their last, or it may be so now. */
    void endIfDone(Http2Stream stream) {
        if (!stream.open || !stream.localDone) {
            return;
        }
        if (stream.remoteDone) {
            end(stream, false);
            session.guard.streamEnded();
        } else if (stream.resetWhenDone) {
            session.writer.rstStream(stream.id, ErrorCode.NO_ERROR);
            end(stream, true);
            session.guard.streamEnded();
        }
    }

    private void end(Http2Stream stream, boolean weReset) {
        stream.open = false;
        if (stream.inTable) {
            stream.inTable = false;
            table.remove(stream);
            recent.add(stream.id, weReset);
        } else if (stream.id == 0) {
            unnumbered--;
        }
        session.sending.drop(stream);
        if (stream.released) {
            recycle(stream);
        }
        session.streamEnded();
    }

    /** Ends it with RST_STREAM, of which the owner need not hear: it asked for it. */
    void resetByOwner(Http2Stream stream, long code) {
        if (stream.open) {
            if (stream.id != 0) {
                session.writer.rstStream(stream.id, code);
                session.guard.streamEnded();
            }
            abandon(stream);
        }
    }

    void endStalled(long now, long limit) {
        for (Http2Stream stream : table.all()) {
            if (stream.released && stream.stalledSince != 0 && now - stream.stalledSince > limit) {
                resetByOwner(stream, ErrorCode.INTERNAL_ERROR);
            }
        }
    }

    /** Ends it because of what the peer sent. RFC 9113 section 5.4.2. */
    void resetByFault(Http2Stream stream, long code) {
        if (stream.open) {
            session.writer.rstStream(stream.id, code);
            StreamEvents owner = stream.owner;
            Complaint flood = countReset(stream);
            abandon(stream);
            owner.reset(code, false);
            session.failIf(flood);
        }
    }

    /** A server that resets what we ask of it harms nobody but itself. */
    private Complaint countReset(Http2Stream stream) {
        return session.client ? Complaint.NONE : session.guard.streamReset(stream.opened, session.now());
    }

    private void abandon(Http2Stream stream) {
        int held = stream.unconsumed;
        stream.unconsumed = 0;
        end(stream, true);
        session.receiving.credit(held);
    }

    /** The peer's RST_STREAM. */
    void resetByPeer(Http2Stream stream, long code) {
        StreamEvents owner = stream.owner;
        boolean premature = !stream.localDone;
        Complaint flood = Complaint.NONE;
        if (premature) {
            flood = countReset(stream);
        } else {
            session.guard.streamEnded();
        }
        int held = stream.unconsumed;
        stream.unconsumed = 0;
        end(stream, false);
        session.receiving.credit(held);
        owner.reset(code, code == ErrorCode.REFUSED_STREAM);
        session.failIf(flood);
    }

    /** It is lost with the connection, or refused by GOAWAY. */
    void lose(Http2Stream stream, long code, boolean unprocessed) {
        if (stream.open) {
            StreamEvents owner = stream.owner;
            stream.unconsumed = 0;
            end(stream, true);
            owner.reset(code, unprocessed);
        }
    }

    void ignoreRest(Http2Stream stream) {
        if (!stream.open || stream.remoteDone) {
            return;
        }
        stream.deaf = true;
        stream.resetWhenDone = true;
        endIfDone(stream);
    }

    void release(Http2Stream stream) {
        if (stream.released) {
            return;
        }
        stream.released = true;
        stream.owner = Unowned.EVENTS;
        int held = stream.unconsumed;
        stream.unconsumed = 0;
        if (!stream.open) {
            recycle(stream);
        } else if (stream.localEnded) {
            // All is said and the windows have the rest: it ends by itself.
            ignoreRest(stream);
        } else {
            resetByOwner(stream, ErrorCode.CANCEL);
        }
        session.receiving.credit(held);
    }

    private void recycle(Http2Stream stream) {
        if (free.size() < KEPT) {
            free.addFirst(stream);
        }
    }

    @Nullable
    Http2Stream get(int id) {
        return table.get(id);
    }

    void trim() {
        free.clear();
    }
}
