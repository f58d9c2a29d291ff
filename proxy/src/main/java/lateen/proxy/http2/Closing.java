package lateen.proxy.http2;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/**
 * Ends a connection so that the peer can read what was sent last. A socket that is closed with bytes unread resets the
 * connection, and the reset overtakes the GOAWAY that says why: so our side is shut down first.
 */
final class Closing {

    private static final long LINGER_MILLIS = 1000;

    private Closing() {}

    /** Closes once {@code written} is done, and a peer that does not close too after a second at the latest. */
    static void afterwards(Channel channel, ChannelFuture written) {
        written.addListener(done -> {
            if (done.isSuccess()
                    && channel instanceof DuplexChannel duplex
                    && channel.pipeline().get(SslHandler.class) == null) {
                duplex.shutdownOutput();
            } else {
                channel.close();
            }
        });
        if (channel.isActive()) {
            channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
