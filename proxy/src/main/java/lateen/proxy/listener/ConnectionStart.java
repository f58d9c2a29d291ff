package lateen.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.ListenerConfig.Inspectors;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.proxy.Failure;
import lateen.proxy.accesslog.AccessLog;
import lateen.proxy.accesslog.LogEntry;
import lateen.proxy.authz.Check;
import lateen.proxy.authz.Peers;
import lateen.proxy.connection.Downstream;
import lateen.proxy.http.CodecChoice;
import lateen.proxy.loop.Channels;
import lateen.proxy.loop.Drainable;
import lateen.proxy.loop.Worker;
import lateen.proxy.program.AccessStep;
import lateen.proxy.program.Authorization;
import lateen.proxy.program.ChainProgram;
import lateen.proxy.program.ExternalAuthorization;
import lateen.proxy.program.ListenerProgram;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.proxy.stats.ProxyMetrics;
import lateen.proxy.tcp.TcpSession;
import lateen.proxy.tls.ServerTls;
import lateen.proxy.tls.TlsFacts;
import lateen.xds.authz.CheckAnswer;
import lateen.xds.authz.CheckRequestWriter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first handler of every accepted connection, and the whole way to its filter chain: destination → listener →
 * inspectors → chain → TLS → authorization → terminal handler, which replaces this one.
 *
 * <p>Buffers: bytes read while an inspector is undecided are held here (at most its limit and one read), and handed on
 * or released. Closing: a connection that no chain takes, fails its handshake or its authorization is closed, with one
 * access-log entry.
 */
public final class ConnectionStart extends ChannelInboundHandlerAdapter implements Drainable, Check.Waiter {
    private static final Logger log = LoggerFactory.getLogger(ConnectionStart.class);

    private final Live live;
    private final Worker worker;
    private final String acceptedBy;

    private ByteBuf held = Unpooled.EMPTY_BUFFER;
    private @Nullable Future<?> timeout;
    /** Set once, in this order, when the connection is active; the handler does nothing before. */
    private @Nullable ChannelHandlerContext context;

    private @Nullable Program program;
    private @Nullable ListenerProgram listener;
    private @Nullable Downstream connection;
    private @Nullable ChainProgram chain;
    private boolean refused;
    /** Of the access steps, the one after that which is waited for. */
    private int next;

    private @Nullable Check check;
    private boolean gone;
    /** The client has said all, while it waited. */
    private boolean inputEnded;

    private ConnectionStart(Live live, Worker worker, String acceptedBy) {
        this.live = live;
        this.worker = worker;
        this.acceptedBy = acceptedBy;
    }

    /** Makes an accepted channel ready to be registered with the worker's loop. */
    public static void on(Live live, String listener, Channel accepted, Worker worker) {
        EpollSocketChannel channel = (EpollSocketChannel) accepted;
        Channels.prepare(channel, worker);
        channel.config().setAllowHalfClosure(true);
        channel.pipeline().addLast(new ConnectionStart(live, worker, listener));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        context = ctx;
        program = live.program();
        ListenerProgram accepted = program.listener(acceptedBy);
        if (accepted == null) {
            ctx.close();
            return;
        }
        worker.opened(this);
        Downstream facts = facts(ctx.channel(), accepted);
        connection = facts;
        listener = program.forDestination(accepted, facts.destination());
        ProxyMetrics.Listener counters = listener.counters();
        counters.connections().increment();
        counters.activeConnections().increment();
        ctx.channel()
                .closeFuture()
                .addListener(closed -> counters.activeConnections().decrement());
        inspect(false);
    }

    private Downstream facts(Channel channel, ListenerProgram accepted) {
        SocketAddr remote = address(channel.remoteAddress());
        SocketAddr local = address(channel.localAddress());
        boolean wanted = accepted.config().useOriginalDst()
                || accepted.config().inspectors().originalDst();
        SocketAddr told = wanted ? live.settings().originalDestination().of(channel) : null;
        // What was not redirected answers with the socket's own address: somebody dialled this port itself.
        boolean redirected = told != null && !(told.equals(local) && ownPort(channel, local.port()));
        return new Downstream(
                remote, local, redirected && told != null ? told : local, redirected, live.nextConnection());
    }

    private static boolean ownPort(Channel channel, int port) {
        // With TPROXY the accepted socket carries the original destination, whose port is not the listener's.
        return channel.parent() != null
                && channel.parent().localAddress() instanceof InetSocketAddress bound
                && bound.getPort() == port;
    }

    private static SocketAddr address(@Nullable Object address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? new SocketAddr(IpAddress.of(inet.getAddress()), inet.getPort())
                : new SocketAddr(IpAddress.v4(0), 0);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        ByteBuf bytes = (ByteBuf) message;
        if (chain != null || connection == null) {
            // TLS is there and this is early plaintext, or the connection is being closed.
            held = held.isReadable() ? ctx.alloc().compositeBuffer().addComponents(true, held, bytes) : bytes;
            return;
        }
        if (held.isReadable()) {
            ByteBuf both = ctx.alloc().buffer(held.readableBytes() + bytes.readableBytes());
            both.writeBytes(held).writeBytes(bytes);
            held.release();
            bytes.release();
            held = both;
        } else {
            held.release();
            held = bytes;
        }
        inspect(false);
    }

    /** @param last no more bytes will be waited for */
    private void inspect(boolean last) throws Exception {
        if (chain != null || refused || listener == null || connection == null || context == null) {
            return;
        }
        Inspectors wanted = listener.config().inspectors();
        Inspection seen = new Inspection.Other();
        if (wanted.tls()) {
            seen = ClientHello.inspect(held);
        }
        if (wanted.http() && seen instanceof Inspection.Other) {
            seen = HttpPreface.inspect(held);
        }
        switch (seen) {
            case Inspection.NeedMore ignored -> {
                if (last) {
                    choose();
                } else {
                    await(wanted);
                }
            }
            case Inspection.Other ignored -> choose();
            case Inspection.Tls(String serverName, List<String> alpn) -> {
                connection.inspected("tls", serverName, alpn);
                choose();
            }
            case Inspection.Http(String protocol) -> {
                connection.inspected("raw_buffer", "", List.of(protocol));
                choose();
            }
        }
    }

    private void await(Inspectors wanted) {
        if (timeout == null && !wanted.timeout().isZero()) {
            timeout = worker.loop()
                    .schedule(
                            () -> {
                                if (wanted.continueOnTimeout()) {
                                    inspect(true);
                                } else {
                                    refuse("listener_filter_timeout", "");
                                }
                                return true;
                            },
                            wanted.timeout().toMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    private void choose() throws Exception {
        if (timeout != null) {
            timeout.cancel(false);
        }
        if (listener == null || connection == null || context == null) {
            return;
        }
        ChainProgram chosen = listener.select(connection);
        if (chosen == null) {
            log.info(
                    "listener {}: no filter chain for {} → {} ({}{}): closed",
                    listener.config().name(),
                    connection.remote(),
                    connection.destination(),
                    connection.transportProtocol(),
                    connection.serverName().isEmpty() ? "" : ", server name " + connection.serverName());
            listener.counters().noFilterChain().increment();
            Failure none = new Failure.NoFilterChain();
            LogEntry entry = new LogEntry();
            entry.flag(none.flag());
            entry.responseCodeDetails = none.details();
            refuse(entry);
            return;
        }
        chain = chosen;
        if (chosen.tls() == null) {
            serve();
        } else {
            secure(chosen.tls());
        }
    }

    private void secure(ServerTls tls) {
        ChannelHandlerContext ctx = Objects.requireNonNull(context);
        SslHandler handler =
                tls.handler(ctx.alloc(), live.settings().tlsHandshakeTimeout().toMillis());
        if (handler == null) {
            log.warn("listener {}: {} has not arrived: connection closed", acceptedBy, tls.missing());
            refuse("tls_secret_missing", tls.missing() + " has not arrived");
            return;
        }
        ByteBuf hello = held;
        held = Unpooled.EMPTY_BUFFER;
        // TLS comes before everything else: all that follows sees plaintext and a verified peer.
        ctx.pipeline().addBefore(ctx.name(), "tls", handler);
        ctx.pipeline().fireChannelRead(hello);
        ctx.pipeline().fireChannelReadComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent handshake && connection != null && chain != null) {
            if (handshake.isSuccess()) {
                Objects.requireNonNull(listener).counters().handshakes().increment();
                connection.secured(
                        TlsFacts.of(ctx.pipeline().get(SslHandler.class)),
                        chain.config().tls() != null
                                && chain.config().tls().validation().trustSecret() != null);
                serve();
            } else {
                Objects.requireNonNull(listener).counters().handshakeErrors().increment();
                String said = TlsFacts.diagnosis(handshake.cause());
                log.warn(
                        "listener {}, chain {}: TLS with {} failed: {}",
                        acceptedBy,
                        chain.config().name(),
                        connection.remote(),
                        said);
                refuse("tls_handshake_failed", "TLS error: " + said);
            }
        } else if (event instanceof ChannelInputShutdownEvent) {
            if (chain == null && held.isReadable()) {
                inspect(true);
            }
            if (chain == null) {
                closeNow();
            } else {
                inputEnded = true;
            }
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    /** Authorization, then the terminal handler in this one's place. */
    private void serve() throws Exception {
        authorize(0);
    }

    /** The access steps from that one on. */
    private void authorize(int from) throws Exception {
        Downstream facts = Objects.requireNonNull(connection);
        List<AccessStep> all = Objects.requireNonNull(chain).authorization();
        for (int i = from; i < all.size(); i++) {
            switch (all.get(i)) {
                case Authorization rules -> {
                    Failure.Denied denied = rules.check(facts);
                    if (denied != null) {
                        refuse(denied.details(), "");
                        return;
                    }
                }
                case ExternalAuthorization external -> {
                    if (external.applies(facts)) {
                        next = i + 1;
                        ask(external, facts);
                        return;
                    }
                }
            }
        }
        handOver();
    }

    /** Nothing is read while the server decides, and nothing is sent: not even to a protocol where it speaks first. */
    private void ask(ExternalAuthorization external, Downstream facts) {
        Objects.requireNonNull(context).channel().config().setAutoRead(false);
        Peers peers = new Peers(facts);
        CheckRequestWriter question = live.question(worker);
        question.begin();
        question.connection(peers.source(external.config().includePeerCertificate()), peers.destination());
        check = Check.start(live, worker, Objects.requireNonNull(program), external, question, this);
    }

    @Override
    public void passed(CheckAnswer.Allowed changes, boolean undecided) {
        ChannelHandlerContext ctx = Objects.requireNonNull(context);
        if (gone) {
            return;
        }
        if (!inputEnded) {
            ctx.channel().config().setAutoRead(true);
        }
        try {
            authorize(next);
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
    }

    @Override
    public void refused(Failure failure) {
        LogEntry entry = new LogEntry();
        entry.flag(failure.flag());
        entry.connectionTerminationDetails = failure.details();
        refuse(entry);
    }

    private void handOver() throws Exception {
        ChannelHandlerContext ctx = Objects.requireNonNull(context);
        Downstream facts = Objects.requireNonNull(connection);
        ChainProgram chosen = Objects.requireNonNull(chain);
        ListenerProgram from = Objects.requireNonNull(listener);
        ChannelInboundHandler terminal = switch (chosen.terminal()) {
            case ChainProgram.Terminal.Tcp(var tcp) ->
                new TcpSession(live, worker, Objects.requireNonNull(program), facts, from, tcp);
            case ChainProgram.Terminal.Http(var http) -> CodecChoice.of(live, worker, facts, from, chosen, http);
        };
        ByteBuf early = held;
        held = Unpooled.EMPTY_BUFFER;
        worker.closed(this);
        ctx.pipeline().replace(this, "serve", terminal);
        ChannelHandlerContext next = ctx.pipeline().context(terminal);
        if (early.isReadable() && next != null) {
            terminal.channelRead(next, early);
            terminal.channelReadComplete(next);
        } else {
            early.release();
        }
        if (inputEnded && next != null && !next.isRemoved()) {
            terminal.userEventTriggered(next, ChannelInputShutdownEvent.INSTANCE);
        }
    }

    /** @param transportFailure what went wrong in the handshake; empty: nothing */
    private void refuse(String termination, String transportFailure) {
        LogEntry entry = new LogEntry();
        entry.connectionTerminationDetails = termination;
        entry.downstreamTransportFailureReason = transportFailure;
        refuse(entry);
    }

    /** The only end of a connection that is not served: one line, then closed. */
    private void refuse(LogEntry entry) {
        if (connection != null && listener != null && !refused) {
            refused = true;
            AccessLog to = chain == null
                    ? listener.log()
                    : switch (chain.terminal()) {
                        case ChainProgram.Terminal.Tcp(var tcp) -> tcp.log();
                        case ChainProgram.Terminal.Http(var http) -> http.log();
                    };
            long now = System.nanoTime();
            entry.begin(connection, connection.startNanos(), worker.epochMicros(connection.startNanos()));
            entry.end(now);
            to.write(entry);
        }
        closeNow();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone = true;
        closeNow();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A failed handshake has been told already, by its event.
        log.debug("listener {}: connection ended before it was served: {}", acceptedBy, cause.toString());
        closeNow();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        gone = true;
        if (check != null) {
            check.cancel();
        }
        worker.closed(this);
        held.release();
        held = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void drain() {
        closeNow();
    }

    @Override
    public void tick(long now) {
        // Inspection and handshake have timers of their own.
    }

    @Override
    public void closeNow() {
        if (timeout != null) {
            timeout.cancel(false);
        }
        if (context != null) {
            context.close();
        }
    }
}
