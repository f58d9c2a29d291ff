package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CodecException;
import java.io.IOException;

/** Feeds a session with what its channel reads. The owner starts the session. Use it as the channel's last handler. */
final class Http2Handler extends ChannelInboundHandlerAdapter {

    private final Http2Session session;

    Http2Handler(Http2Session session) {
        this.session = session;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        session.feed((ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        session.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        session.writabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        session.inactive();
    }

    /**
     * The channel is of no use any more, and {@link #channelInactive} tells the rest. What is no failure of the network or
     * of TLS is a defect, of which the log must hear.
     */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException || cause instanceof CodecException)) {
            ctx.fireExceptionCaught(cause);
        }
        ctx.close();
    }
}
