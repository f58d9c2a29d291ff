package lateen.proxy.restart;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.ListenerConfig.Sockets;
import lateen.decision.net.SocketAddr;
import lateen.proxy.listener.ListeningSocket;
import lateen.proxy.stats.CounterFeed;
import lateen.proxy.stats.Stats;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The side of the process that serves: waits for the next one, and gives it what it needs. Owned by one loop. */
public final class RestartOffer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RestartOffer.class);
    private static final int MODE = 0600;

    /** What there is to give. Called on the loop. */
    public interface Giver {
        /** Listening sockets by name; they stay open here too. */
        Map<String, FileDescriptor> sockets();

        /**
         * The next process serves now: no more connections are to be taken here.
         *
         * @param limit how long those that are there may take to end
         */
        void handOver(Duration limit);

        /** Open connections of clients. */
        long connections();
    }

    private final int epoch;
    private final Giver giver;
    private final CounterFeed counters;
    private @Nullable Channel listening;
    /** The next process, from its first line on. */
    private @Nullable Channel next;

    private boolean given;

    private RestartOffer(int epoch, Giver giver, Stats stats) {
        this.epoch = epoch;
        this.giver = giver;
        this.counters = new CounterFeed(stats);
    }

    /**
     * Listens for the next process.
     *
     * @param at a unix socket; a file gets mode 0600
     * @param epoch of this process; the next one is to have one more
     * @return fails with an {@link IOException} that says what to do
     */
    public static CompletionStage<RestartOffer> open(
            EventLoop loop, SocketAddr at, int epoch, Giver giver, Stats stats) {
        RestartOffer offer = new RestartOffer(epoch, giver, stats);
        CompletableFuture<RestartOffer> opened = new CompletableFuture<>();
        boolean file = !at.path().startsWith("@");
        Sockets sockets = new Sockets(false, false, false, 1, Set.of(), file ? Map.of(at, MODE) : Map.of());
        ListeningSocket.open(at, sockets, loop, offer.new Door(), new ListeningSocket.Outcome() {
            @Override
            public void bound(Channel channel) {
                offer.listening = channel;
                channel.config().setAutoRead(true);
                opened.complete(offer);
            }

            @Override
            public void failed(Throwable cause) {
                opened.completeExceptionally(
                        new IOException(
                                "hot restart: cannot listen on " + at + ": "
                                        + cause.getMessage()
                                        + " (expected: a --base-id that no other proxy of this machine has, or --disable-hot-restart)"));
            }
        });
        return opened;
    }

    /** Takes what comes to the socket. */
    private final class Door extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            EpollDomainSocketChannel channel = (EpollDomainSocketChannel) message;
            String stranger = PeerUser.stranger(channel);
            if (stranger != null) {
                log.warn("hot restart: refused: {}", stranger);
                channel.unsafe().closeForcibly();
                return;
            }
            channel.pipeline().addLast(new Talk());
            ctx.channel().eventLoop().register(channel);
        }
    }

    /** With one process that may be the next. */
    private final class Talk extends Lines {
        private final List<FileDescriptor> offered = new ArrayList<>();
        private boolean taking;

        @Override
        void line(Channel from, String text) {
            String[] words = text.split(" ");
            switch (words[0]) {
                case "take" -> take(from, text);
                case "ready" -> {
                    offered.forEach(from::write);
                    from.flush();
                    offered.clear();
                }
                case "drain" -> drain(from, Duration.ofSeconds(Long.parseLong(words[1])));
                default -> throw new IllegalStateException("'" + text + "' (expected: take, ready or drain)");
            }
        }

        private void take(Channel from, String text) {
            String no = given || next != null
                    ? "another process is taking over already"
                    : text.equals("take 1 " + (epoch + 1))
                            ? null
                            : "this process has epoch " + epoch + ": '" + text + "' (expected: take 1 " + (epoch + 1)
                                    + ")";
            if (no != null) {
                log.warn("hot restart: refused: {}", no);
                send(from, "no " + no + "\n");
                from.close();
                return;
            }
            next = from;
            taking = true;
            Map<String, FileDescriptor> sockets = giver.sockets();
            StringBuilder names = new StringBuilder("sockets " + sockets.size() + "\n");
            sockets.forEach((name, socket) -> {
                names.append(name).append('\n');
                offered.add(socket);
            });
            log.info("hot restart: {} sockets are given to the next process", sockets.size());
            send(from, names);
        }

        private void drain(Channel from, Duration limit) {
            if (!taking || given) {
                throw new IllegalStateException("drain before take");
            }
            given = true;
            log.info("hot restart: the next process serves; connections get at most {} s", limit.toSeconds());
            giver.handOver(limit);
            send(from, "draining\n");
            report(from);
        }

        private void report(Channel to) {
            if (to.isActive()) {
                tell(to);
                to.eventLoop().schedule(() -> report(to), 1, TimeUnit.SECONDS);
            }
        }

        @Override
        void ended(String why) {
            if (taking && next != null) {
                next = null;
                if (!given) {
                    log.warn("hot restart: the next process has not taken over: {}; this one goes on", why);
                }
            }
        }
    }

    private void tell(Channel to) {
        StringBuilder lines = new StringBuilder();
        counters.changes(each -> lines.append("counter ").append(each).append('\n'));
        lines.append("connections ").append(giver.connections()).append('\n');
        Lines.send(to, lines);
    }

    /** Ends, with the last numbers told. Any thread. */
    @Override
    public void close() {
        Channel door = listening;
        if (door != null) {
            door.eventLoop().execute(() -> {
                door.close();
                if (next != null) {
                    if (given) {
                        tell(next);
                    }
                    next.close();
                }
            });
        }
    }
}
