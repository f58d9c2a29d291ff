package lateen.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannelConfig;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import lateen.proxy.connection.Downstream;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.MalformedHead;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http2.Complaint;
import lateen.proxy.http2.ErrorCode;
import lateen.proxy.http2.Http2Session;
import lateen.proxy.http2.Http2Stream;
import lateen.proxy.http2.SessionEvents;
import lateen.proxy.http2.StreamEvents;
import lateen.proxy.loop.Drainable;
import lateen.proxy.loop.Worker;
import lateen.proxy.program.ChainProgram;
import lateen.proxy.program.HttpProgram;
import lateen.proxy.program.ListenerProgram;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.proxy.program.Telemetry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A downstream HTTP/2 connection: the engine in {@link lateen.proxy.http2} takes it apart, each stream is a {@link
 * Http2ClientStream}. What streams gave to hosts' connections is sent once for each read.
 *
 * <p>Closing: GOAWAY first where there is time for it; the connection ends after its last stream.
 */
public final class Http2Connection extends ChannelInboundHandlerAdapter implements Drainable, SessionEvents {
    private static final Logger log = LoggerFactory.getLogger(Http2Connection.class);

    /** After this long without a request a connection lets go of what it can. More than a tick of the worker. */
    private static final long UNUSED_NANOS = 1_000_000_000L;

    /** How long the client may take to hear that it shall open no more streams. Envoy: {@code drain_timeout}. */
    private static final long DRAIN_NANOS = 5_000_000_000L;

    private final Live live;
    private final Worker worker;
    private final Downstream facts;
    private final ListenerProgram listener;
    private final Manager manager;
    private final List<Http2ClientStream> open = new ArrayList<>();
    /** Streams that something came for in the present read. */
    private final List<Http2ClientStream> touched = new ArrayList<>();

    private @Nullable Http2Session session;
    private boolean reading;
    /** Bytes of a header block as they were counted last. */
    private int heldHead;

    private boolean trimmed;
    private boolean draining;
    /** {@link System#nanoTime} when {@link #draining} began. */
    private long drainingSince;
    /** {@link System#nanoTime} since when there is no stream. */
    private long idleSince = System.nanoTime();

    public Http2Connection(
            Live live,
            Worker worker,
            Downstream facts,
            ListenerProgram listener,
            ChainProgram chain,
            HttpProgram http) {
        this.live = live;
        this.worker = worker;
        this.facts = facts;
        this.listener = listener;
        this.manager = new Manager(live, listener, chain, http);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Channel to = ctx.channel();
        ((EpollSocketChannelConfig) to.config()).setAllowHalfClosure(false);
        to.config().setAutoRead(true);
        Http2Session started = new Http2Session(
                false,
                facts.tls() != null,
                manager.http().config().http2(),
                manager.http().limits(),
                to,
                this);
        session = started;
        worker.opened(this);
        started.start();
        started.flush();
    }

    private Http2Session session() {
        return Objects.requireNonNull(session);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        reading = true;
        session().feed((ByteBuf) message);
        int size = session().heldHead();
        if (size != heldHead) {
            heldHead(size);
        }
    }

    private void heldHead(int size) {
        if (live.overload().heads().resize(heldHead, size)) {
            heldHead = size;
        } else {
            manager.http().counters().overloadRequests().increment();
            session().close(ErrorCode.ENHANCE_YOUR_CALM);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).flushUpstream();
        }
        touched.clear();
        session().flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        session().writabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent || event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        session().inactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("connection from {} ended: {}", facts.remote(), cause.toString());
        ctx.close();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        session().inactive();
        heldHead(0);
        worker.closed(this);
    }

    @Override
    public StreamEvents opened(Http2Stream stream) {
        if (!live.overload().enterStream()) {
            manager.http().counters().overloadRequests().increment();
            stream.reset(ErrorCode.REFUSED_STREAM);
            return StreamEvents.NOBODY;
        }
        if (stream.attached() instanceof Http2ClientStream known) {
            known.reset();
            return known;
        }
        Http2ClientStream fresh = new Http2ClientStream(this, stream);
        stream.attach(fresh);
        return fresh;
    }

    /** A stream that was {@link #opened} has ended. */
    void left() {
        live.overload().leaveStream();
    }

    /** The exchange of a stream's requests, one after the other. */
    Exchange exchange(ClientStream of, RequestHead head) {
        return new Exchange(of, live, worker, facts.forStream(), head, Telemetry.atDestination(listener));
    }

    void begin(Exchange exchange, BodyKind kind) {
        Program program = manager.follow();
        exchange.begin(program, manager.http(), kind);
        if (manager.last() || manager.sheds()) {
            startDrain();
        }
    }

    HttpProgram manager() {
        return manager.http();
    }

    void began(Http2ClientStream stream) {
        trimmed = false;
        open.add(stream);
    }

    void ended(Http2ClientStream stream) {
        open.remove(stream);
        if (open.isEmpty()) {
            idleSince = System.nanoTime();
        }
    }

    void touched(Http2ClientStream stream) {
        if (touched.isEmpty() || touched.getLast() != stream) {
            touched.add(stream);
        }
    }

    boolean reading() {
        return reading;
    }

    void flush() {
        session().flush();
    }

    @Override
    public void capacity() {}

    @Override
    public void goaway(int lastStreamId, long code) {}

    @Override
    public void ended(long code, Complaint complaint) {
        if (complaint != Complaint.NONE) {
            log.info("HTTP/2 connection from {} ended: {}", facts.remote(), complaint.text());
        }
    }

    @Override
    public void complained(int streamId, Complaint complaint, @Nullable MalformedHead head) {
        log.debug(
                "HTTP/2 stream {} from {}: {}{}",
                streamId,
                facts.remote(),
                complaint.text(),
                head == null ? "" : ": " + head);
    }

    @Override
    public void tick(long now) {
        session().tick(now);
        if (draining && now - drainingSince > DRAIN_NANOS) {
            session().endDrain();
        }
        if (session().activeStreams() > open.size()) {
            session().endStalled(now, flushLimit());
        }
        if (open.isEmpty()) {
            long limit = manager.http().config().idleTimeout().toNanos();
            if (limit > 0 && now - idleSince > limit) {
                drain();
            } else if (!trimmed && now - idleSince > UNUSED_NANOS) {
                trimmed = true;
                session().trim();
            }
            return;
        }
        for (Http2ClientStream each : open.toArray(new Http2ClientStream[0])) {
            each.tick(now);
        }
    }

    /** How long a client may leave the rest of an answer unread that is complete here. */
    private long flushLimit() {
        var config = manager.http().config();
        return (config.streamIdleTimeout().isZero() ? config.idleTimeout() : config.streamIdleTimeout()).toNanos();
    }

    @Override
    public void drain() {
        startDrain();
        session().flush();
    }

    private void startDrain() {
        if (!draining) {
            draining = true;
            drainingSince = System.nanoTime();
            session().drain();
        }
    }

    @Override
    public boolean inbound() {
        return Telemetry.atDestination(listener);
    }

    @Override
    public void closeNow() {
        session().close(ErrorCode.NO_ERROR);
    }
}
