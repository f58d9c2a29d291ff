package lateen.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import lateen.decision.config.ListenerConfig.Sockets;
import lateen.decision.net.SocketAddr;
import org.jspecify.annotations.Nullable;

/** One listening socket, with its options. It accepts nothing until its auto-read is set. */
public final class ListeningSocket {
    private static final int BACKLOG = 4096;
    /** Level IPPROTO_IPV6, name IPV6_V6ONLY (linux/in6.h). */
    private static final IntegerUnixChannelOption IPV6_V6ONLY = new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

    private static final PosixFilePermission[] FROM_LOWEST = {
        PosixFilePermission.OTHERS_EXECUTE,
        PosixFilePermission.OTHERS_WRITE,
        PosixFilePermission.OTHERS_READ,
        PosixFilePermission.GROUP_EXECUTE,
        PosixFilePermission.GROUP_WRITE,
        PosixFilePermission.GROUP_READ,
        PosixFilePermission.OWNER_EXECUTE,
        PosixFilePermission.OWNER_WRITE,
        PosixFilePermission.OWNER_READ,
    };

    private ListeningSocket() {}

    /** Told once, on the loop. */
    public interface Outcome {
        void bound(Channel channel);

        void failed(Throwable cause);
    }

    /** The channel accepts nothing until its auto-read is set. */
    public static void open(
            SocketAddr address, Sockets sockets, EventLoop loop, ChannelHandler acceptor, Outcome outcome) {
        Channel channel;
        try {
            channel = address.isUnix() ? new EpollServerDomainSocketChannel() : tcp(address, sockets);
            channel.config().setOption(ChannelOption.SO_BACKLOG, sockets.backlog() == 0 ? BACKLOG : sockets.backlog());
            channel.config().setAutoRead(false);
        } catch (ChannelException e) {
            loop.execute(() -> outcome.failed(e));
            return;
        }
        channel.pipeline().addLast(acceptor);
        loop.register(channel).addListener(registered -> {
            String taken = address.isUnix() ? makeRoom(address.path()) : null;
            if (taken != null) {
                channel.close();
                outcome.failed(new IOException(taken));
                return;
            }
            channel.bind(socketAddress(address)).addListener(result -> {
                Throwable problem = result.isSuccess() ? permit(address, sockets) : result.cause();
                if (problem == null) {
                    outcome.bound(channel);
                } else {
                    channel.close();
                    outcome.failed(problem);
                }
            });
        });
    }

    /** A socket of the address's own family, so that {@code 0.0.0.0} and {@code ::} can share a port (as in Envoy). */
    private static Channel tcp(SocketAddr address, Sockets sockets) {
        boolean v6 = address.ip().v6();
        EpollServerSocketChannel channel =
                new EpollServerSocketChannel(v6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET);
        if (v6) {
            channel.config().setOption(IPV6_V6ONLY, sockets.dualStack().contains(address) ? 0 : 1);
        }
        channel.config().setReuseAddress(true);
        if (sockets.reusePort()) {
            channel.config().setOption(EpollChannelOption.SO_REUSEPORT, true);
        }
        if (sockets.freebind()) {
            channel.config().setOption(EpollChannelOption.IP_FREEBIND, true);
        }
        if (sockets.transparent()) {
            channel.config().setOption(EpollChannelOption.IP_TRANSPARENT, true);
        }
        return channel;
    }

    /** As netty calls it. */
    public static SocketAddress socketAddress(SocketAddr address) {
        return address.isUnix()
                // Linux's abstract names begin with a NUL.
                ? new DomainSocketAddress(address.path().replaceFirst("^@", "\0"))
                : new InetSocketAddress(address.ip().toInetAddress(), address.port());
    }

    /**
     * Removes a socket that an earlier process left behind: one that nobody answers at. Anything else stays.
     *
     * @return why there is no room; null: there is
     */
    private static @Nullable String makeRoom(String path) {
        Path file = Path.of(path);
        if (path.startsWith("@") || !Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        try {
            if (!Files.readAttributes(
                            file, java.nio.file.attribute.BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther()) {
                return "the file is there already, and is no socket";
            }
            if (answers(file)) {
                return "in use";
            }
            Files.delete(file);
            return null;
        } catch (IOException e) {
            return "the socket that is there already cannot be removed: " + e.getMessage();
        }
    }

    private static boolean answers(Path file) {
        try (java.nio.channels.SocketChannel probe =
                java.nio.channels.SocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            // Without blocking: at once, or (a full backlog) not at all.
            probe.configureBlocking(false);
            var _ = probe.connect(java.net.UnixDomainSocketAddress.of(file));
            return true;
        } catch (java.net.ConnectException refused) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /**
     * One that another process bound and listens on too.
     *
     * @param descriptor this process' own from now on
     */
    static Channel inherited(SocketAddr address, FileDescriptor descriptor, EventLoop loop, ChannelHandler acceptor) {
        int number = descriptor.intValue();
        Channel channel =
                address.isUnix() ? new EpollServerDomainSocketChannel(number) : new EpollServerSocketChannel(number);
        channel.config().setAutoRead(false);
        channel.pipeline().addLast(acceptor);
        loop.register(channel);
        return channel;
    }

    /** Nobody is to listen any more: a file goes too. */
    static void close(Channel channel, SocketAddr address) {
        channel.close().addListener(closed -> {
            // Of one that was bound here it is gone already.
            if (address.isUnix() && !address.path().startsWith("@")) {
                Files.deleteIfExists(Path.of(address.path()));
            }
        });
    }

    /** Closes it here only: another process listens on it. A file stays. */
    static void leave(Channel channel) {
        if (channel instanceof EpollServerDomainSocketChannel unix) {
            // Its close would remove the file.
            channel.deregister().addListener(done -> unix.fd().close());
        } else {
            channel.close();
        }
    }

    private static @Nullable Throwable permit(SocketAddr address, Sockets sockets) {
        Integer mode = sockets.modes().get(address);
        if (mode == null) {
            return null;
        }
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < FROM_LOWEST.length; bit++) {
            if ((mode >> bit & 1) != 0) {
                permissions.add(FROM_LOWEST[bit]);
            }
        }
        try {
            Files.setPosixFilePermissions(Path.of(address.path()), permissions);
            return null;
        } catch (IOException e) {
            return e;
        }
    }
}
