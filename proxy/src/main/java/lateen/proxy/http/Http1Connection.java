package lateen.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import lateen.proxy.Failure;
import lateen.proxy.connection.Downstream;
import lateen.proxy.http1.BodyError;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.BodyProgress;
import lateen.proxy.http1.BodyReader;
import lateen.proxy.http1.HeadError;
import lateen.proxy.http1.HeadParser;
import lateen.proxy.http1.HeadProgress;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.MessageWriter;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Trailers;
import lateen.proxy.loop.Drainable;
import lateen.proxy.loop.Worker;
import lateen.proxy.program.ChainProgram;
import lateen.proxy.program.HttpProgram;
import lateen.proxy.program.ListenerProgram;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.proxy.program.Telemetry;
import org.jspecify.annotations.Nullable;

/**
 * A downstream HTTP/1 connection: takes requests apart, one after the other, and gives each to the {@link Exchange}.
 *
 * <p>Buffers: what is read is held until it is parsed; bytes that must wait (for an upstream connection, or for the
 * answer to the request before) are held, with reading off, so this is one read at most. Back-pressure: reading stops
 * while the upstream cannot take more. Closing: after the answer where either side wants it; a client that goes away
 * ends its exchange.
 */
public final class Http1Connection extends ChannelInboundHandlerAdapter implements Drainable, ClientStream {
    /** What is left of a refused request is read and dropped this long, so that the answer is not lost to a reset. */
    private static final long LINGER_NANOS = 1_000_000_000L;

    /** After this long without a request a connection lets go of what it can. More than a tick of the worker. */
    private static final long UNUSED_NANOS = 1_000_000_000L;

    /** After this long without a request a connection that is drained gently ends. */
    private static final long UNASKED_NANOS = 10_000_000_000L;

    private enum State {
        HEAD,
        /** The head is complete; where its body goes is not known yet. */
        AWAIT_UPSTREAM,
        BODY,
        /** The request is complete, its answer is not. */
        AWAIT_RESPONSE,
        TUNNEL,
        /** The last answer has been written. */
        LINGER
    }

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Worker worker;
    private final Manager manager;
    private final boolean inbound;
    private final RequestHead head = new RequestHead();
    private final boolean trailers;
    private final BodyReader body;
    private final HeadParser parser;
    private final MessageWriter toClient = new MessageWriter();
    private final Exchange exchange;
    private State state = State.HEAD;
    private @Nullable Channel channel;
    private ByteBuf held = Unpooled.EMPTY_BUFFER;
    private boolean processing;
    private boolean reading;
    private boolean draining;
    /** After the present request. */
    private boolean closing;

    private boolean throttled;
    private boolean gone;
    /** {@link System#nanoTime} since when nothing, or the present head or lingering, has been going on. */
    private long since = System.nanoTime();

    private boolean headBegun;

    public Http1Connection(
            Live live,
            Worker worker,
            Downstream connection,
            ListenerProgram listener,
            ChainProgram chain,
            HttpProgram http) {
        this.worker = worker;
        this.manager = new Manager(live, listener, chain, http);
        this.trailers = http.config().http1().enableTrailers();
        this.body = new BodyReader(trailers);
        this.inbound = Telemetry.atDestination(listener);
        this.parser = new HeadParser(head, http.limits());
        this.exchange = new Exchange(this, live, worker, connection, head, inbound);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        toClient.to(ctx.channel());
        worker.opened(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        reading = true;
        if (gone) {
            bytes.release();
            return;
        }
        if (held.isReadable()) {
            held = Unpooled.wrappedBuffer(held, bytes);
        } else {
            held.release();
            held = bytes;
        }
        process();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        exchange.flush();
    }

    /** Takes as much of {@link #held} as the state allows. */
    private void process() {
        if (processing) {
            return;
        }
        processing = true;
        try {
            boolean going = true;
            while (going && held.isReadable() && !gone) {
                going = switch (state) {
                    case HEAD -> head();
                    case BODY -> body();
                    case TUNNEL -> tunnel();
                    case LINGER -> drop();
                    case AWAIT_UPSTREAM, AWAIT_RESPONSE -> false;
                };
            }
        } finally {
            processing = false;
        }
        if (!held.isReadable()) {
            held.release();
            held = Unpooled.EMPTY_BUFFER;
        }
        applyReading();
    }

    private boolean head() {
        if (!headBegun) {
            headBegun = true;
            since = System.nanoTime();
            exchange.received(since);
        }
        return switch (parser.feed(held)) {
            case HeadProgress.NEED_MORE -> {
                if (!exchange.holdHead()) {
                    state = State.AWAIT_RESPONSE;
                    manager.http().counters().overloadRequests().increment();
                    exchange.refuse(manager.http(), new Failure.Overloaded());
                }
                yield true;
            }
            case HeadError error -> {
                state = State.AWAIT_RESPONSE;
                exchange.refuse(manager.http(), new Failure.BadRequest(error.status(), error.detail()));
                yield true;
            }
            case HeadProgress.COMPLETE -> {
                begin();
                yield true;
            }
        };
    }

    private void begin() {
        headBegun = false;
        Program program = manager.follow();
        BodyKind kind = head.bodyKind();
        body.start(kind == BodyKind.TUNNEL ? BodyKind.NONE : kind, head.contentLength());
        state = State.AWAIT_UPSTREAM;
        closing = !head.keepAlive() || ending() || manager.sheds();
        exchange.begin(program, manager.http(), kind);
    }

    private boolean ending() {
        return draining || manager.last();
    }

    private boolean body() {
        return switch (body.read(held, exchange::requestPayload)) {
            case BodyProgress.NEED_MORE -> true;
            case BodyProgress.DONE -> {
                state = State.AWAIT_RESPONSE;
                Trailers last = body.trailers();
                if (last != null) {
                    exchange.requestTrailers(last);
                }
                exchange.requestEnd();
                yield true;
            }
            case BodyError error -> {
                exchange.fail(new Failure.BadRequest(error.status(), error.detail()));
                yield true;
            }
        };
    }

    private boolean tunnel() {
        ByteBuf all = held;
        held = Unpooled.EMPTY_BUFFER;
        exchange.requestPayload(all);
        return false;
    }

    private boolean drop() {
        held.skipBytes(held.readableBytes());
        return false;
    }

    @Override
    public void upstreamReady() {
        if (body.done()) {
            state = State.AWAIT_RESPONSE;
            exchange.requestEnd();
        } else {
            state = State.BODY;
        }
        process();
    }

    @Override
    public void tunnelling() {
        state = State.TUNNEL;
        process();
    }

    @Override
    public boolean requestComplete() {
        return body.done();
    }

    @Override
    public void continueBody() {
        toClient.raw(CONTINUE);
    }

    @Override
    public void interim(ResponseHead response) {
        if (head.minorVersion() == 1) {
            toClient.interim(response);
        }
    }

    @Override
    public void head(ResponseHead response, BodyKind kind) {
        boolean http10 = head.minorVersion() == 0;
        boolean chunked = Framing.towardsClient(response, kind, http10);
        boolean tunnel = kind == BodyKind.TUNNEL;
        closing |= tunnel || ending() || Framing.endsWithClose(kind, http10);
        if (!tunnel) {
            Answers.connection(response, closing, http10);
        }
        toClient.head(response, chunked);
    }

    @Override
    public void payload(ByteBuf piece) {
        toClient.payload(piece);
    }

    /** As in Envoy, dropped where they are not asked for: a client of HTTP/1 that wants them is rare. */
    @Override
    public void answerTrailers(HeaderLines lines) {
        if (trailers) {
            toClient.trailers(lines);
        }
    }

    @Override
    public void end() {
        toClient.end();
    }

    @Override
    public void flush() {
        toClient.flush();
    }

    @Override
    public boolean isWritable() {
        return Objects.requireNonNull(channel).isWritable();
    }

    @Override
    public boolean reading() {
        return reading;
    }

    @Override
    public void closeAfter() {
        closing = true;
    }

    @Override
    public void throttle(boolean stop) {
        if (throttled != stop) {
            throttled = stop;
            applyReading();
        }
    }

    private void applyReading() {
        if (channel != null) {
            channel.config().setAutoRead(!throttled && !held.isReadable());
        }
    }

    @Override
    public void exchangeOver(long now) {
        boolean close = closing || !body.done();
        if (close || !reading) {
            toClient.flush();
        }
        Channel to = Objects.requireNonNull(channel);
        throttled = false;
        if (gone) {
            return;
        }
        if (!close) {
            parser.reset();
            if (!exchange.holdHead()) {
                head.shrink();
            }
            state = State.HEAD;
            since = now;
            process();
            return;
        }
        boolean unread = !body.done() || held.isReadable() || headBegun;
        state = State.LINGER;
        head.shrink();
        since = now;
        if (unread && to.pipeline().get(SslHandler.class) == null) {
            to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> ((DuplexChannel) to).shutdownOutput());
            process();
        } else {
            to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> to.close());
        }
    }

    @Override
    public void abort() {
        toClient.flush();
        gone = true;
        Channel to = Objects.requireNonNull(channel);
        if (to.isOpen()) {
            // With a reset, not an orderly end: an answer without length would else look complete.
            to.config().setOption(ChannelOption.SO_LINGER, 0);
            to.close();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        exchange.downstreamWritable(ctx.channel().isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent || event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        over();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        over();
        ctx.close();
    }

    private void over() {
        if (!gone) {
            gone = true;
            exchange.clientGone();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        over();
        exchange.release();
        toClient.release();
        worker.closed(this);
        held.release();
        held = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void tick(long now) {
        switch (state) {
            case HEAD -> {
                long limit = headBegun
                        ? manager.http().config().requestHeadersTimeout().toNanos()
                        : manager.http().config().idleTimeout().toNanos();
                if (limit > 0 && now - since > limit) {
                    if (headBegun) {
                        state = State.AWAIT_RESPONSE;
                        exchange.refuse(manager.http(), new Failure.BadRequest(408, "request_header_timeout"));
                        exchange.flush();
                    } else {
                        closeNow();
                    }
                } else if (draining && !headBegun && now - since > UNASKED_NANOS) {
                    closeNow();
                } else if (!headBegun && now - since > UNUSED_NANOS) {
                    head.shrink();
                    exchange.holdHead();
                    exchange.idle();
                }
            }
            case LINGER -> {
                if (now - since > LINGER_NANOS) {
                    closeNow();
                }
            }
            case AWAIT_UPSTREAM, AWAIT_RESPONSE, BODY, TUNNEL -> exchange.tick(now);
        }
    }

    @Override
    public void drainGently() {
        draining = true;
        since = state == State.HEAD && !headBegun ? System.nanoTime() : since;
    }

    @Override
    public void drain() {
        draining = true;
        if (state == State.HEAD && !headBegun) {
            closeNow();
        }
    }

    @Override
    public boolean inbound() {
        return inbound;
    }

    @Override
    public void closeNow() {
        if (channel != null) {
            channel.close();
        }
    }
}
