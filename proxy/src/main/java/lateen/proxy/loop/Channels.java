package lateen.proxy.loop;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;

/** Options that every connection has, accepted or opened. */
public final class Channels {
    /** A writer pauses its source above the high mark and lets it go on below the low one. */
    private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    private static final int LARGEST_READ = 64 * 1024;

    private Channels() {}

    /** Bounded, so that one busy connection does not keep its loop from the others. */
    private static RecvByteBufAllocator reads() {
        return new AdaptiveRecvByteBufAllocator(512, 4096, LARGEST_READ).maxMessagesPerRead(4);
    }

    public static void prepare(EpollSocketChannel channel, Worker worker) {
        channel.config()
                .setTcpNoDelay(true)
                .setAllocator(worker.allocator())
                .setWriteBufferWaterMark(MARKS)
                .setRecvByteBufAllocator(reads());
    }
}
