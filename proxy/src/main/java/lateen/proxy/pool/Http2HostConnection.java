package lateen.proxy.pool;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.Http2Options;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http2.Complaint;
import lateen.proxy.http2.ErrorCode;
import lateen.proxy.http2.Http2Session;
import lateen.proxy.http2.Http2Stream;
import lateen.proxy.http2.SessionEvents;
import lateen.proxy.http2.StreamEvents;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/2 connection to a host, shared by as many requests as the host lets it carry. It ends after its last stream
 * when the host, its age or its pool say so.
 */
final class Http2HostConnection extends ChannelInboundHandlerAdapter implements SessionEvents {
    private static final Logger log = LoggerFactory.getLogger(Http2HostConnection.class);

    private final Http2Pool pool;
    private final Breakers breakers;
    private final Dialled dialled;
    private final Http2Session session;
    /** Streams that something came for in the present read. */
    private final List<Http2HostStream> touched = new ArrayList<>();

    private boolean retired;
    private boolean gone;
    private boolean told;
    private long carried;
    private final long openedAt = System.nanoTime();
    private long idleSince = openedAt;

    Http2HostConnection(Http2Pool pool, Breakers breakers, Dialled dialled, Http2Options options) {
        this.pool = pool;
        this.breakers = breakers;
        this.dialled = dialled;
        this.session =
                new Http2Session(true, dialled.tls() != null, options, HeadLimits.DEFAULT, dialled.channel(), this);
    }

    void start() {
        session.start();
    }

    /** A stream for one request; null: the host takes no more, for now or at all. */
    @Nullable
    Http2HostStream open() {
        if (retired || gone || !session.canOpen()) {
            return null;
        }
        Http2Stream stream = session.open();
        if (stream == null) {
            return null;
        }
        carried++;
        if (stream.attached() instanceof Http2HostStream known) {
            known.reset();
            stream.attach(known);
            return known;
        }
        Http2HostStream fresh = new Http2HostStream(this, stream);
        stream.attach(fresh);
        return fresh;
    }

    /** No more requests; those that are open may end, and then the connection does. */
    void retire() {
        retired = true;
        endIfUnused();
    }

    boolean usable() {
        return !retired && !gone;
    }

    private void endIfUnused() {
        if (retired && !gone && session.activeStreams() == 0) {
            session.close(ErrorCode.NO_ERROR);
        }
    }

    Dialled dialled() {
        return dialled;
    }

    long openedAt() {
        return openedAt;
    }

    long carried() {
        return carried;
    }

    boolean gone() {
        return gone;
    }

    boolean idle() {
        return session.activeStreams() == 0;
    }

    long idleSince() {
        return idleSince;
    }

    void flush() {
        session.flush();
    }

    void tick(long now) {
        session.tick(now);
    }

    void trim() {
        session.trim();
    }

    void touched(Http2HostStream stream) {
        if (touched.isEmpty() || touched.getLast() != stream) {
            touched.add(stream);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        dialled.read();
        session.feed((ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).readComplete();
        }
        touched.clear();
        session.flush();
        endIfUnused();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        session.writabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent) {
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone = true;
        session.inactive();
        tell();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    @Override
    public StreamEvents opened(Http2Stream stream) {
        throw new IllegalStateException("a host opens no streams");
    }

    @Override
    public void capacity() {
        if (session.activeStreams() == 0) {
            idleSince = System.nanoTime();
        }
        pool.serveWaiting();
    }

    @Override
    public void goaway(int lastStreamId, long code) {
        retired = true;
        pool.serveWaiting();
    }

    @Override
    public void ended(long code, Complaint complaint) {
        if (complaint != Complaint.NONE) {
            log.info("HTTP/2 connection to {} ended: {}", pool.host, complaint.text());
        }
        gone = true;
        tell();
    }

    private void tell() {
        if (!told) {
            told = true;
            pool.gone(this, breakers);
        }
    }
}
