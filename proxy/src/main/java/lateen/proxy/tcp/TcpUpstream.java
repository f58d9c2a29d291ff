package lateen.proxy.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** A session's own connection to the host: hands all that happens to the {@link TcpSession}, which owns both. */
final class TcpUpstream extends ChannelInboundHandlerAdapter implements TcpPeer {
    private final TcpSession session;
    private final Channel channel;

    TcpUpstream(TcpSession session, Channel channel) {
        this.session = session;
        this.channel = channel;
    }

    @Override
    public void write(ByteBuf bytes) {
        channel.write(bytes, channel.voidPromise());
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void reading(boolean on) {
        channel.config().setAutoRead(on);
    }

    @Override
    public void shutdown() {
        HalfClose.after(channel);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        session.fromUpstream((ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        session.upstreamReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        session.writabilityChanged(ctx.channel());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (HalfClose.isEnd(event)) {
            session.upstreamEnded();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        session.upstreamClosed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        session.upstreamClosed();
    }
}
