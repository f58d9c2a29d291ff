package lateen.proxy.loop;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;

/** Options that every connection has, accepted or opened. */
public final class Channels {
    /** A writer pauses its source above the high mark and lets it go on below the low one. */
    private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    /** Linux: level SOL_SOCKET, option SO_MARK. */
    private static final IntegerUnixChannelOption SO_MARK = new IntegerUnixChannelOption("SO_MARK", 1, 36);

    private static final int LARGEST_READ = 64 * 1024;

    private Channels() {}

    /** Bounded, so that one busy connection does not keep its loop from the others. */
    private static RecvByteBufAllocator reads() {
        return new AdaptiveRecvByteBufAllocator(512, 4096, LARGEST_READ).maxMessagesPerRead(4);
    }

    /** @param channel of TCP, or of a unix socket */
    public static void prepare(Channel channel, Worker worker) {
        channel.config()
                .setAllocator(worker.allocator())
                .setWriteBufferWaterMark(MARKS)
                .setRecvByteBufAllocator(reads());
        if (channel instanceof EpollSocketChannel tcp) {
            tcp.config().setTcpNoDelay(true);
        }
    }

    /** A connection to a host: as {@link #prepare}, and with the worker's mark (socket(7), SO_MARK) if there is one. */
    public static void prepareUpstream(Channel channel, Worker worker) {
        prepare(channel, worker);
        if (worker.upstreamMark() != 0 && channel instanceof EpollSocketChannel) {
            mark(channel, worker.upstreamMark());
        }
    }

    /** Before it connects. Throws where the process may not (CAP_NET_ADMIN). */
    public static void mark(Channel channel, int mark) {
        channel.config().setOption(SO_MARK, mark);
    }

    /** Once at the start, so that no connection can fail for want of the right. */
    public static void checkMark(int mark) {
        if (mark == 0) {
            return;
        }
        Epoll.ensureAvailability();
        EpollSocketChannel channel = new EpollSocketChannel();
        try {
            channel.config().setOption(SO_MARK, mark);
        } catch (ChannelException e) {
            throw new IllegalStateException(
                    "upstream mark " + mark + ": " + e.getMessage() + " (expected: CAP_NET_ADMIN, or no mark)", e);
        } finally {
            channel.unsafe().closeForcibly();
        }
    }
}
