package lateen.proxy.admin;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import lateen.proxy.restart.InheritedSockets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on the ports of the administration interface. Any thread may call; connections live on the loop that was
 * given, which must outlive this.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final int BACKLOG = 128;

    private final EventLoop loop;
    private final ByteBufAllocator allocator;
    private final AdminLimits limits;
    private final PageThread pages = new PageThread();
    private final List<Channel> bound = new CopyOnWriteArrayList<>();
    private final List<AdminAcceptor> acceptors = new ArrayList<>();
    private final Map<EpollServerSocketChannel, String> names = new ConcurrentHashMap<>();
    private final InheritedSockets inherited;

    private AdminServer(EventLoop loop, ByteBufAllocator allocator, AdminLimits limits, InheritedSockets inherited) {
        this.inherited = inherited;
        this.loop = loop;
        this.allocator = allocator;
        this.limits = limits;
    }

    /**
     * Binds all ports or none.
     *
     * @param loop one of the epoll transport
     * @return fails with an {@link IOException} that names the port and says what to do
     */
    public static CompletionStage<AdminServer> start(
            EventLoop loop, ByteBufAllocator allocator, AdminLimits limits, List<AdminPort> ports) {
        return bind(loop, allocator, limits, ports, InheritedSockets.none()).thenApply(server -> {
            server.accept();
            return server;
        });
    }

    /**
     * As {@link #start}, but nothing is answered before {@link #accept}.
     *
     * @param inherited sockets that need not be bound
     */
    public static CompletionStage<AdminServer> bind(
            EventLoop loop,
            ByteBufAllocator allocator,
            AdminLimits limits,
            List<AdminPort> ports,
            InheritedSockets inherited) {
        AdminServer server = new AdminServer(loop, allocator, limits, inherited);
        CompletableFuture<AdminServer> started = new CompletableFuture<>();
        List<CompletableFuture<Void>> all = ports.stream().map(server::open).toList();
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).whenComplete((done, failure) -> {
            if (failure == null) {
                started.complete(server);
            } else {
                server.close();
                started.completeExceptionally(failure.getCause() == null ? failure : failure.getCause());
            }
        });
        return started;
    }

    /** Begins to answer. */
    public void accept() {
        bound.forEach(each -> each.config().setAutoRead(true));
    }

    /** The listening sockets, for a process after this one. */
    public Map<String, FileDescriptor> descriptors() {
        Map<String, FileDescriptor> all = new LinkedHashMap<>();
        names.forEach((channel, name) -> all.put(name, channel.fd()));
        return all;
    }

    /** Stops listening; what was asked is answered. */
    public void leave() {
        bound.forEach(Channel::close);
    }

    private CompletableFuture<Void> open(AdminPort port) {
        AdminAcceptor acceptor = new AdminAcceptor(port, allocator, limits, pages);
        acceptors.add(acceptor);
        CompletableFuture<Boolean> any = CompletableFuture.completedFuture(false);
        for (InetSocketAddress address : port.addresses()) {
            any = any.thenCombine(bind(port, acceptor, address), (before, now) -> before || now);
        }
        return any.thenCompose(listens -> listens
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(new IOException(
                        problem(port, port.addresses().getFirst(), "this machine has no such address"))));
    }

    /** False: this is an IPv6 address, and there are none here. */
    private CompletableFuture<Boolean> bind(AdminPort port, AdminAcceptor acceptor, InetSocketAddress address) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        String name = "administration " + address.getAddress().getHostAddress() + " " + address.getPort();
        FileDescriptor before = inherited.take(name);
        EpollServerSocketChannel channel =
                before == null ? new EpollServerSocketChannel() : new EpollServerSocketChannel(before.intValue());
        channel.config().setAutoRead(false);
        channel.pipeline().addLast(acceptor);
        names.put(channel, name);
        if (before != null) {
            loop.register(channel).addListener(registered -> {
                bound.add(channel);
                done.complete(true);
            });
            return done;
        }
        channel.config().setReuseAddress(true).setBacklog(BACKLOG);
        loop.register(channel)
                .addListener(registered -> channel.bind(address).addListener(result -> {
                    if (result.isSuccess()) {
                        bound.add(channel);
                        done.complete(true);
                        return;
                    }
                    channel.close();
                    names.remove(channel);
                    String said = String.valueOf(result.cause().getMessage());
                    boolean absent = said.contains("assign") || said.contains("not supported");
                    if (absent && address.getAddress() instanceof Inet6Address) {
                        LOG.info("{} does not listen on {}: {}", port.purpose(), address, said);
                        done.complete(false);
                    } else {
                        done.completeExceptionally(new IOException(problem(port, address, said)));
                    }
                }));
        return done;
    }

    private static String problem(AdminPort port, InetSocketAddress address, String said) {
        String advice = said.contains("in use")
                ? "another program listens there, perhaps a second proxy: `ss -ltnp` shows which; stop it"
                : "check the address";
        return "port " + address.getPort() + " (" + port.purpose() + "): cannot listen on "
                + address.getAddress().getHostAddress() + ": " + said + " (" + advice + ")";
    }

    /** Where it listens; with port 0, the ports that the kernel chose. In the order of the ports, then of addresses. */
    public List<InetSocketAddress> addresses(AdminPort port) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (Channel channel : bound) {
            AdminAcceptor acceptor = channel.pipeline().get(AdminAcceptor.class);
            if (acceptor != null && acceptor.serves(port)) {
                addresses.add((InetSocketAddress) channel.localAddress());
            }
        }
        return addresses;
    }

    /** Stops listening and closes all connections. */
    @Override
    public void close() {
        bound.forEach(Channel::close);
        pages.close();
        loop.execute(() -> acceptors.forEach(AdminAcceptor::closeAll));
    }
}
