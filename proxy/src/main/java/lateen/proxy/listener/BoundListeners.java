package lateen.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ListenerConfig.Direction;
import lateen.decision.config.ListenerConfig.Sockets;
import lateen.decision.net.SocketAddr;
import lateen.proxy.loop.Worker;
import lateen.proxy.restart.InheritedSockets;

/**
 * The listening sockets. An address that two configurations share keeps its socket, and with it its queue of
 * connections. Called from one thread at a time (the one that applies configurations).
 */
public final class BoundListeners {
    private record Key(String listener, SocketAddr address) {
        /** By which a next process finds it: the listener may have another name there, unless it has no port of its own. */
        String text(Sockets sockets) {
            boolean any = !address.isUnix() && address.port() == 0;
            return "listener " + address + (any ? " of " + listener : "")
                    + " transparent=" + sockets.transparent()
                    + " freebind=" + sockets.freebind()
                    + " dual=" + sockets.dualStack().contains(address);
        }
    }

    private record Bound(Channel channel, Sockets sockets, boolean inbound) {}

    private final List<Worker> workers;
    private final Acceptor.ConnectionStarter starter;
    private volatile Map<Key, Bound> bound = Map.of();
    private volatile boolean accepting = true;
    private volatile boolean inboundClosed;
    private volatile InheritedSockets inherited = InheritedSockets.none();

    public BoundListeners(List<Worker> workers, StartOf starter) {
        this.workers = workers;
        this.starter = starter::start;
    }

    /** Puts the first handler on a connection that was accepted for a listener; false: it is to be closed. */
    @FunctionalInterface
    public interface StartOf {
        boolean start(String listener, Channel accepted, Worker worker);
    }

    /** What must be bound and is not; {@link #undo} or {@link #finish} must follow. */
    public final class Change {
        private final Map<Key, Bound> after = new LinkedHashMap<>();
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
            Map<Key, Bound> before = bound;
            bound = Map.copyOf(after);
            fresh.forEach(each -> each.config().setAutoRead(accepting));
            before.forEach((key, old) -> {
                if (!after.containsKey(key)) {
                    close(key, old);
                }
            });
        }
    }

    /** Binds what is new; nothing is accepted yet. The stage completes on a loop. */
    public CompletionStage<Change> prepare(Iterable<ListenerConfig> listeners) {
        Change change = new Change();
        Map<Key, ListenerConfig> missing = new LinkedHashMap<>();
        for (ListenerConfig listener : listeners) {
            if (!listener.bindToPort() || (inboundClosed && inbound(listener))) {
                continue;
            }
            for (SocketAddr address : listener.addresses()) {
                Key key = new Key(listener.name(), address);
                Bound kept = bound.get(key);
                if (kept == null) {
                    missing.put(key, listener);
                } else if (kept.sockets.equals(listener.sockets())) {
                    change.after.put(key, kept);
                } else {
                    change.problems.add("listener '" + key.listener + "': how it listens on " + address
                            + " cannot change while it does (expected: the same transparent, freebind, reuse_port,"
                            + " backlog, ipv4_compat and mode; or another address)");
                }
            }
        }
        // From here on only the loop touches the change, until the stage hands it back.
        List<CompletableFuture<?>> pending = new ArrayList<>();
        missing.forEach((key, listener) -> pending.add(bind(key, listener.sockets(), inbound(listener), change)));
        return CompletableFuture.allOf(pending.toArray(CompletableFuture[]::new))
                .thenApply(done -> change);
    }

    private CompletableFuture<?> bind(Key key, Sockets sockets, boolean inbound, Change change) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        FileDescriptor before = inherited.take(key.text(sockets));
        if (before != null) {
            EventLoop loop = workers.getFirst().loop();
            Channel channel = ListeningSocket.inherited(
                    key.address, before, loop, new Acceptor(key.listener, workers, starter, () -> accepting));
            loop.execute(() -> {
                change.fresh.add(channel);
                change.after.put(key, new Bound(channel, sockets, inbound));
                done.complete(null);
            });
            return done;
        }
        ListeningSocket.open(
                key.address,
                sockets,
                workers.getFirst().loop(),
                new Acceptor(key.listener, workers, starter, () -> accepting),
                new ListeningSocket.Outcome() {
                    @Override
                    public void bound(Channel channel) {
                        Bound fresh = new Bound(channel, sockets, inbound);
                        change.fresh.add(channel);
                        change.after.put(key, fresh);
                        done.complete(null);
                    }

                    @Override
                    public void failed(Throwable cause) {
                        change.problems.add(problem(key, cause));
                        done.complete(null);
                    }
                });
        return done;
    }

    private static String problem(Key key, Throwable cause) {
        String said = String.valueOf(cause.getMessage());
        String advice = said.contains("in use")
                ? "another program listens there; stop it or give the listener another port"
                : said.contains("Permission denied")
                        ? "ports below 1024 need the capability NET_BIND_SERVICE"
                        : said.contains("not permitted")
                                ? "a transparent listener needs the capability NET_ADMIN"
                                : said.contains("assign") ? "this machine has no such address" : "check the address";
        return "listener '" + key.listener + "': cannot listen on " + key.address + ": " + said + " (" + advice + ")";
    }

    /** Where a listener really listens by TCP: with configured port 0, the port that the kernel chose. */
    public List<InetSocketAddress> addresses(String listener) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        bound.forEach((key, at) -> {
            if (key.listener.equals(listener) && at.channel.localAddress() instanceof InetSocketAddress inet) {
                addresses.add(inet);
            }
        });
        return addresses;
    }

    /** Sockets that need not be bound: a process before has done so. Before the first configuration. */
    public void inherit(InheritedSockets sockets) {
        inherited = sockets;
    }

    /** All sockets, by names under which {@link #inherit} takes them. */
    public Map<String, FileDescriptor> descriptors() {
        Map<String, FileDescriptor> all = new LinkedHashMap<>();
        bound.forEach((key, at) -> all.put(key.text(at.sockets), ((UnixChannel) at.channel).fd()));
        return all;
    }

    /** Stops listening, while another process goes on with the same sockets; connections stay. */
    public void leave() {
        bound.values().forEach(each -> ListeningSocket.leave(each.channel));
        bound = Map.of();
    }

    /** Whether connections are taken; those that come meanwhile wait in the kernel's queues. Any thread. */
    public void accepting(boolean on) {
        accepting = on;
        // On its loop: from elsewhere a read that is pending would still take one.
        bound.values()
                .forEach(each -> each.channel
                        .eventLoop()
                        .execute(() -> each.channel.config().setAutoRead(accepting)));
    }

    private static boolean inbound(ListenerConfig listener) {
        return listener.direction() == Direction.INBOUND;
    }

    /** Inbound listeners stop, for good; connections stay. */
    public void closeInbound() {
        inboundClosed = true;
        Map<Key, Bound> rest = new LinkedHashMap<>();
        bound.forEach((key, at) -> {
            if (at.inbound) {
                close(key, at);
            } else {
                rest.put(key, at);
            }
        });
        bound = Map.copyOf(rest);
    }

    /** Stops listening; connections stay. */
    public void close() {
        bound.forEach(this::close);
        bound = Map.of();
    }

    private void close(Key key, Bound at) {
        if (inherited.shared()) {
            ListeningSocket.leave(at.channel);
        } else {
            ListeningSocket.close(at.channel, key.address);
        }
    }
}
