package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import lateen.decision.config.Http2Options;
import lateen.proxy.http1.Head;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Trailers;
import org.jspecify.annotations.Nullable;

/**
 * What streams send. Heads and trailers are written at once; DATA too, as far as the windows and the connection allow.
 * What they do not allow waits with its stream, and streams that can send take turns, a frame each. RFC 9113 section 5.2.
 */
@SuppressWarnings("ReferenceEquality") // streams are compared by identity
final class Sending {

    /** A stream takes more from its owner up to here, so that it need not wait for the owner when its turn comes. */
    private static final long HIGH = 64 * 1024;

    private static final long LOW = 32 * 1024;
    /** Of a turn, whatever the peer's frames may hold. */
    private static final int TURN = 16 * 1024;

    /** Bytes that are copied when they wait, and how many come together so. */
    private static final int SCRAP = 512;

    private static final int GATHERED = 4096;

    private final Http2Session session;
    private final FrameWriter writer;
    private int window = Http2Options.MIN_WINDOW;
    /** The stream whose turn is next, in a ring of those that can send; null: none can. */
    private @Nullable Http2Stream turn;

    private final ArrayDeque<Http2Stream> drained = new ArrayDeque<>();
    private boolean pumping;

    Sending(Http2Session session, FrameWriter writer) {
        this.session = session;
        this.writer = writer;
    }

    void head(Http2Stream stream, Head head, boolean last) {
        if (!stream.open || stream.localEnded || stream.headSent) {
            return;
        }
        if (stream.id == 0 && !session.takesStreams()) {
            session.streams.lose(stream, ErrorCode.REFUSED_STREAM, true);
            return;
        }
        HpackEncoder encoder = session.encoder;
        int length = switch (head) {
            case RequestHead request -> {
                session.streams.number(stream);
                stream.toHead = request.isHead();
                stream.tunnel = request.opensTunnel();
                yield encoder.encode(request, session.scheme);
            }
            case ResponseHead response -> encoder.encode(response);
        };
        stream.headSent = !(head instanceof ResponseHead response && response.interim());
        writer.headers(stream.id, encoder.block(), length, last, session.peer.maxFrameSize());
        if (last) {
            ended(stream);
        }
    }

    private void ended(Http2Stream stream) {
        stream.localEnded = true;
        stream.localDone = true;
        session.streams.endIfDone(stream);
    }

    void data(Http2Stream stream, ByteBuf bytes, boolean last) {
        if (!stream.open || stream.localEnded || !stream.headSent || session.over()) {
            bytes.release();
            return;
        }
        stream.localEnded = last;
        int length = bytes.readableBytes();
        if (length == 0) {
            bytes.release();
            if (last && stream.queued == 0) {
                writer.data(stream.id, Unpooled.EMPTY_BUFFER, 0, true);
                ended(stream);
            }
            return;
        }
        if (turn == null && stream.queued == 0 && writer.writable()) {
            int max = frameSize();
            while (length > 0) {
                int n = Math.min(Math.min(length, max), Math.min(window, stream.sendWindow));
                if (n <= 0 || !writer.writable()) {
                    break;
                }
                length -= n;
                write(stream, bytes, n, last && length == 0);
            }
        }
        if (length > 0) {
            enqueue(stream, bytes, length);
            pump();
            return;
        }
        bytes.release();
        if (last) {
            ended(stream);
        }
    }

    private int frameSize() {
        return Math.min(TURN, session.peer.maxFrameSize());
    }

    private void write(Http2Stream stream, ByteBuf bytes, int n, boolean last) {
        window -= n;
        stream.sendWindow -= n;
        session.guard.dataSent();
        writer.data(stream.id, bytes, n, last);
    }

    private void enqueue(Http2Stream stream, ByteBuf bytes, int length) {
        if (stream.queued == 0) {
            stream.stalledSince = System.nanoTime();
        }
        stream.queued += length;
        if (length > SCRAP) {
            stream.queue.addLast(bytes);
        } else {
            gather(stream, bytes, length);
        }
        ready(stream);
    }

    /** A few bytes can hold a whole read's buffer: where they must wait, they are copied to others of their kind. */
    private void gather(Http2Stream stream, ByteBuf bytes, int length) {
        ByteBuf tail = stream.tail;
        if (tail == null || tail != stream.queue.peekLast() || tail.writableBytes() < length) {
            tail = bytes.alloc().directBuffer(GATHERED, GATHERED);
            stream.tail = tail;
            stream.queue.addLast(tail);
        }
        tail.writeBytes(bytes, length);
        bytes.release();
    }

    void trailers(Http2Stream stream, HeaderLines lines) {
        if (!stream.open || stream.localEnded || !stream.headSent || session.over()) {
            return;
        }
        stream.localEnded = true;
        if (stream.queued > 0) {
            // They are written when their turn comes, perhaps after the owner has let go of them.
            stream.queuedTrailers = Trailers.copyOf(lines);
        } else {
            writeTrailers(stream, lines);
        }
    }

    private void writeTrailers(Http2Stream stream, HeaderLines lines) {
        int length = session.encoder.encode(lines);
        if (length == 0) {
            writer.data(stream.id, Unpooled.EMPTY_BUFFER, 0, true);
        } else {
            writer.headers(stream.id, session.encoder.block(), length, true, session.peer.maxFrameSize());
        }
        ended(stream);
    }

    boolean writable(Http2Stream stream) {
        boolean now = stream.open && stream.queued < HIGH && writer.writable();
        stream.toldUnwritable |= !now;
        return now;
    }

    /** Puts the stream into the ring, behind all others, if it can send. */
    private void ready(Http2Stream stream) {
        if (stream.next != null || stream.queued == 0 || stream.sendWindow <= 0) {
            return;
        }
        Http2Stream first = turn;
        if (first == null) {
            stream.next = stream;
            stream.previous = stream;
            turn = stream;
            return;
        }
        Http2Stream last = first.previous;
        if (last != null) {
            stream.next = first;
            stream.previous = last;
            last.next = stream;
            first.previous = stream;
        }
    }

    private void leaveRing(Http2Stream stream) {
        Http2Stream next = stream.next;
        Http2Stream previous = stream.previous;
        if (next == null || previous == null) {
            return;
        }
        if (next == stream) {
            turn = null;
        } else {
            previous.next = next;
            next.previous = previous;
            if (turn == stream) {
                turn = next;
            }
        }
        stream.next = null;
        stream.previous = null;
    }

    /** Sends what may be sent now, and tells the owners that wait. */
    void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        do {
            Http2Stream stream;
            while ((stream = turn) != null && window > 0 && writer.writable()) {
                turn = stream.next;
                takeTurn(stream);
            }
        } while (tellDrained());
        pumping = false;
    }

    private void takeTurn(Http2Stream stream) {
        ByteBuf bytes = stream.queue.getFirst();
        int readable = bytes.readableBytes();
        int n = Math.min(Math.min(readable, frameSize()), Math.min(window, stream.sendWindow));
        stream.queued -= n;
        boolean done = stream.queued == 0;
        boolean last = done && stream.localEnded && stream.queuedTrailers == null;
        write(stream, bytes, n, last);
        if (n == readable) {
            stream.queue.removeFirst();
            bytes.release();
            if (bytes == stream.tail) {
                stream.tail = null;
            }
        }
        stream.stalledSince = done ? 0 : System.nanoTime();
        if (done || stream.sendWindow <= 0) {
            leaveRing(stream);
        }
        if (last) {
            ended(stream);
            return;
        }
        HeaderLines lines = stream.queuedTrailers;
        if (done && lines != null) {
            stream.queuedTrailers = null;
            writeTrailers(stream, lines);
        } else if (stream.toldUnwritable && stream.queued <= LOW) {
            stream.toldUnwritable = false;
            drained.addLast(stream);
        }
    }

    private boolean tellDrained() {
        boolean any = false;
        Http2Stream stream;
        while ((stream = drained.pollFirst()) != null) {
            any = true;
            if (stream.open) {
                stream.owner.writable();
            }
        }
        return any && turn != null && window > 0 && writer.writable();
    }

    /** The connection takes more again, so those that wait for it may go on. */
    void connectionWritable() {
        pump();
        if (!writer.writable()) {
            return;
        }
        for (Http2Stream stream : session.streams.table.all()) {
            if (stream.toldUnwritable && stream.queued <= LOW) {
                stream.toldUnwritable = false;
                drained.addLast(stream);
            }
        }
        pump();
    }

    Complaint initialWindowChanged(long change) {
        for (Http2Stream stream : session.streams.table.all()) {
            long now = stream.sendWindow + change;
            if (now > Integer.MAX_VALUE) {
                return Complaint.WINDOW_OVERFLOW;
            }
            stream.sendWindow = (int) now;
            if (now <= 0) {
                leaveRing(stream);
            } else {
                ready(stream);
            }
        }
        return Complaint.NONE;
    }

    /** Whether the window can become so much larger. */
    boolean connectionWindow(int increment) {
        window += increment;
        return window >= 0;
    }

    /** The same for a stream's. */
    boolean streamWindow(Http2Stream stream, int increment) {
        long now = (long) stream.sendWindow + increment;
        if (now > Integer.MAX_VALUE) {
            return false;
        }
        stream.sendWindow = (int) now;
        ready(stream);
        return true;
    }

    /** Forgets what waits. */
    void drop(Http2Stream stream) {
        leaveRing(stream);
        ByteBuf bytes;
        while ((bytes = stream.queue.pollFirst()) != null) {
            bytes.release();
        }
        stream.queued = 0;
        stream.tail = null;
        stream.queuedTrailers = null;
        stream.stalledSince = 0;
    }
}
