package lateen.proxy.tcp;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;

/** The end of one direction, with TLS and without. */
final class HalfClose {
    private HalfClose() {}

    /** Ends our direction of the channel once all that was written before has gone out. */
    static void after(Channel channel) {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
            if (!written.isSuccess() || !channel.isActive()) {
                return;
            }
            SslHandler tls = channel.pipeline().get(SslHandler.class);
            if (tls != null) {
                // The peer must be able to tell this from a cut connection: close_notify first (RFC 8446 section 6.1).
                tls.closeOutbound().addListener(notified -> ((DuplexChannel) channel).shutdownOutput());
            } else {
                ((DuplexChannel) channel).shutdownOutput();
            }
        });
    }

    /** Whether the event says that the peer's direction has ended. */
    static boolean isEnd(Object event) {
        return event instanceof ChannelInputShutdownEvent
                || (event instanceof SslCloseCompletionEvent closed && closed.isSuccess());
    }
}
