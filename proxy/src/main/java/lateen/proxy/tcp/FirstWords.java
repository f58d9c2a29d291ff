package lateen.proxy.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayDeque;

/**
 * What a server says before it is known whose connection this becomes. Holds one read; then a session takes this
 * handler's place ({@link #passTo}). Owned by the connection's loop.
 */
final class FirstWords extends ChannelInboundHandlerAdapter {
    private final ArrayDeque<ByteBuf> said = new ArrayDeque<>();
    private Runnable heard;
    private boolean ended;
    private boolean released;

    FirstWords(Runnable heard) {
        this.heard = heard;
    }

    /** Nobody is told any more. */
    void stop() {
        heard = () -> {};
    }

    boolean said() {
        return !said.isEmpty();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (released || !bytes.isReadable()) {
            bytes.release();
            return;
        }
        said.add(bytes);
        ctx.channel().config().setAutoRead(false);
        Runnable tell = heard;
        stop();
        tell.run();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ended |= HalfClose.isEnd(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    /** Leaves the pipeline, in which the session's own handler is already, and repeats what happened. */
    void passTo(TcpSession session, Channel channel) {
        // A closed channel has lost its handlers already.
        if (channel.pipeline().context(this) != null) {
            channel.pipeline().remove(this);
        }
        boolean any = said();
        while (!said.isEmpty()) {
            session.fromUpstream(said.poll());
        }
        if (any) {
            session.upstreamReadComplete();
        }
        if (ended) {
            session.upstreamEnded();
        }
        if (!channel.isActive()) {
            session.upstreamClosed();
        }
    }

    void release() {
        released = true;
        said.forEach(ByteBuf::release);
        said.clear();
    }
}
