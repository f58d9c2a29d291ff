package lateen.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import org.jspecify.annotations.Nullable;

/**
 * SO_ORIGINAL_DST of Linux's connection tracking, for IPv4 (also within a dual-stack socket) and IPv6. A connection that
 * was not redirected answers with its own local address.
 */
public final class KernelOriginalDestination implements OriginalDestination {
    private static final int SO_ORIGINAL_DST = 80;
    private static final int SOL_IP = 0;
    private static final int SOL_IPV6 = 41;
    private static final RawUnixChannelOption V4 =
            new RawUnixChannelOption("SO_ORIGINAL_DST", SOL_IP, SO_ORIGINAL_DST, 16);
    private static final RawUnixChannelOption V6 =
            new RawUnixChannelOption("IP6T_SO_ORIGINAL_DST", SOL_IPV6, SO_ORIGINAL_DST, 28);

    @Override
    public @Nullable SocketAddr of(Channel accepted) {
        try {
            if (accepted.localAddress() instanceof InetSocketAddress local
                    && IpAddress.of(local.getAddress()).v6()
                    && !(local.getAddress() instanceof Inet4Address)) {
                ByteBuffer raw = accepted.config().getOption(V6);
                return raw == null
                        ? null
                        : new SocketAddr(IpAddress.v6(raw.getLong(8), raw.getLong(16)), raw.getShort(2) & 0xFFFF);
            }
            ByteBuffer raw = accepted.config().getOption(V4);
            return raw == null ? null : new SocketAddr(IpAddress.v4(raw.getInt(4)), raw.getShort(2) & 0xFFFF);
        } catch (ChannelException notTracked) {
            // No connection tracking here (ENOENT, ENOPROTOOPT): nothing was redirected.
            return null;
        }
    }
}
