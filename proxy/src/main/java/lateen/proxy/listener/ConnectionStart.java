package lateen.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.List;
import lateen.decision.config.ListenerConfig.Inspectors;
import lateen.proxy.accesslog.LogEntry;
import lateen.proxy.loop.Channels;
import lateen.proxy.loop.Drainable;
import lateen.proxy.loop.Worker;
import lateen.proxy.overload.Overload;
import lateen.proxy.program.ChainProgram;
import lateen.proxy.program.ListenerProgram;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.proxy.program.Telemetry;
import lateen.proxy.stats.ProxyMetrics;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first handler of every accepted connection, and its way to a filter chain: destination ({@link Arrival}) →
 * listener ({@link Preamble}) → inspectors ({@link Inspector}), while {@link ServerFirst} listens to the other side →
 * chain, whose {@link ChainEntry} replaces this handler.
 *
 * <p>Buffers: bytes read while an inspector is undecided are held here (at most its limit and one read), and handed on
 * or released. Closing: a connection that no chain takes is closed, with one access-log entry.
 */
public final class ConnectionStart extends ChannelInboundHandlerAdapter implements Drainable {
    private static final Logger log = LoggerFactory.getLogger(ConnectionStart.class);

    private final Live live;
    private final Worker worker;
    private final String acceptedBy;
    private final HeldBytes held = new HeldBytes();

    /** Set once, in this order, when the connection is active; the handler does nothing before. */
    private @Nullable ChannelHandlerContext context;

    private @Nullable Arrived arrived;
    private @Nullable Inspector inspector;
    /** Null: it is over. */
    private @Nullable Preamble preamble;

    private @Nullable ServerFirst race;
    /** A chain was chosen, or there is none. */
    private boolean decided;

    private boolean inputEnded;

    private ConnectionStart(Live live, Worker worker, String acceptedBy) {
        this.live = live;
        this.worker = worker;
        this.acceptedBy = acceptedBy;
    }

    /** Makes an accepted channel ready to be registered with the worker's loop; false: there is no room for it. */
    public static boolean on(Live live, String listener, Channel accepted, Worker worker) {
        if (!admits(live, listener, accepted)) {
            return false;
        }
        Channels.prepare(accepted, worker);
        accepted.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        accepted.pipeline().addLast(new ConnectionStart(live, worker, listener));
        return true;
    }

    private static boolean admits(Live live, String listener, Channel accepted) {
        Overload overload = live.overload();
        ListenerProgram by = live.program().listener(listener);
        if (!overload.enter()) {
            if (by != null) {
                by.counters().globalOverflow().increment();
            }
            return false;
        }
        if (overload.rejectsConnection()) {
            overload.leave();
            if (by != null) {
                by.counters().overloadRejected().increment();
            }
            return false;
        }
        accepted.closeFuture().addListener(closed -> overload.leave());
        return true;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        Program program = live.program();
        ListenerProgram accepted = program.listener(acceptedBy);
        if (accepted == null) {
            ctx.close();
            return;
        }
        worker.opened(this);
        Arrived at =
                new Arrived(live, worker, program, acceptedBy, accepted, Arrival.of(live, ctx.channel(), accepted));
        preamble = new Preamble(ctx, at, held, known -> begin(ctx, known));
        preamble.read();
    }

    private void begin(ChannelHandlerContext ctx, Arrived at) {
        preamble = null;
        arrived = at;
        Inspectors wanted = at.listener().config().inspectors();
        inspector = new Inspector(wanted, worker);
        at.connection().keepSource(wanted.originalSource());
        ProxyMetrics.Listener counters = at.listener().counters();
        counters.connections().increment();
        counters.activeConnections().increment();
        ctx.channel()
                .closeFuture()
                .addListener(closed -> counters.activeConnections().decrement());
        inspect(ctx, at, inspector, false);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        held.add(ctx.alloc(), (ByteBuf) message);
        if (preamble != null) {
            preamble.read();
        } else if (arrived != null && inspector != null) {
            inspect(ctx, arrived, inspector, false);
        }
    }

    /** @param last no more bytes will be waited for */
    private void inspect(ChannelHandlerContext ctx, Arrived at, Inspector by, boolean last) {
        if (decided) {
            return;
        }
        switch (by.look(held.peek())) {
            case Inspection.NeedMore ignored -> {
                if (!last) {
                    await(ctx, at, by);
                    return;
                }
            }
            case Inspection.Other ignored -> {}
            case Inspection.Tls(String serverName, List<String> alpn) ->
                at.connection().inspected("tls", serverName, alpn);
            case Inspection.Http(String protocol) -> at.connection().inspected("raw_buffer", "", List.of(protocol));
        }
        choose(ctx, at, by);
    }

    private void await(ChannelHandlerContext ctx, Arrived at, Inspector by) {
        if (held.isEmpty() && race == null && by.continues()) {
            by.awaitFirst(ServerFirst.HEAD_START_MILLIS, () -> {
                race = ServerFirst.start(at, () -> {
                    if (!decided) {
                        choose(ctx, at, by);
                    }
                });
                by.await(() -> late(ctx, at, by));
            });
            return;
        }
        by.spoken();
        if (race != null) {
            race.clientSpoke();
        }
        by.await(() -> late(ctx, at, by));
    }

    private void late(ChannelHandlerContext ctx, Arrived at, Inspector by) {
        if (by.continues()) {
            inspect(ctx, at, by, true);
        } else if (!decided) {
            refuse(ctx, at, TurnedAway.because("listener_filter_timeout", ""));
        }
    }

    private void choose(ChannelHandlerContext ctx, Arrived at, Inspector by) {
        by.stop();
        ChainProgram chosen = at.listener().select(at.connection());
        if (chosen == null) {
            refuse(ctx, at, TurnedAway.unmatched(at));
            return;
        }
        decided = true;
        HeldBytes early = new HeldBytes();
        early.add(ctx.alloc(), held.take());
        ServerFirst dialled = race;
        race = null;
        if (dialled != null) {
            dialled.clientSpoke();
        }
        ChainEntry entry = new ChainEntry(
                at, chosen, early, inputEnded, dialled != null && dialled.serves(chosen) ? dialled : null);
        ctx.pipeline().replace(this, "entry", entry);
        entry.begin();
    }

    private void refuse(ChannelHandlerContext ctx, Arrived at, LogEntry entry) {
        decided = true;
        at.refuse(ctx, entry, null);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) {
            ctx.fireUserEventTriggered(event);
            return;
        }
        inputEnded = true;
        if (arrived != null && inspector != null && (!held.isEmpty() || ServerFirst.servesSilent(arrived))) {
            inspect(ctx, arrived, inspector, true);
        }
        if (!decided) {
            closeNow();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closeNow();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("listener {}: connection ended before it was served: {}", acceptedBy, cause.toString());
        closeNow();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stopClocks();
        if (race != null) {
            race.abandon();
        }
        worker.closed(this);
        held.release();
    }

    /** What follows is told when it is there. */
    @Override
    public void drainGently() {}

    @Override
    public void drain() {
        closeNow();
    }

    @Override
    public void tick(long now) {
        // Inspection has a timer of its own.
    }

    private void stopClocks() {
        if (preamble != null) {
            preamble.stop();
        }
        if (inspector != null) {
            inspector.stop();
        }
    }

    /** Nothing is decided yet. */
    @Override
    public boolean inbound() {
        return arrived != null && Telemetry.atDestination(arrived.listener());
    }

    @Override
    public void closeNow() {
        stopClocks();
        if (context != null) {
            context.close();
        }
    }
}
