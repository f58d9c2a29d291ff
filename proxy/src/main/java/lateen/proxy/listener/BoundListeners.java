package lateen.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import lateen.decision.config.ListenerConfig;
import lateen.decision.net.SocketAddr;
import lateen.proxy.loop.Worker;

/**
 * The listening sockets. An address that two configurations share keeps its socket, and with it its queue of
 * connections. Called from one thread at a time (the one that applies configurations).
 */
public final class BoundListeners {
    private static final int BACKLOG = 4096;
    /** Level IPPROTO_IPV6, name IPV6_V6ONLY (linux/in6.h). */
    private static final IntegerUnixChannelOption IPV6_V6ONLY = new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

    private record Key(String listener, SocketAddr address) {}

    private final List<Worker> workers;
    private final Acceptor.ConnectionStarter starter;
    private volatile Map<Key, Channel> bound = Map.of();

    public BoundListeners(List<Worker> workers, StartOf starter) {
        this.workers = workers;
        this.starter = starter::start;
    }

    /** Puts the first handler on a connection that was accepted for a listener. */
    @FunctionalInterface
    public interface StartOf {
        void start(String listener, Channel accepted, Worker worker);
    }

    /** What must be bound and is not; {@link #undo} or {@link #finish} must follow. */
    public final class Change {
        private final Map<Key, Channel> after = new LinkedHashMap<>();
        private final List<Channel> fresh = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();

        /** Empty: all was bound. */
        public List<String> problems() {
            return problems;
        }

        /** Closes what was newly bound. */
        public void undo() {
            fresh.forEach(Channel::close);
        }

        /** Begins to accept on new sockets and closes those that are no longer wanted. */
        public void finish() {
            Map<Key, Channel> before = bound;
            bound = Map.copyOf(after);
            fresh.forEach(each -> each.config().setAutoRead(true));
            before.forEach((key, channel) -> {
                if (!after.containsKey(key)) {
                    channel.close();
                }
            });
        }
    }

    /** Binds what is new; nothing is accepted yet. The stage completes on a loop. */
    public CompletionStage<Change> prepare(Iterable<ListenerConfig> listeners) {
        Change change = new Change();
        List<CompletableFuture<?>> pending = new ArrayList<>();
        for (ListenerConfig listener : listeners) {
            if (!listener.bindToPort()) {
                continue;
            }
            for (SocketAddr address : listener.addresses()) {
                Key key = new Key(listener.name(), address);
                Channel kept = bound.get(key);
                if (kept != null) {
                    change.after.put(key, kept);
                } else {
                    pending.add(bind(key, change));
                }
            }
        }
        return CompletableFuture.allOf(pending.toArray(CompletableFuture[]::new))
                .thenApply(done -> change);
    }

    private CompletableFuture<?> bind(Key key, Change change) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        EpollServerSocketChannel channel = socket(key.address);
        channel.config().setReuseAddress(true);
        channel.config().setBacklog(BACKLOG);
        channel.config().setAutoRead(false);
        channel.pipeline().addLast(new Acceptor(key.listener, workers, starter));
        InetSocketAddress address = new InetSocketAddress(key.address.ip().toInetAddress(), key.address.port());
        workers.getFirst()
                .loop()
                .register(channel)
                .addListener(registered -> channel.bind(address).addListener(result -> {
                    // All of this runs on one loop; the stage hands it over to the caller.
                    if (result.isSuccess()) {
                        change.fresh.add(channel);
                        change.after.put(key, channel);
                    } else {
                        channel.close();
                        change.problems.add(problem(key, result.cause()));
                    }
                    done.complete(null);
                }));
        return done;
    }

    /** A socket of the address's own family, so that {@code 0.0.0.0} and {@code ::} can share a port (as in Envoy). */
    private static EpollServerSocketChannel socket(SocketAddr address) {
        if (!address.ip().v6()) {
            return new EpollServerSocketChannel(SocketProtocolFamily.INET);
        }
        EpollServerSocketChannel channel = new EpollServerSocketChannel(SocketProtocolFamily.INET6);
        channel.config().setOption(IPV6_V6ONLY, 1);
        return channel;
    }

    private static String problem(Key key, Throwable cause) {
        String said = String.valueOf(cause.getMessage());
        String advice = said.contains("in use")
                ? "another program listens there; stop it or give the listener another port"
                : said.contains("Permission denied")
                        ? "ports below 1024 need the capability NET_BIND_SERVICE"
                        : said.contains("assign") ? "this machine has no such address" : "check the address";
        return "listener '" + key.listener + "': cannot listen on " + key.address + ": " + said + " (" + advice + ")";
    }

    /** Where a listener really listens: with configured port 0, the port that the kernel chose. */
    public List<InetSocketAddress> addresses(String listener) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        bound.forEach((key, channel) -> {
            if (key.listener.equals(listener)) {
                addresses.add((InetSocketAddress) channel.localAddress());
            }
        });
        return addresses;
    }

    /** Stops listening; connections stay. */
    public void close() {
        bound.values().forEach(Channel::close);
        bound = Map.of();
    }
}
