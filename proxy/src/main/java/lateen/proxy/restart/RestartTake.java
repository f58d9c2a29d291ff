package lateen.proxy.restart;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollDomainSocketChannelConfig;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import lateen.decision.net.SocketAddr;
import lateen.proxy.listener.ListeningSocket;
import lateen.proxy.stats.CounterFeed;
import lateen.proxy.stats.Stats;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The side of the process that is to serve next. Owned by one loop, but {@link #drain} and {@link #connections}. */
public final class RestartTake {
    private static final Logger log = LoggerFactory.getLogger(RestartTake.class);
    /** More than a proxy has listeners. */
    private static final int MOST_SOCKETS = 10_000;

    private final Channel channel;
    private final Stats stats;
    private final CompletableFuture<InheritedSockets> taken = new CompletableFuture<>();
    private final CompletableFuture<Void> draining = new CompletableFuture<>();
    private volatile long connections;

    private RestartTake(Channel channel, Stats stats) {
        this.channel = channel;
        this.stats = stats;
    }

    /** A process before, and its sockets. */
    public record Taken(RestartTake from, InheritedSockets sockets) {}

    /**
     * Asks the process before for its sockets; it goes on as before.
     *
     * @param at the unix socket of the process before
     * @param epoch of this process
     * @param stats what the process before goes on to count is added here
     * @return fails with an {@link IOException} that says what to do
     */
    public static CompletionStage<Taken> from(EventLoop loop, SocketAddr at, int epoch, Stats stats) {
        CompletableFuture<Taken> result = new CompletableFuture<>();
        EpollDomainSocketChannel channel = new EpollDomainSocketChannel();
        RestartTake take = new RestartTake(channel, stats);
        channel.pipeline().addLast(take.new Talk());
        loop.register(channel)
                .addListener(registered -> channel.connect(ListeningSocket.socketAddress(at))
                        .addListener(connected -> {
                            String no = connected.isSuccess()
                                    ? PeerUser.stranger(channel)
                                    : connected.cause().getMessage();
                            if (no == null) {
                                Lines.send(channel, "take 1 " + epoch + "\n");
                            } else {
                                take.failed(no);
                                channel.close();
                            }
                        }));
        take.taken.whenComplete((sockets, failure) -> {
            if (failure == null) {
                result.complete(new Taken(take, sockets));
            } else {
                result.completeExceptionally(new IOException("hot restart: nothing is taken over from " + at + ": "
                        + failure.getMessage() + " (expected: a running proxy with --restart-epoch " + (epoch - 1)
                        + ", the same --base-id and --socket-path, and of this user)"));
            }
        });
        return result;
    }

    private void failed(String why) {
        taken.completeExceptionally(new IOException(why));
        draining.completeExceptionally(new IOException("hot restart: " + why));
    }

    /**
     * This process serves: the one before is to end. Any thread.
     *
     * @param limit how long its connections may take
     * @return completes when it takes no more connections
     */
    public CompletionStage<Void> drain(Duration limit) {
        Lines.send(channel, "drain " + limit.toSeconds() + "\n");
        return draining;
    }

    /** Connections that are still open in the process before. Any thread. */
    public long connections() {
        return connections;
    }

    private final class Talk extends Lines {
        private final List<String> names = new ArrayList<>();
        private final Map<String, FileDescriptor> sockets = new LinkedHashMap<>();
        private int expected = -1;

        private EpollDomainSocketChannelConfig config() {
            return (EpollDomainSocketChannelConfig) channel.config();
        }

        @Override
        void line(Channel from, String text) {
            if (expected > names.size()) {
                names.add(text);
                asked();
                return;
            }
            int space = text.indexOf(' ');
            String rest = text.substring(space + 1);
            switch (space < 0 ? text : text.substring(0, space)) {
                case "sockets" -> {
                    expected = Integer.parseInt(rest);
                    if (expected < 0 || expected > MOST_SOCKETS) {
                        throw new IllegalStateException("'" + text + "' (expected: 0.." + MOST_SOCKETS + ")");
                    }
                    asked();
                }
                case "no" -> failed(rest);
                case "draining" -> draining.complete(null);
                case "counter" -> CounterFeed.add(stats, rest);
                case "connections" -> connections = Long.parseLong(rest);
                default -> throw new IllegalStateException("'" + text + "' (expected: a line of the hand-over)");
            }
        }

        private void asked() {
            if (names.size() == expected) {
                if (expected == 0) {
                    taken.complete(InheritedSockets.none());
                } else {
                    // Nothing comes before the other side has read this: a byte read now would lose a descriptor.
                    config().setReadMode(DomainSocketReadMode.FILE_DESCRIPTORS);
                    send(channel, "ready\n");
                }
            }
        }

        @Override
        void descriptor(Channel from, FileDescriptor descriptor) {
            sockets.put(names.get(sockets.size()), descriptor);
            if (sockets.size() == expected) {
                config().setReadMode(DomainSocketReadMode.BYTES);
                log.info("hot restart: {} sockets are taken over", expected);
                taken.complete(new InheritedSockets(sockets));
            }
        }

        @Override
        void ended(String why) {
            connections = 0;
            failed(why);
        }
    }
}
