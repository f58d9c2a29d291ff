package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** What the frames of a connection do to its streams, but for header blocks, which {@link Heads} takes. */
final class Inbound implements FrameSink {

    private final Http2Session session;
    private final Heads heads;
    private final Streams streams;
    private final FloodGuard guard;
    /** The DATA frame that has begun is. */
    private boolean padded;

    Inbound(Http2Session session, Heads heads) {
        this.session = session;
        this.heads = heads;
        this.streams = session.streams;
        this.guard = session.guard;
    }

    /** Whether no stream of that number has been opened yet, by the side that could. RFC 9113 section 5.1.1. */
    private boolean idle(int streamId) {
        boolean ours = ((streamId & 1) == 1) == session.client;
        return ours ? streams.nextLocal > 0 && streamId >= streams.nextLocal : streamId > streams.lastRemote;
    }

    @Override
    public @Nullable Http2Stream beginData(int streamId, int length, int flags) {
        if (!session.receiving.arrived(length)) {
            fail(Complaint.WINDOW_EXCEEDED);
            return null;
        }
        // What is left of a padded frame shows in body().
        padded = (flags & FrameType.PADDED) != 0;
        if (!padded && tooManyEmpty(length, (flags & FrameType.END_STREAM) != 0)) {
            return null;
        }
        Http2Stream stream = streams.get(streamId);
        if (stream == null) {
            if (idle(streamId)) {
                fail(Complaint.IDLE_STREAM);
            } else if (!streams.recent.weReset(streamId)) {
                session.writer.rstStream(streamId, ErrorCode.STREAM_CLOSED);
            }
            return null;
        }
        if (stream.remoteDone) {
            refuse(stream, Complaint.STREAM_CLOSED);
            return null;
        }
        if (!Receiving.arrived(stream, length)) {
            refuse(stream, Complaint.WINDOW_EXCEEDED);
            return null;
        }
        if (!stream.headReceived) {
            refuse(stream, Complaint.MALFORMED);
            return null;
        }
        return stream;
    }

    private boolean tooManyEmpty(int length, boolean last) {
        if (length == 0) {
            return !last && session.failIf(guard.empty());
        }
        guard.payload();
        return false;
    }

    private void refuse(Http2Stream stream, Complaint complaint) {
        session.events.complained(stream.id, complaint, null);
        streams.resetByFault(stream, complaint.code());
    }

    /** Looked at before the first byte, so that what an owner gets does not depend on how reads cut the frame. */
    @Override
    public @Nullable Http2Stream body(Http2Stream stream, int length, boolean last) {
        if (!stream.open || (padded && tooManyEmpty(length, last))) {
            return null;
        }
        stream.received += length;
        boolean mismatch = stream.expected >= 0
                && (stream.received > stream.expected || (last && stream.received != stream.expected));
        if (mismatch) {
            refuse(stream, Complaint.LENGTH_MISMATCH);
            return null;
        }
        return stream;
    }

    @Override
    public void data(Http2Stream stream, int streamId, ByteBuf bytes, int length, boolean last) {
        if (!stream.open || stream.id != streamId) {
            // It ended between two parts of the frame, and the object may be another stream's by now.
            bytes.skipBytes(length);
            session.receiving.credit(length);
            return;
        }
        if (last) {
            stream.remoteDone = true;
        }
        if (stream.deaf) {
            bytes.skipBytes(length);
            session.receiving.credit(length);
            streams.endIfDone(stream);
            return;
        }
        if (length == 0 && !last) {
            return;
        }
        stream.unconsumed += length;
        StreamEvents owner = stream.owner;
        ByteBuf slice = length == 0 ? Unpooled.EMPTY_BUFFER : bytes.readRetainedSlice(length);
        if (last) {
            streams.endIfDone(stream);
        }
        owner.data(slice, last);
    }

    @Override
    public void dropped(@Nullable Http2Stream stream, int streamId, int length) {
        if (stream != null && stream.id == streamId) {
            session.receiving.credit(stream, length);
        } else {
            session.receiving.credit(length);
        }
    }

    @Override
    public void headers(int streamId, byte[] block, int start, int end, boolean last, int dependency) {
        if (start < end) {
            guard.payload();
        } else if (!last && session.failIf(guard.empty())) {
            return;
        }
        heads.received(streamId, block, start, end, last, dependency == streamId, idle(streamId));
    }

    @Override
    public void priority(int streamId, int dependency) {
        if (session.failIf(guard.priority()) || dependency != streamId) {
            return;
        }
        Http2Stream stream = streams.get(streamId);
        if (stream != null) {
            refuse(stream, Complaint.SELF_DEPENDENCY);
        } else {
            fail(Complaint.SELF_DEPENDENCY);
        }
    }

    @Override
    public void rstStream(int streamId, long code) {
        Http2Stream stream = streams.get(streamId);
        if (stream != null) {
            streams.resetByPeer(stream, code);
        } else if (idle(streamId)) {
            fail(Complaint.IDLE_STREAM);
        }
    }

    @Override
    public void settings(byte[] payload, int length) {
        if (session.failIf(guard.settings(session.now()))
                || session.failIf(session.peer.take(payload, length, session.encoder, session.sending))) {
            return;
        }
        session.writer.settingsAck();
        session.capacityChanged();
        session.sending.pump();
    }

    @Override
    public void settingsAck() {
        // Ours never change, and until it came the peer could do no more than they allow.
    }

    @Override
    public void ping(long payload, boolean ack) {
        if (ack) {
            session.pingAnswered(payload);
        } else if (!session.failIf(guard.ping(session.now()))) {
            session.writer.ping(payload, true);
        }
    }

    @Override
    public void goaway(int lastStreamId, long code) {
        session.peerGoesAway(lastStreamId, code);
    }

    @Override
    public void windowUpdate(int streamId, int increment) {
        if (session.failIf(guard.windowUpdate())) {
            return;
        }
        if (streamId == 0) {
            if (increment == 0) {
                fail(Complaint.ZERO_INCREMENT);
            } else if (!session.sending.connectionWindow(increment)) {
                fail(Complaint.WINDOW_OVERFLOW);
            } else {
                session.sending.pump();
            }
            return;
        }
        Http2Stream stream = streams.get(streamId);
        if (stream == null) {
            if (idle(streamId)) {
                fail(Complaint.IDLE_STREAM);
            }
        } else if (increment == 0) {
            refuse(stream, Complaint.ZERO_INCREMENT);
        } else if (session.sending.streamWindow(stream, increment)) {
            session.sending.pump();
        } else {
            refuse(stream, Complaint.WINDOW_OVERFLOW);
        }
    }

    /** Borne as often as PRIORITY, since it is PRIORITY_UPDATE (RFC 9218) nearly always. */
    @Override
    public void unknown() {
        session.failIf(guard.priority());
    }

    @Override
    public void fail(Complaint complaint) {
        session.fail(complaint);
    }
}
