package lateen.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Objects;
import lateen.proxy.Failure;
import lateen.proxy.accesslog.LogEntry;
import lateen.proxy.loop.Drainable;
import lateen.proxy.program.ChainProgram;
import lateen.proxy.program.Telemetry;
import lateen.proxy.tls.ServerTls;
import lateen.proxy.tls.TlsFacts;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection's way into the chain that was chosen: TLS → authorization ({@link Admission}) → terminal handler, which
 * replaces this one ({@link HandOver}).
 *
 * <p>Buffers: what the client said before is held and goes into TLS, or to the terminal handler. Closing: a connection
 * that fails its handshake or its authorization is closed, with one access-log entry.
 */
final class ChainEntry extends ChannelInboundHandlerAdapter implements Drainable, Admission.Outcome {
    private static final Logger log = LoggerFactory.getLogger(ChainEntry.class);

    private final Arrived arrived;
    private final ChainProgram chain;
    private final HeldBytes held;
    private final @Nullable ServerFirst race;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Admission admission;
    /** Asked for until TLS begins; null: not wanted. */
    private @Nullable RequiredName name;

    private boolean refused;
    private boolean gone;
    /** The client has said all, while it waited. */
    private boolean inputEnded;

    /**
     * @param held sent by the client until now; this handler's from now on
     * @param race with a connection to a host that may serve this chain, to be taken or abandoned; null: none
     */
    ChainEntry(Arrived arrived, ChainProgram chain, HeldBytes held, boolean inputEnded, @Nullable ServerFirst race) {
        this.race = race;
        this.arrived = arrived;
        this.chain = chain;
        this.held = held;
        this.inputEnded = inputEnded;
    }

    /** Once it is in the pipeline. */
    void begin() {
        if (race != null && race.admittedTo(chain)) {
            admitted();
        } else if (chain.tls() == null) {
            authorize();
        } else {
            secure(chain.tls());
        }
    }

    private void secure(ServerTls tls) {
        ChannelHandlerContext ctx = Objects.requireNonNull(context);
        long timeout = arrived.live().settings().tlsHandshakeTimeout().toMillis();
        if (tls.requiresServerName()) {
            if (name == null) {
                name = new RequiredName(arrived.worker(), timeout, this::failed);
            }
            if (!name.isThere(ctx, held.peek())) {
                return;
            }
        }
        SslHandler handler = tls.handler(ctx.alloc(), timeout);
        if (handler == null) {
            log.warn("listener {}: {} has not arrived: connection closed", arrived.acceptedBy(), tls.missing());
            refuse(TurnedAway.because("tls_secret_missing", tls.missing() + " has not arrived"));
            return;
        }
        name = null;
        ByteBuf hello = held.take();
        // TLS comes before everything else: all that follows sees plaintext and a verified peer.
        ctx.pipeline().addBefore(ctx.name(), "tls", handler);
        ctx.pipeline().fireChannelRead(hello);
        ctx.pipeline().fireChannelReadComplete();
    }

    private void secured(ChannelHandlerContext ctx, SslHandshakeCompletionEvent handshake) {
        if (handshake.isSuccess()) {
            arrived.listener().counters().handshakes().increment();
            arrived.connection()
                    .secured(
                            TlsFacts.of(ctx.pipeline().get(SslHandler.class)),
                            chain.config().tls() != null
                                    && chain.config().tls().validation().trustSecret() != null);
            authorize();
            return;
        }
        failed(TlsFacts.diagnosis(handshake.cause()));
    }

    private void failed(String said) {
        arrived.listener().counters().handshakeErrors().increment();
        log.warn(
                "listener {}, chain {}: TLS with {} failed: {}",
                arrived.acceptedBy(),
                chain.config().name(),
                arrived.connection().remote(),
                said);
        refuse(TurnedAway.because("tls_handshake_failed", "TLS error: " + said));
    }

    private void authorize() {
        admission = new Admission(
                arrived.live(), arrived.worker(), arrived.program(), arrived.connection(), chain.authorization(), this);
        admission.start();
    }

    /** Nothing is read while the server decides, and nothing is sent: not even to a protocol where it speaks first. */
    @Override
    public void asking() {
        Objects.requireNonNull(context).channel().config().setAutoRead(false);
    }

    @Override
    public void admitted() {
        ChannelHandlerContext ctx = Objects.requireNonNull(context);
        if (gone) {
            return;
        }
        if (!inputEnded) {
            ctx.channel().config().setAutoRead(true);
        }
        arrived.worker().closed(this);
        try {
            HandOver.replace(ctx, arrived, chain, race == null ? null : race.take(), held.take(), inputEnded);
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
    }

    @Override
    public void denied(Failure failure) {
        refuse(TurnedAway.denied(failure));
    }

    private void refuse(LogEntry entry) {
        if (!refused) {
            refused = true;
            arrived.refuse(Objects.requireNonNull(context), entry, chain);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        arrived.worker().opened(this);
    }

    /** Plaintext that came early out of TLS, or the connection is being closed. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        held.add(ctx.alloc(), (ByteBuf) message);
        if (name != null && chain.tls() != null) {
            secure(chain.tls());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            secured(ctx, handshake);
        } else if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone = true;
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A failed handshake has been told already, by its event.
        log.debug("listener {}: connection ended before it was served: {}", arrived.acceptedBy(), cause.toString());
        ctx.close();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        gone = true;
        if (name != null) {
            name.stop();
        }
        if (admission != null) {
            admission.cancel();
        }
        if (race != null) {
            race.abandon();
        }
        arrived.worker().closed(this);
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
        // The handshake has a timer of its own.
    }

    @Override
    public boolean inbound() {
        return Telemetry.atDestination(arrived.listener());
    }

    @Override
    public void closeNow() {
        if (context != null) {
            context.close();
        }
    }
}
