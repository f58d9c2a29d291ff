package lateen.proxy.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Objects;
import lateen.proxy.Failure;
import lateen.proxy.accesslog.ResponseFlag;
import lateen.proxy.connection.Downstream;
import lateen.proxy.loop.Drainable;
import lateen.proxy.loop.Worker;
import lateen.proxy.pool.Dialled;
import lateen.proxy.program.ListenerProgram;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.proxy.program.TcpProgram;
import lateen.proxy.program.Telemetry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP proxy's downstream side, and the owner of the session. Envoy: {@code tcp_proxy}.
 *
 * <p>Buffers: each one read is written to the other side, which releases it; what comes before the upstream is there is
 * held (reading is off by then, so this is one read at most). Back-pressure: a side reads while the other is writable.
 * Closing: the end of one direction is passed on when all before it is written; the session ends when both directions
 * have, or either connection fails; then it writes one access-log entry.
 */
public final class TcpSession extends ChannelInboundHandlerAdapter implements Drainable, TcpDial.Waiter {
    private static final Logger log = LoggerFactory.getLogger(TcpSession.class);

    private final Live live;
    private final Worker worker;
    private final Program program;
    private final TcpProgram tcp;
    private final Downstream connection;
    private final boolean inbound;
    private final TcpAccount account;
    private final ArrayDeque<ByteBuf> early = new ArrayDeque<>();

    /** All below owned by {@link #worker}. */
    private @Nullable Channel down;

    private @Nullable TcpDial prepared;
    private @Nullable TcpDial dial;
    private @Nullable TcpPeer up;
    private boolean downEnded;
    private boolean upEnded;
    private boolean ended;
    private long lastMoved = System.nanoTime();

    /** @param prepared the connection to the host, begun or done already and this session's now; null: it dials itself */
    public TcpSession(
            Live live,
            Worker worker,
            Program program,
            Downstream connection,
            ListenerProgram listener,
            TcpProgram tcp,
            @Nullable TcpDial prepared) {
        this.prepared = prepared;
        this.inbound = Telemetry.atDestination(listener);
        this.live = live;
        this.worker = worker;
        this.program = program;
        this.tcp = tcp;
        this.connection = connection;
        this.account = new TcpAccount(
                live.telemetry(), inbound, program, tcp, connection, worker.epochMicros(connection.startNanos()));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        down = ctx.channel();
        worker.opened(this);
        // Nothing is read that could not be passed on.
        ctx.channel().config().setAutoRead(false);
        TcpDial by = prepared != null ? prepared : TcpDial.start(live, worker, program, connection, tcp);
        prepared = null;
        dial = by;
        account.dialling(by);
        by.await(this);
    }

    @Override
    public void connected(Dialled dialled) {
        account.connected(dialled);
        Channel channel = dialled.channel();
        if (ended) {
            channel.close();
            return;
        }
        TcpUpstream peer = new TcpUpstream(this, channel);
        channel.pipeline().addLast(peer);
        upstream(peer);
        FirstWords words = Objects.requireNonNull(dial).words();
        if (words != null) {
            words.passTo(this, channel);
        }
        resume();
    }

    @Override
    public void tunnelled(Tunnelled tunnel) {
        account.connected(tunnel.dialled());
        tunnel.serve(this);
        upstream(tunnel);
        resume();
    }

    @Override
    public void failed(Failure failure) {
        if (failure instanceof Failure.ConnectFailed connect) {
            account.entry().upstreamTransportFailureReason = connect.transport();
        }
        fail(failure);
    }

    private void upstream(TcpPeer peer) {
        up = peer;
        account.metrics();
        while (!early.isEmpty()) {
            peer.write(early.poll());
        }
        peer.flush();
        peer.reading(true);
        if (downEnded) {
            peer.shutdown();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        lastMoved = System.nanoTime();
        account.entry().bytesReceived += bytes.readableBytes();
        if (ended) {
            bytes.release();
        } else if (live.overload().exhausted()) {
            shed(bytes);
        } else if (up == null) {
            early.add(bytes);
        } else {
            Channel to = Objects.requireNonNull(dial).channel();
            if (to == null) {
                up.write(bytes);
                return;
            }
            int more = forward(bytes, ctx.channel(), to);
            if (!ended) {
                account.entry().bytesReceived += more;
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (up != null) {
            up.flush();
            resume();
        }
    }

    /** From the upstream; the buffer is this session's now. */
    void fromUpstream(ByteBuf bytes) {
        if (live.overload().exhausted()) {
            shed(bytes);
            return;
        }
        lastMoved = System.nanoTime();
        account.entry().bytesSent += bytes.readableBytes();
        Channel to = Objects.requireNonNull(down);
        Channel from = Objects.requireNonNull(dial).channel();
        if (from == null) {
            to.write(bytes, to.voidPromise());
            return;
        }
        int more = forward(bytes, from, to);
        if (!ended) {
            account.entry().bytesSent += more;
        }
    }

    /** @return bytes that went the same way behind these; after a failure the session is over */
    private int forward(ByteBuf bytes, Channel from, Channel to) {
        try {
            return Forwarding.forward(bytes, from, to, worker.splice());
        } catch (IOException e) {
            log.debug("connection from {}: {}", connection.remote(), e.toString());
            end(null);
            return 0;
        }
    }

    /** There is no room for what comes, nor time for what is queued. */
    private void shed(ByteBuf bytes) {
        bytes.release();
        Channel to = dial == null ? null : dial.channel();
        account.entry().connectionTerminationDetails = "overload";
        end(ResponseFlag.OVERLOAD_MANAGER);
        if (to != null) {
            to.close();
        }
        Objects.requireNonNull(down).close();
    }

    void upstreamReadComplete() {
        Objects.requireNonNull(down).flush();
        resume();
    }

    /** Lets each side read while the other can take it. */
    void resume() {
        if (ended || up == null || down == null) {
            return;
        }
        // A direction that has ended has nothing to be read.
        if (!downEnded) {
            down.config().setAutoRead(up.isWritable());
        }
        if (!upEnded) {
            up.reading(down.isWritable());
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        writabilityChanged(ctx.channel());
    }

    /** When it cannot be written to any more, the end of the read that filled it says so: most are flushed by then. */
    void writabilityChanged(Channel channel) {
        if (channel.isWritable()) {
            resume();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (HalfClose.isEnd(event) && !downEnded) {
            downEnded = true;
            if (up != null) {
                up.shutdown();
            }
            endWhenBothDid();
        }
    }

    void upstreamEnded() {
        if (!upEnded) {
            upEnded = true;
            HalfClose.after(Objects.requireNonNull(down));
            endWhenBothDid();
        }
    }

    private void endWhenBothDid() {
        if (downEnded && upEnded) {
            end(null);
        }
    }

    void upstreamClosed() {
        end(upEnded || downEnded ? null : ResponseFlag.UPSTREAM_CONNECTION_TERMINATION);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(up == null ? ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION : null);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("connection from {}: {}", connection.remote(), cause.toString());
        end(null);
    }

    private void fail(Failure failure) {
        if (!ended) {
            account.entry().responseCodeDetails = failure.details();
            log.info(
                    "{} → {}: cluster {}: {} {}",
                    connection.remote(),
                    connection.destination(),
                    account.entry().upstreamCluster,
                    failure.flag() == null ? "" : failure.flag().shortName(),
                    failure instanceof Failure.ConnectFailed connect ? connect.reason() : failure.details());
        }
        end(failure.flag());
    }

    private void end(@Nullable ResponseFlag flag) {
        if (ended) {
            return;
        }
        ended = true;
        worker.closed(this);
        early.forEach(ByteBuf::release);
        early.clear();
        if (dial != null) {
            dial.end();
        }
        account.end(flag);
        close(dial == null ? null : dial.channel());
        close(down);
    }

    private static void close(@Nullable Channel channel) {
        if (channel != null && channel.isOpen()) {
            // What is still queued goes out before the end.
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> channel.close());
        }
    }

    @Override
    public void tick(long now) {
        if (up != null) {
            account.tick(now);
        }
        long idle = tcp.config().idleTimeout().toNanos();
        if (idle > 0 && now - lastMoved > idle) {
            account.entry().connectionTerminationDetails = "tcp_session_idle_timeout";
            end(ResponseFlag.STREAM_IDLE_TIMEOUT);
            return;
        }
        long longest = tcp.config().maxDuration().toNanos();
        if (longest > 0 && now - connection.startNanos() > longest) {
            account.entry().connectionTerminationDetails = "max_connection_duration_reached";
            end(ResponseFlag.DURATION_TIMEOUT);
        }
    }

    /** A TCP session has no good end to offer: it goes on until the deadline. */
    @Override
    public void drain() {}

    @Override
    public boolean inbound() {
        return inbound;
    }

    @Override
    public void closeNow() {
        end(null);
    }
}
