package lateen.proxy.loop;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Moves bytes from one socket to another inside the kernel: {@code splice(2)}, through a pipe that is empty before and after.
 * Owned by one loop.
 *
 * <p>Netty's own splicing stops reading at the peer's FIN although more may be waiting in the socket; here Netty reads, and only
 * what waits behind a read is spliced. So Netty finds the end, and errors that are left.
 */
public final class Splice {

    /** As much as one call moves at most, so that one busy connection does not keep the loop from the others. */
    private static final int MOST = 512 * 1024;

    private FileDescriptor @Nullable [] pipe;

    /**
     * What waits in {@code from} goes to {@code to}, as long as that takes it at once.
     *
     * @param to nothing is moved while something is queued there already; what it did not take in the end is
     * @return bytes; 0: nothing waits, or not now
     * @throws IOException one of the two connections is broken
     */
    public int move(EpollSocketChannel from, EpollSocketChannel to) throws IOException {
        int moved = 0;
        while (moved < MOST && takesMore(to)) {
            int taken = through(from, to);
            if (taken == 0) {
                break;
            }
            moved += taken;
        }
        return moved;
    }

    private static boolean takesMore(EpollSocketChannel to) {
        ChannelOutboundBuffer queued = to.unsafe().outboundBuffer();
        return queued != null && queued.isEmpty();
    }

    private int through(EpollSocketChannel from, EpollSocketChannel to) throws IOException {
        FileDescriptor[] ends = pipe;
        if (ends == null) {
            ends = FileDescriptor.pipe();
            pipe = ends;
        }
        try {
            int taken = Native.splice(number(from), -1, ends[1].intValue(), -1, MOST);
            int left = taken;
            while (left > 0) {
                int passed = Native.splice(ends[0].intValue(), -1, number(to), -1, left);
                if (passed == 0) {
                    queue(ends[0], left, to);
                    break;
                }
                left -= passed;
            }
            return taken;
        } catch (IOException e) {
            // What is in the pipe now is nobody's.
            close();
            throw e;
        }
    }

    /** Netty writes it when the socket takes more. */
    private static void queue(FileDescriptor pipe, int bytes, EpollSocketChannel to) throws IOException {
        ByteBuf rest = to.alloc().directBuffer(bytes);
        try {
            while (rest.readableBytes() < bytes) {
                int at = rest.writerIndex();
                // It begins where its buffer does in the allocator's chunk.
                ByteBuffer room = rest.internalNioBuffer(at, bytes - at);
                int read = pipe.read(room, room.position(), room.limit());
                if (read <= 0) {
                    throw new IOException("a pipe gave " + at + " of " + bytes + " bytes");
                }
                rest.writerIndex(at + read);
            }
        } catch (IOException e) {
            rest.release();
            throw e;
        }
        to.write(rest, to.voidPromise());
        to.flush();
    }

    private static int number(EpollSocketChannel channel) {
        return channel.fd().intValue();
    }

    /** It can be used again: then there is another pipe. */
    void close() {
        FileDescriptor[] ends = pipe;
        pipe = null;
        if (ends != null) {
            for (FileDescriptor end : ends) {
                try {
                    end.close();
                } catch (IOException e) {
                    // Nothing of it is left to be closed.
                }
            }
        }
    }
}
