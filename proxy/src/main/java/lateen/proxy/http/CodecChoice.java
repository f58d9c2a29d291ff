package lateen.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.nio.charset.StandardCharsets;
import lateen.proxy.connection.Downstream;
import lateen.proxy.loop.Drainable;
import lateen.proxy.loop.Worker;
import lateen.proxy.program.ChainProgram;
import lateen.proxy.program.HttpProgram;
import lateen.proxy.program.ListenerProgram;
import lateen.proxy.program.Live;
import lateen.proxy.program.Telemetry;
import lateen.proxy.tls.TlsFacts;
import org.jspecify.annotations.Nullable;

/**
 * Which version of HTTP a connection speaks: what is configured, else what TLS negotiated, else what its first bytes
 * say, as in Envoy's {@code codec_type: AUTO}. As a handler it waits for those bytes, and is replaced then.
 */
public final class CodecChoice extends ChannelInboundHandlerAdapter implements Drainable {
    /** The beginning of HTTP/2's connection preface, by which Envoy knows it too (RFC 9113 section 3.4). */
    private static final byte[] PREFACE = "PRI * HTTP/2".getBytes(StandardCharsets.US_ASCII);

    private final Live live;
    private final Worker worker;
    private final Downstream connection;
    private final ListenerProgram listener;
    private final ChainProgram chain;
    private final HttpProgram http;
    private final long since = System.nanoTime();
    private ByteBuf held = Unpooled.EMPTY_BUFFER;
    private @Nullable Channel channel;

    private CodecChoice(
            Live live,
            Worker worker,
            Downstream connection,
            ListenerProgram listener,
            ChainProgram chain,
            HttpProgram http) {
        this.live = live;
        this.worker = worker;
        this.connection = connection;
        this.listener = listener;
        this.chain = chain;
        this.http = http;
    }

    /** The last handler of a connection that this chain takes. */
    public static ChannelInboundHandler of(
            Live live,
            Worker worker,
            Downstream connection,
            ListenerProgram listener,
            ChainProgram chain,
            HttpProgram http) {
        CodecChoice choice = new CodecChoice(live, worker, connection, listener, chain, http);
        TlsFacts tls = connection.tls();
        String negotiated = tls == null ? "" : tls.alpn();
        return switch (http.config().codec()) {
            case HTTP1 -> choice.codec(false);
            case HTTP2 -> choice.codec(true);
            case AUTO ->
                switch (negotiated) {
                    case "h2" -> choice.codec(true);
                    case "http/1.1", "http/1.0" -> choice.codec(false);
                    // Of Istio's own names, which say nothing of the version.
                    default -> choice;
                };
        };
    }

    private ChannelInboundHandler codec(boolean http2) {
        return http2
                ? new Http2Connection(live, worker, connection, listener, chain, http)
                : new Http1Connection(live, worker, connection, listener, chain, http);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        ctx.channel().config().setAutoRead(true);
        worker.opened(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        ByteBuf bytes = (ByteBuf) message;
        if (held.isReadable()) {
            ByteBuf both = ctx.alloc().buffer(held.readableBytes() + bytes.readableBytes());
            both.writeBytes(held).writeBytes(bytes);
            held.release();
            bytes.release();
            held = both;
        } else {
            held = bytes;
        }
        int seen = Math.min(PREFACE.length, held.readableBytes());
        for (int i = 0; i < seen; i++) {
            if (held.getByte(held.readerIndex() + i) != PREFACE[i]) {
                hand(ctx, codec(false));
                return;
            }
        }
        if (seen == PREFACE.length) {
            hand(ctx, codec(true));
        }
    }

    private void hand(ChannelHandlerContext ctx, ChannelInboundHandler to) throws Exception {
        ByteBuf all = held;
        held = Unpooled.EMPTY_BUFFER;
        ctx.pipeline().replace(this, "serve", to);
        ChannelHandlerContext next = ctx.pipeline().context(to);
        if (next != null) {
            // The end of the read follows from the channel.
            to.channelRead(next, all);
        } else {
            all.release();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent || event instanceof ChannelInputShutdownEvent) {
            // The client's end before it has said what it speaks.
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        worker.closed(this);
        held.release();
        held = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void tick(long now) {
        long limit = http.config().idleTimeout().toNanos();
        if (limit > 0 && now - since > limit) {
            closeNow();
        }
    }

    /** What follows is told when it is there. */
    @Override
    public void drainGently() {}

    @Override
    public void drain() {
        if (!held.isReadable()) {
            closeNow();
        }
    }

    @Override
    public boolean inbound() {
        return Telemetry.atDestination(listener);
    }

    @Override
    public void closeNow() {
        if (channel != null) {
            channel.close();
        }
    }
}
