package lateen.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * What a connection's client has sent and nobody has taken yet, in one piece. Owns its bytes until {@link #take}. Owned
 * by the connection's loop.
 */
final class HeldBytes {
    private static final int SMALLEST_GROWN = 512;

    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;
    /** Whether the buffer is one of our own, with room to write. */
    private boolean grown;

    /** The buffer is this object's now. */
    void add(ByteBufAllocator allocator, ByteBuf more) {
        if (!bytes.isReadable()) {
            release();
            bytes = more;
            return;
        }
        if (!grown || bytes.writableBytes() < more.readableBytes()) {
            int needed = bytes.readableBytes() + more.readableBytes();
            // Twice as much: a client that sends byte by byte must not cost the square of what it sends.
            ByteBuf larger = allocator.buffer(Math.max(SMALLEST_GROWN, 2 * needed));
            larger.writeBytes(bytes);
            bytes.release();
            bytes = larger;
            grown = true;
        }
        bytes.writeBytes(more);
        more.release();
    }

    boolean isEmpty() {
        return !bytes.isReadable();
    }

    /** To be looked at, or to be read from; it stays this object's. */
    ByteBuf peek() {
        return bytes;
    }

    /** The first of them are done with. */
    void skip(int count) {
        bytes.skipBytes(count);
    }

    /** The caller's now. */
    ByteBuf take() {
        ByteBuf taken = bytes;
        bytes = Unpooled.EMPTY_BUFFER;
        grown = false;
        return taken;
    }

    void release() {
        take().release();
    }
}
