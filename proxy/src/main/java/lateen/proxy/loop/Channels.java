package lateen.proxy.loop;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;

/** Options that every connection has, accepted or opened. */
public final class Channels {
    /** A writer pauses its source above the high mark and lets it go on below the low one. */
    private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    private static final int LARGEST_READ = 64 * 1024;

    private Channels() {}

    public static void prepare(EpollSocketChannel channel, Worker worker) {
        channel.config()
                .setTcpNoDelay(true)
                .setAllocator(worker.allocator())
                .setWriteBufferWaterMark(MARKS)
                .setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(512, 4096, LARGEST_READ))
                // Bounds what one busy connection may take before its loop serves the others.
                .setMaxMessagesPerRead(4);
    }
}
