package lateen.proxy.pool;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollChannelOption;
import java.net.InetSocketAddress;
import lateen.decision.config.ListenerConfig.OriginalSource;
import lateen.decision.net.SocketAddr;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.loop.Channels;
import org.jspecify.annotations.Nullable;

/** The local address of a connection to a host: any, the cluster's, or the client's. */
final class SourceAddress {
    private SourceAddress() {}

    /**
     * Prepares the channel for it.
     *
     * @return null: any
     * @throws io.netty.channel.ChannelException where the process may not use addresses of others
     * @throws IllegalArgumentException where the client has no address of the host's family
     */
    static @Nullable InetSocketAddress prepare(Channel channel, Cluster cluster, Host host, @Nullable OnBehalf client) {
        OriginalSource kept = client == null ? null : client.source();
        if (client != null && kept != null && !host.address().isUnix()) {
            SocketAddr from = client.header().source();
            if (!from.isUnix()) {
                return original(channel, host, from, kept);
            }
        }
        InetSocketAddress own = cluster.source(host);
        if (own != null) {
            // The port is chosen at connect, by the whole four-tuple: a fixed source address does not run out of ports.
            channel.config().setOption(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
        }
        return own;
    }

    private static InetSocketAddress original(Channel channel, Host host, SocketAddr from, OriginalSource kept) {
        if (from.ip().v6() != host.address().ip().v6()) {
            throw new IllegalArgumentException(
                    "the client's address " + from.ip() + " is to be kept (expected: one of the host's family)");
        }
        channel.config().setOption(EpollChannelOption.IP_TRANSPARENT, true);
        if (kept.mark() != 0) {
            Channels.mark(channel, kept.mark());
        }
        if (kept.bindPort()) {
            channel.config().setOption(EpollChannelOption.SO_REUSEADDR, true);
            return new InetSocketAddress(from.ip().toInetAddress(), from.port());
        }
        channel.config().setOption(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
        return new InetSocketAddress(from.ip().toInetAddress(), 0);
    }
}
