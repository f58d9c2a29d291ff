package lateen.proxy.pool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * A CONNECT that ends here: its bytes go to the host as they are, and what the host says comes back as the tunnel's
 * other direction. That the connection is there is the answer, 200. Envoy: {@code connect_config}.
 */
final class HostTunnel extends ChannelInboundHandlerAdapter implements HostStream {
    private final Dialled dialled;
    private final Channel channel;
    private @Nullable Receiver receiver;
    private boolean answered;
    private boolean ending;

    HostTunnel(Dialled dialled) {
        this.dialled = dialled;
        this.channel = dialled.channel();
    }

    @Override
    public Dialled dialled() {
        return dialled;
    }

    @Override
    public boolean answered() {
        return answered;
    }

    @Override
    public void send(RequestHead head, BodyKind kind, Receiver by) {
        receiver = by;
        dialled.read();
    }

    /** The answer: not before {@link #flush}, when the exchange has settled with this connection. */
    private void answer() {
        Receiver to = receiver;
        if (!answered && to != null) {
            answered = true;
            ResponseHead own = new ResponseHead();
            own.start(200);
            to.head(own, BodyKind.TUNNEL);
            to.readComplete();
        }
    }

    @Override
    public void payload(ByteBuf piece) {
        channel.write(piece, channel.voidPromise());
    }

    @Override
    public void requestTrailers(HeaderLines trailers) {}

    @Override
    public void end() {
        ending = true;
    }

    @Override
    public void flush() {
        answer();
        channel.flush();
        if (ending) {
            ending = false;
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener(done -> ((DuplexChannel) channel).shutdownOutput());
        }
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
    public void release(boolean reusable, long now) {
        close();
    }

    @Override
    public void close() {
        receiver = null;
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        dialled.read();
        answer();
        if (receiver == null) {
            bytes.release();
        } else {
            receiver.payload(bytes);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (receiver != null) {
            receiver.readComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (receiver != null && channel.isWritable()) {
            receiver.writable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent || event instanceof ChannelInputShutdownEvent) {
            over(true);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        over(false);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    /** @param orderly the host has said all that it had to say */
    private void over(boolean orderly) {
        answer();
        Receiver to = receiver;
        receiver = null;
        if (to == null) {
            return;
        }
        if (orderly) {
            to.end();
            to.readComplete();
        } else {
            to.broken(Broken.ENDED);
        }
    }
}
