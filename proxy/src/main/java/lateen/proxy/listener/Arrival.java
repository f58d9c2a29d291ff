package lateen.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.proxy.connection.Downstream;
import lateen.proxy.program.ListenerProgram;
import lateen.proxy.program.Live;
import org.jspecify.annotations.Nullable;

/** What is known of a connection when it is accepted: its two ends, and where it wanted to go. */
final class Arrival {
    private Arrival() {}

    static Downstream of(Live live, Channel channel, ListenerProgram accepted) {
        SocketAddr remote = address(channel.remoteAddress());
        SocketAddr local = address(channel.localAddress() != null ? channel.localAddress() : bound(channel));
        boolean wanted = accepted.config().useOriginalDst()
                || accepted.config().inspectors().originalDst();
        SocketAddr told = wanted ? live.settings().originalDestination().of(channel) : null;
        // What was not redirected answers with the socket's own address: somebody dialled this port itself.
        boolean redirected = told != null && !(told.equals(local) && ownPort(channel, local.port()));
        return new Downstream(
                remote, local, redirected && told != null ? told : local, redirected, live.nextConnection());
    }

    private static @Nullable SocketAddress bound(Channel channel) {
        return channel.parent() == null ? null : channel.parent().localAddress();
    }

    private static boolean ownPort(Channel channel, int port) {
        // With TPROXY the accepted socket carries the original destination, whose port is not the listener's.
        return channel.parent() != null && bound(channel) instanceof InetSocketAddress bound && bound.getPort() == port;
    }

    static SocketAddr address(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? new SocketAddr(IpAddress.of(inet.getAddress()), inet.getPort())
                : SocketAddr.unix(address instanceof DomainSocketAddress unix ? path(unix) : "");
    }

    /** As configurations write it: {@code @} instead of the NUL of an abstract name. */
    private static String path(DomainSocketAddress unix) {
        return unix.path().startsWith("\0") ? "@" + unix.path().substring(1) : unix.path();
    }
}
