package lateen.proxy.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages to a channel: the head and a small body in one buffer (one TLS record, one segment), larger pieces as
 * they are. Nothing is sent before {@link #flush}. One for each direction, used again; owned by the connection's loop.
 */
public final class MessageWriter {
    /** Pieces up to this are copied behind what waits already; a copy costs less than another record or vector. */
    private static final int SMALL = 4096;

    private static final int FULL = 16 * 1024;

    private @Nullable Channel channel;
    private @Nullable ByteBuf pending;
    private boolean chunked;
    /** Whether something was written to the channel since the last flush. */
    private boolean dirty;

    public void to(Channel target) {
        release();
        channel = target;
        chunked = false;
        dirty = false;
    }

    public void head(Head head, boolean bodyChunked) {
        chunked = bodyChunked;
        head.encode(pending());
    }

    /** A head whose message goes on with another head (1xx). */
    public void interim(Head head) {
        head.encode(pending());
    }

    public void raw(byte[] bytes) {
        pending().writeBytes(bytes);
    }

    /** The buffer is this writer's now. */
    public void payload(ByteBuf piece) {
        int size = piece.readableBytes();
        ByteBuf out = pending();
        if (chunked) {
            ChunkedWriter.before(size, out);
        }
        if (size <= SMALL) {
            out.writeBytes(piece);
            piece.release();
        } else {
            push();
            Channel to = Objects.requireNonNull(channel);
            to.write(piece, to.voidPromise());
            dirty = true;
        }
        if (chunked) {
            ChunkedWriter.after(pending());
        }
    }

    /** Ends a body in chunks; another has no place for trailers. */
    public void trailers(HeaderLines lines) {
        if (chunked) {
            ChunkedWriter.end(lines, pending());
        }
        chunked = false;
    }

    public void end() {
        if (chunked) {
            ChunkedWriter.end(pending());
        }
        chunked = false;
    }

    public void flush() {
        push();
        // TLS makes work of a flush even when there is nothing to send.
        if (dirty && channel != null) {
            dirty = false;
            channel.flush();
        }
    }

    private ByteBuf pending() {
        ByteBuf now = pending;
        if (now != null && now.readableBytes() >= FULL) {
            push();
            now = null;
        }
        if (now == null) {
            now = Objects.requireNonNull(channel).alloc().directBuffer(1024);
            pending = now;
        }
        return now;
    }

    private void push() {
        ByteBuf now = pending;
        if (now != null && channel != null) {
            pending = null;
            channel.write(now, channel.voidPromise());
            dirty = true;
        }
    }

    /** Drops what was not flushed. */
    public void release() {
        if (pending != null) {
            pending.release();
            pending = null;
        }
    }
}
