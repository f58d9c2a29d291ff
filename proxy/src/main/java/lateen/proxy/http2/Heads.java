package lateen.proxy.http2;

import lateen.proxy.http1.HeadBuilder;
import lateen.proxy.http1.HeadError;
import lateen.proxy.http1.MalformedHead;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Trailers;
import org.jspecify.annotations.Nullable;

/**
 * Header blocks: what opens a stream, answers one, or ends one. Each is decoded, whatever becomes of its stream, so that
 * the tables of both sides stay the same. RFC 9113 section 8.1.
 */
final class Heads {

    private final Http2Session session;
    private final Streams streams;
    private final HpackDecoder decoder;
    private final HeadBuilder builder = new HeadBuilder();
    /** For blocks that nobody gets. */
    private final Trailers nobody = new Trailers();

    Heads(Http2Session session) {
        this.session = session;
        this.streams = session.streams;
        this.decoder = new HpackDecoder(session.options.hpackTableSize());
    }

    void trim() {
        decoder.trim();
        nobody.shrink();
    }

    /**
     * @param onItself whether the stream is said to depend on itself
     * @param idle whether the stream is new
     */
    void received(int id, byte[] block, int start, int end, boolean last, boolean onItself, boolean idle) {
        Http2Stream stream = streams.get(id);
        if (stream == null) {
            if (!idle) {
                closed(id, block, start, end);
            } else if (session.client || (id & 1) == 0) {
                session.fail(session.client ? Complaint.IDLE_STREAM : Complaint.STREAM_ID);
            } else {
                opened(id, block, start, end, last, onItself);
            }
            return;
        }
        if (stream.remoteDone || onItself) {
            if (ignored(block, start, end)) {
                refuse(stream, stream.remoteDone ? Complaint.STREAM_CLOSED : Complaint.SELF_DEPENDENCY, null);
            }
        } else if (stream.headReceived) {
            trailers(stream, block, start, end, last);
        } else {
            response(stream, block, start, end, last);
        }
    }

    /** Decodes what nobody gets; whether the connection goes on. */
    private boolean ignored(byte[] block, int start, int end) {
        builder.begin(nobody, session.limits);
        return decoded(block, start, end);
    }

    private boolean decoded(byte[] block, int start, int end) {
        switch (decoder.decode(block, start, end, builder)) {
            case OK -> {
                return true;
            }
            case CORRUPT -> session.fail(Complaint.HPACK);
            case FLOOD -> session.fail(Complaint.HEADERS_FLOOD);
        }
        return false;
    }

    private void closed(int id, byte[] block, int start, int end) {
        if (!ignored(block, start, end) || streams.recent.weReset(id)) {
            return;
        }
        session.fail(streams.recent.ended(id) ? Complaint.STREAM_CLOSED : Complaint.STREAM_ID);
    }

    private void refuse(Http2Stream stream, Complaint complaint, @Nullable MalformedHead detail) {
        session.events.complained(stream.id, complaint, detail);
        streams.resetByFault(stream, complaint.code());
    }

    private void opened(int id, byte[] block, int start, int end, boolean last, boolean onItself) {
        streams.lastRemote = id;
        boolean late = session.refusesStreams();
        if (late || onItself || streams.active() >= session.options.maxConcurrentStreams()) {
            streams.recent.add(id, true);
            if (ignored(block, start, end) && !late) {
                Complaint complaint = onItself ? Complaint.SELF_DEPENDENCY : Complaint.REFUSED;
                session.events.complained(id, complaint, null);
                session.writer.rstStream(id, complaint.code());
            }
            return;
        }
        streams.lastAccepted = id;
        Http2Stream stream = streams.accept(id);
        RequestHead head = stream.request();
        builder.begin(head, session.limits, session.options.allowConnect());
        if (!decoded(block, start, end)) {
            return;
        }
        streams.enter(stream);
        HeadError tooLarge = builder.tooLarge();
        MalformedHead wrong = builder.finish(last);
        if (tooLarge != null) {
            stream.headReceived = true;
            stream.remoteDone = last;
            stream.deaf = true;
            stream.resetWhenDone = !last;
            StreamEvents owner = own(stream);
            owner.tooLarge(head, tooLarge);
            return;
        }
        boolean connect = head.isConnect();
        long length = connect ? -1 : head.contentLength();
        if (wrong != null || (last && length > 0)) {
            refuse(stream, wrong == null ? Complaint.LENGTH_MISMATCH : Complaint.MALFORMED, wrong);
            return;
        }
        stream.headReceived = true;
        stream.remoteDone = last;
        stream.tunnel = connect;
        stream.expected = length;
        own(stream).head(head, last);
    }

    /** Asks who owns it. An owner that released or reset it at once hears nothing more. */
    private StreamEvents own(Http2Stream stream) {
        StreamEvents owner = session.events.opened(stream);
        if (!stream.open) {
            return Unowned.EVENTS;
        }
        stream.owner = owner;
        return owner;
    }

    private void response(Http2Stream stream, byte[] block, int start, int end, boolean last) {
        ResponseHead head = stream.response();
        builder.begin(head, session.limits);
        if (!decoded(block, start, end)) {
            return;
        }
        HeadError tooLarge = builder.tooLarge();
        MalformedHead wrong = builder.finish(last);
        StreamEvents owner = stream.owner;
        if (tooLarge != null) {
            stream.headReceived = true;
            stream.deaf = true;
            stream.remoteDone = last;
            streams.endIfDone(stream);
            owner.tooLarge(head, tooLarge);
            return;
        }
        boolean interim = wrong == null && head.interim();
        if (wrong != null || (interim && last)) {
            refuse(stream, Complaint.MALFORMED, wrong == null ? MalformedHead.BAD_SEQUENCE : wrong);
            return;
        }
        if (!interim) {
            int status = head.status();
            boolean opensTunnel = stream.tunnel && status < 300;
            boolean bodiless = stream.toHead || status == 204 || status == 304;
            long length = opensTunnel ? -1 : bodiless ? 0 : head.contentLength();
            if (last && length > 0) {
                refuse(stream, Complaint.LENGTH_MISMATCH, null);
                return;
            }
            stream.headReceived = true;
            stream.remoteDone = last;
            stream.expected = length;
            if (last) {
                streams.endIfDone(stream);
            }
        }
        owner.head(head, last);
    }

    private void trailers(Http2Stream stream, byte[] block, int start, int end, boolean last) {
        Trailers trailers = stream.trailers();
        builder.begin(trailers, session.limits);
        if (!decoded(block, start, end)) {
            return;
        }
        HeadError tooLarge = builder.tooLarge();
        MalformedHead wrong = builder.finish(last);
        if (wrong != null || tooLarge != null || !last) {
            refuse(stream, Complaint.MALFORMED, wrong == null && !last ? MalformedHead.BAD_SEQUENCE : wrong);
            return;
        }
        if (stream.expected >= 0 && stream.received != stream.expected) {
            refuse(stream, Complaint.LENGTH_MISMATCH, null);
            return;
        }
        stream.remoteDone = true;
        boolean deaf = stream.deaf;
        StreamEvents owner = stream.owner;
        streams.endIfDone(stream);
        if (!deaf) {
            owner.trailers(trailers);
        }
    }
}
