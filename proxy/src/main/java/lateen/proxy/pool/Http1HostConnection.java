package lateen.proxy.pool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.http1.BodyError;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.BodyProgress;
import lateen.proxy.http1.BodyReader;
import lateen.proxy.http1.BodyResult;
import lateen.proxy.http1.HeadError;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.HeadParser;
import lateen.proxy.http1.HeadProgress;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.MessageWriter;
import lateen.proxy.http1.Protocol;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.http1.Trailers;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1 connection to a host, carrying one exchange at a time; it parses the responses.
 *
 * <p>Buffers: each one read is released here; payload goes to the exchange as retained slices. Back-pressure: {@link
 * #reading}. Closing: the exchange is told when the connection ends under it; {@link #close} is the exchange's own wish
 * and tells nothing.
 */
final class Http1HostConnection extends ChannelInboundHandlerAdapter implements HostStream {
    private final Http1Pool pool;
    private final Breakers breakers;
    private final Channel channel;
    private final Dialled dialled;
    private final ResponseHead head = new ResponseHead();
    private final HeadParser parser = new HeadParser(head, HeadLimits.DEFAULT);
    private final boolean trailers;
    private final BodyReader body;
    private final MessageWriter toHost = new MessageWriter();
    private @Nullable Receiver receiver;
    private boolean inBody;
    private BodyKind kind = BodyKind.NONE;
    private boolean toHead;
    private boolean toConnect;
    private boolean keep;
    private boolean closed;
    private boolean gone;
    /** As {@link System#nanoTime}; set by the pool. */
    long idleSince;

    private final long openedAt = System.nanoTime();
    private long carried;

    Http1HostConnection(Http1Pool pool, Breakers breakers, Dialled dialled) {
        this.pool = pool;
        this.breakers = breakers;
        this.dialled = dialled;
        this.channel = dialled.channel();
        trailers = pool.cluster().config().http1().enableTrailers();
        body = new BodyReader(trailers);
        toHost.to(channel);
    }

    @Override
    public Dialled dialled() {
        return dialled;
    }

    long openedAt() {
        return openedAt;
    }

    /** Requests until now. */
    long carried() {
        return carried;
    }

    boolean usable() {
        return !closed && channel.isActive();
    }

    @Override
    public void send(RequestHead request, BodyKind kind, Receiver by) {
        receiver = by;
        toHead = request.isHead();
        toConnect = request.isConnect();
        inBody = false;
        keep = true;
        carried++;
        parser.reset();
        if (request.protocol() == Protocol.HTTP_2) {
            // In HTTP/1 it would belong to this connection.
            request.remove(KnownHeader.TE);
            if (request.upgrade()) {
                WebSocketKey.ask(request);
            }
        }
        boolean chunked = kind == BodyKind.CHUNKED;
        if (chunked && !request.chunked()) {
            request.frameChunked();
        }
        toHost.head(request, chunked);
    }

    @Override
    public void payload(ByteBuf piece) {
        toHost.payload(piece);
    }

    /** Dropped, as in Envoy, where they are not asked for: a server of HTTP/1 that wants them is rare. */
    @Override
    public void requestTrailers(HeaderLines lines) {
        if (trailers) {
            toHost.trailers(lines);
        }
    }

    @Override
    public void end() {
        if (kind == BodyKind.TUNNEL && inBody) {
            toHost.flush();
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> endOutput());
        } else {
            toHost.end();
        }
    }

    /** A tunnel's other direction may go on; not over TLS, whose engine ends both. */
    private void endOutput() {
        if (channel instanceof DuplexChannel duplex && dialled.tls() == null) {
            duplex.shutdownOutput();
        } else {
            channel.close();
        }
    }

    @Override
    public void flush() {
        toHost.flush();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public boolean answered() {
        return inBody || parser.started();
    }

    @Override
    public void reading(boolean on) {
        channel.config().setAutoRead(on);
    }

    @Override
    public void release(boolean reusable, long now) {
        receiver = null;
        if (reusable && keep && usable()) {
            reading(true);
            pool.offer(this, true, now);
        } else {
            close();
        }
    }

    @Override
    public void close() {
        receiver = null;
        closed = true;
        toHost.release();
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        dialled.read();
        try {
            while (in.isReadable()) {
                Receiver to = receiver;
                if (to == null) {
                    // Nobody asked: what follows could only be taken for the answer to the next request.
                    close();
                    return;
                }
                if (!(inBody ? body(in, to) : head(in, to))) {
                    return;
                }
            }
        } finally {
            in.release();
        }
    }

    @SuppressWarnings("ReferenceEquality") // whether the exchange has left meanwhile
    private boolean head(ByteBuf in, Receiver to) {
        return switch (parser.feed(in)) {
            case HeadProgress.NEED_MORE -> true;
            case HeadError error -> fail(error.name() + " in the response's head");
            case HeadProgress.COMPLETE -> {
                if (head.interim()) {
                    to.head(head, BodyKind.NONE);
                    parser.reset();
                    yield true;
                }
                if (carried == 1) {
                    pool.answered(head, dialled.readAt());
                }
                kind = head.bodyKind(toHead, toConnect);
                keep = head.keepAlive() && kind != BodyKind.UNTIL_CLOSE && kind != BodyKind.TUNNEL;
                inBody = true;
                body.start(kind, head.contentLength());
                to.head(head, kind);
                if (kind == BodyKind.NONE && receiver == to) {
                    to.end();
                }
                yield true;
            }
        };
    }

    @SuppressWarnings("ReferenceEquality") // whether the exchange has left meanwhile
    private boolean body(ByteBuf in, Receiver to) {
        BodyResult result = body.read(in, to::payload);
        return switch (result) {
            case BodyProgress.NEED_MORE -> true;
            case BodyProgress.DONE -> {
                Trailers last = body.trailers();
                if (last != null && receiver == to) {
                    to.trailers(last);
                }
                if (receiver == to) {
                    to.end();
                }
                yield true;
            }
            case BodyError error -> fail(error.name() + " in the response's body");
        };
    }

    private boolean fail(String problem) {
        Receiver to = receiver;
        close();
        if (to != null) {
            to.broken(new Broken(problem, Broken.Cause.PROTOCOL));
        }
        return false;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (receiver != null) {
            receiver.readComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (receiver != null && channel.isWritable()) {
            receiver.writable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent) {
            ended(ctx);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ended(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ended(ctx);
    }

    private void ended(ChannelHandlerContext ctx) {
        closed = true;
        toHost.release();
        ctx.close();
        if (!gone) {
            gone = true;
            pool.gone(this, breakers);
        }
        Receiver to = receiver;
        receiver = null;
        if (to == null) {
            return;
        }
        if (inBody && (kind == BodyKind.TUNNEL || body.endOfInput() == BodyProgress.DONE)) {
            to.end();
        } else {
            to.broken(Broken.ENDED);
        }
    }
}
