package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import lateen.decision.config.Http2FloodLimits;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames, one behind the other, into few buffers: head, small body and trailers of many streams go out in one
 * write, and over TLS in one record where they fit. Larger DATA goes as the slice that it came as. Nothing is sent before
 * {@link #flush}. Owned by the connection's loop.
 */
final class FrameWriter {

    /** DATA up to this is copied behind its frame head; a copy costs less than another record or vector. */
    private static final int SMALL = 4096;
    /** A TLS record's worth. */
    private static final int FULL = 16 * 1024;

    private static final int FIRST_BYTES = 1024;

    private final Channel channel;
    private final Http2FloodLimits limits;
    private @Nullable ByteBuf pending;
    private boolean dirty;
    private boolean closed;
    /** Frames but for DATA, which waits while the channel is full, since the peer last kept up with reading. */
    private int frames;

    /** Of these, control frames. */
    private int controlFrames;

    FrameWriter(Channel channel, Http2FloodLimits limits) {
        this.channel = channel;
        this.limits = limits;
    }

    /** Whether the peer does not read what it makes us write. */
    boolean flooded() {
        return controlFrames > limits.maxOutboundControlFrames() || frames > limits.maxOutboundFrames();
    }

    /** Whether the connection takes more DATA. Other frames may be written always. */
    boolean writable() {
        return !closed && channel.isWritable();
    }

    private ByteBuf frame(int length, int type, int flags, int streamId, int inline) {
        ByteBuf now = pending;
        if (now != null && now.readableBytes() + FrameType.HEADER_LENGTH + inline > FULL) {
            push();
            now = null;
        }
        if (now == null) {
            now = channel.alloc().directBuffer(Math.max(FIRST_BYTES, FrameType.HEADER_LENGTH + inline));
            pending = now;
        }
        now.ensureWritable(FrameType.HEADER_LENGTH + inline);
        now.writeLong(((long) length << 40) | ((long) type << 32) | ((long) flags << 24) | (streamId >>> 8));
        now.writeByte(streamId);
        return now;
    }

    private ByteBuf control(int length, int type, int flags, int streamId) {
        controlFrames++;
        frames++;
        return frame(length, type, flags, streamId, length);
    }

    /** The client's part of the preface. RFC 9113 section 3.4. */
    void preface() {
        ByteBuf out = channel.alloc().directBuffer(FIRST_BYTES);
        out.writeCharSequence("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII);
        pending = out;
    }

    /** @param pairs numbers of settings, each with its value behind it */
    void settings(int... pairs) {
        ByteBuf out = control(pairs.length * 3, FrameType.SETTINGS, 0, 0);
        for (int i = 0; i < pairs.length; i += 2) {
            out.writeShort(pairs[i]);
            out.writeInt(pairs[i + 1]);
        }
    }

    void settingsAck() {
        control(0, FrameType.SETTINGS, FrameType.ACK, 0);
    }

    void ping(long payload, boolean ack) {
        control(8, FrameType.PING, ack ? FrameType.ACK : 0, 0).writeLong(payload);
    }

    void rstStream(int streamId, long code) {
        control(4, FrameType.RST_STREAM, 0, streamId).writeInt((int) code);
    }

    void windowUpdate(int streamId, int increment) {
        control(4, FrameType.WINDOW_UPDATE, 0, streamId).writeInt(increment);
    }

    void goaway(int lastStreamId, long code, String debug) {
        byte[] text = debug.getBytes(StandardCharsets.US_ASCII);
        ByteBuf out = control(8 + text.length, FrameType.GOAWAY, 0, 0);
        out.writeInt(lastStreamId);
        out.writeInt((int) code);
        out.writeBytes(text);
    }

    /** A header block, in as many frames as the peer's SETTINGS_MAX_FRAME_SIZE asks for. */
    void headers(int streamId, byte[] block, int length, boolean last, int maxFrame) {
        frames++;
        int n = Math.min(length, maxFrame);
        int flags = (last ? FrameType.END_STREAM : 0) | (n == length ? FrameType.END_HEADERS : 0);
        frame(n, FrameType.HEADERS, flags, streamId, n).writeBytes(block, 0, n);
        for (int at = n; at < length; at += n) {
            n = Math.min(length - at, maxFrame);
            flags = at + n == length ? FrameType.END_HEADERS : 0;
            frame(n, FrameType.CONTINUATION, flags, streamId, n).writeBytes(block, at, n);
        }
    }

    /** Takes {@code length} bytes of {@code from}, which stays the caller's. */
    void data(int streamId, ByteBuf from, int length, boolean last) {
        boolean small = length <= SMALL;
        ByteBuf out = frame(length, FrameType.DATA, last ? FrameType.END_STREAM : 0, streamId, small ? length : 0);
        if (small) {
            out.writeBytes(from, length);
        } else {
            push();
            channel.write(from.readRetainedSlice(length), channel.voidPromise());
            dirty = true;
        }
    }

    void flush() {
        push();
        // TLS makes work of a flush even when there is nothing to send.
        if (dirty && !closed) {
            dirty = false;
            channel.flush();
            keptUp();
        }
    }

    /** Forgets what was counted, if the channel is not full: the peer reads. */
    void keptUp() {
        if (channel.isWritable()) {
            frames = 0;
            controlFrames = 0;
        }
    }

    private void push() {
        ByteBuf now = pending;
        if (now != null) {
            pending = null;
            if (closed) {
                now.release();
            } else {
                channel.write(now, channel.voidPromise());
                dirty = true;
            }
        }
    }

    /** Sends what was written, and closes when it is sent. */
    void close() {
        push();
        if (!closed) {
            closed = true;
            Closing.afterwards(channel, channel.writeAndFlush(Unpooled.EMPTY_BUFFER));
        }
    }

    /** The channel is gone: drops what was not flushed. */
    void abandon() {
        closed = true;
        push();
    }
}
