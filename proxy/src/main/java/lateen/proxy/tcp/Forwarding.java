package lateen.proxy.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import lateen.proxy.loop.Splice;

/** How a session's bytes get from one connection to the other: through a buffer, and what waits behind it by the kernel. */
final class Forwarding {
    /** A read that fills as much says that more is waiting. */
    private static final int BULK = 16 * 1024;

    private Forwarding() {}

    /**
     * Writes what was read from {@code from}; where that was much, more may go the same way within the kernel.
     *
     * @return bytes that did
     * @throws IOException one of the two is broken
     */
    static int forward(ByteBuf bytes, Channel from, Channel to, Splice splice) throws IOException {
        boolean bulk = !bytes.isWritable() && bytes.readableBytes() >= BULK;
        to.write(bytes, to.voidPromise());
        if (!bulk || !isPlain(from) || !isPlain(to)) {
            return 0;
        }
        to.flush();
        return splice.move((EpollSocketChannel) from, (EpollSocketChannel) to);
    }

    /** Whether what Netty reads and writes there are the very bytes of the socket. */
    private static boolean isPlain(Channel channel) {
        return channel instanceof EpollSocketChannel && channel.pipeline().get(SslHandler.class) == null;
    }
}
