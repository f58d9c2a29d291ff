package lateen.proxy.pool;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLException;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.OutboundProxyProtocol;
import lateen.proxy.Failure;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.loop.Channels;
import lateen.proxy.loop.Worker;
import lateen.proxy.proxyprotocol.OutboundHeader;
import lateen.proxy.stats.ProxyMetrics;
import lateen.proxy.tls.ClientTls;
import lateen.proxy.tls.TlsFacts;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens one connection to a host, TLS handshake included, and tells the outcome exactly once, on the worker's loop. The
 * channel does not read by itself until the outcome turns that on.
 */
public final class Dial extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Dial.class);

    private static final String REFUSED = "Connection refused";

    /** Who waits for the connection. */
    public interface Outcome {
        /** The handler that takes over is to be added at the end of the channel's pipeline. */
        void connected(Dialled dialled);

        void failed(Failure.ConnectFailed failure);
    }

    private final Cluster cluster;
    private final Host host;
    private final Outcome outcome;
    private final @Nullable SslHandler tls;
    private boolean told;

    private Dial(Cluster cluster, Host host, Outcome outcome, @Nullable SslHandler tls) {
        this.cluster = cluster;
        this.host = host;
        this.outcome = outcome;
        this.tls = tls;
    }

    /**
     * @param halfClose each direction may end on its own
     * @param client whose connection it is; null: nobody's in particular
     * @return the channel, to be closed by whoever loses interest
     */
    public static @Nullable Channel start(
            Worker worker, Cluster cluster, Host host, boolean halfClose, @Nullable OnBehalf client, Outcome outcome) {
        ClusterConfig config = cluster.config();
        int timeout = Math.clamp(config.connectTimeout().toMillis(), 1, Integer.MAX_VALUE);
        SslHandler tls = null;
        ClientTls wanted = host.tls();
        if (wanted != null) {
            tls = wanted.handler(worker.allocator(), timeout, halfClose, host.number());
            if (tls == null) {
                outcome.failed(new Failure.ConnectFailed(
                        wanted.missing() + " has not arrived", "secret is not supplied by SDS", false));
                return null;
            }
        }
        Channel channel = host.address().isUnix() ? new EpollDomainSocketChannel() : new EpollSocketChannel();
        Channels.prepareUpstream(channel, worker);
        channel.config().setConnectTimeoutMillis(timeout);
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, halfClose);
        channel.config().setAutoRead(false);
        Dial dial = new Dial(cluster, host, outcome, tls);
        OutboundProxyProtocol header = host.proxyProtocol();
        if (header != null) {
            channel.pipeline().addLast(new OutboundHeader(header, client == null ? null : client.header()));
        }
        if (tls != null) {
            channel.pipeline().addLast(tls);
        }
        channel.pipeline().addLast(dial);
        InetSocketAddress source;
        try {
            source = SourceAddress.prepare(channel, cluster, host, client);
        } catch (ChannelException | IllegalArgumentException e) {
            channel.unsafe().closeForcibly();
            outcome.failed(new Failure.ConnectFailed(String.valueOf(e.getMessage()), "", false));
            return null;
        }
        worker.loop().register(channel);
        (source == null ? channel.connect(host.socketAddress()) : channel.connect(host.socketAddress(), source))
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        dial.fail(channel, done.cause());
                    }
                });
        return channel;
    }

    /** Later than the connect's own future: whatever the connection begins with has been written by now. */
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (tls == null) {
            succeed(ctx.channel());
        }
    }

    private void succeed(Channel channel) {
        if (!told) {
            told = true;
            host.connected();
            ProxyMetrics.Cluster counters = cluster.counters();
            counters.connections().increment();
            counters.activeConnections().increment();
            channel.closeFuture()
                    .addListener(closed -> counters.activeConnections().decrement());
            channel.pipeline().remove(this);
            outcome.connected(new Dialled(channel));
        }
    }

    private void fail(Channel channel, Throwable cause) {
        channel.close();
        if (told) {
            return;
        }
        told = true;
        host.connectFailed();
        cluster.counters().connectFailures().increment();
        boolean timeout = cause instanceof ConnectTimeoutException;
        String said = TlsFacts.diagnosis(cause);
        boolean inTls = (tls != null && channel.remoteAddress() != null) || cause instanceof SSLException;
        if (inTls) {
            log.warn("cluster {}: TLS with {} failed: {}", cluster.name(), host, said);
        } else {
            log.debug("cluster {}: connection to {} failed: {}", cluster.name(), host, said);
        }
        outcome.failed(new Failure.ConnectFailed(said, inTls ? "TLS error: " + said : refused(cause), timeout));
    }

    /** In Envoy's words. */
    private static String refused(Throwable cause) {
        boolean refused = cause instanceof ConnectException
                && String.valueOf(cause.getMessage()).contains(REFUSED);
        return refused ? "delayed connect error: " + REFUSED : "";
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                succeed(ctx.channel());
            } else {
                fail(ctx.channel(), handshake.cause());
            }
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(ctx.channel(), new java.nio.channels.ClosedChannelException());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ctx.channel(), cause);
    }
}
