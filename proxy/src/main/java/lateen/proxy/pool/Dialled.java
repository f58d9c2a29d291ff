package lateen.proxy.pool;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.proxy.tls.TlsFacts;
import org.jspecify.annotations.Nullable;

/**
 * An open connection to a host, and what is known of it for as long as it lasts.
 *
 * @param local our own end; null: it was gone before it could be asked
 * @param tls null: plaintext
 */
public record Dialled(
        Channel channel,
        @Nullable SocketAddr local,
        @Nullable TlsFacts tls) {

    static Dialled of(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        return new Dialled(
                channel,
                channel.localAddress() instanceof InetSocketAddress local
                        ? new SocketAddr(IpAddress.of(local.getAddress()), local.getPort())
                        : null,
                tls == null ? null : TlsFacts.of(tls));
    }
}
