package lateen.proxy.pool;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.proxy.stats.RequestMetrics;
import lateen.proxy.tls.TlsFacts;
import org.jspecify.annotations.Nullable;

/** An open connection to a host, and what is known of it. Owned by the connection's loop. */
public final class Dialled {
    private final Channel channel;
    private final @Nullable SocketAddr local;
    private final @Nullable TlsFacts tls;
    private long readAt;
    private @Nullable RequestMetrics metrics;

    Dialled(Channel channel) {
        this.channel = channel;
        this.local = channel.localAddress() instanceof InetSocketAddress at
                ? new SocketAddr(IpAddress.of(at.getAddress()), at.getPort())
                : null;
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        this.tls = handler == null ? null : TlsFacts.of(handler);
    }

    public Channel channel() {
        return channel;
    }

    /** Our own end; null: it was gone before it could be asked, or has no address. */
    public @Nullable SocketAddr local() {
        return local;
    }

    /** Null: plaintext. */
    public @Nullable TlsFacts tls() {
        return tls;
    }

    /** Something has come from the host. */
    void read() {
        readAt = System.nanoTime();
    }

    /** As {@link System#nanoTime}: when what is being handed over had come. */
    public long readAt() {
        return readAt;
    }

    /** At the source, of requests over this connection, kept here so that none looks it up. Null: not set yet. */
    public @Nullable RequestMetrics metrics() {
        return metrics;
    }

    public void metrics(RequestMetrics found) {
        metrics = found;
    }
}
