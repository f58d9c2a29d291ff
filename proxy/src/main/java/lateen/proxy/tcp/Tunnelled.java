package lateen.proxy.tcp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import lateen.proxy.Failure;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.pool.Dialled;
import lateen.proxy.pool.HostPool;
import lateen.proxy.pool.HostStream;
import lateen.proxy.program.TcpProgram;
import org.jspecify.annotations.Nullable;

/**
 * A session's bytes within a CONNECT to the host (HBONE, with mTLS), or within the bodies of a POST and its answer.
 * Envoy: {@code TunnelingConfig}. Owned by the connection's loop.
 */
final class Tunnelled implements TcpPeer, HostPool.Waiter, HostStream.Receiver {
    private static final byte[] CONNECT = "CONNECT".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] POST = "POST".getBytes(StandardCharsets.US_ASCII);

    private final TcpProgram.Tunnel how;
    private final String hostname;
    private final TcpDial dial;
    private @Nullable HostPool pool;
    private @Nullable HostStream stream;
    private @Nullable TcpSession session;
    private boolean opened;
    private boolean closed;
    private boolean ended;
    private boolean hostEnded;

    /** @param dial told once whether the tunnel came about */
    Tunnelled(TcpProgram.Tunnel how, String hostname, TcpDial dial) {
        this.how = how;
        this.hostname = hostname;
        this.dial = dial;
    }

    void open(HostPool through) {
        pool = through;
        through.acquire(this, System.nanoTime());
    }

    /** Whose bytes these are. To be called from {@link TcpDial#opened}. */
    void serve(TcpSession by) {
        session = by;
    }

    Dialled dialled() {
        return stream().dialled();
    }

    private HostStream stream() {
        return Objects.requireNonNull(stream);
    }

    @Override
    public void ready(HostStream connected, boolean reused) {
        stream = connected;
        RequestHead head = new RequestHead();
        byte[] path = how.config().usePost() ? how.config().postPath().getBytes(StandardCharsets.UTF_8) : new byte[0];
        head.start(how.config().usePost() ? POST : CONNECT, path, hostname.getBytes(StandardCharsets.UTF_8));
        how.headers().apply(head);
        connected.send(head, how.config().usePost() ? BodyKind.CHUNKED : BodyKind.TUNNEL, this);
        connected.flush();
    }

    @Override
    public void failed(Failure failure) {
        closed = true;
        dial.refused(failure);
    }

    @Override
    public void head(ResponseHead response, BodyKind kind) {
        if (response.interim()) {
            return;
        }
        if (response.status() >= 200 && response.status() < 300) {
            opened = true;
            dial.opened(this);
        } else {
            String said = "the tunnel to '" + hostname + "' was answered with " + response.status();
            close();
            dial.refused(new Failure.ConnectFailed(said, "", false));
        }
    }

    @Override
    public void payload(ByteBuf slice) {
        TcpSession to = session;
        if (to == null) {
            slice.release();
        } else {
            to.fromUpstream(slice);
        }
    }

    @Override
    public void trailers(HeaderLines trailers) {}

    @Override
    public void end() {
        hostEnded = true;
        if (session != null) {
            session.upstreamEnded();
        }
    }

    @Override
    public void readComplete() {
        if (session != null) {
            session.upstreamReadComplete();
        }
    }

    @Override
    public void writable() {
        if (session != null) {
            session.resume();
        }
    }

    @Override
    public void broken(HostStream.Broken why) {
        close();
        if (!opened) {
            dial.refused(new Failure.UpstreamReset(false));
        } else if (session != null) {
            session.upstreamClosed();
        }
    }

    @Override
    public void write(ByteBuf bytes) {
        if (closed) {
            bytes.release();
        } else {
            stream().payload(bytes);
        }
    }

    @Override
    public void flush() {
        if (!closed) {
            stream().flush();
        }
    }

    @Override
    public boolean isWritable() {
        return closed || stream().isWritable();
    }

    @Override
    public void reading(boolean on) {
        if (!closed) {
            stream().reading(on);
        }
    }

    @Override
    public void shutdown() {
        if (!closed) {
            ended = true;
            stream().end();
            stream().flush();
        }
    }

    /** The session is over, or was never to be. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        HostStream over = stream;
        if (over == null) {
            if (pool != null) {
                pool.cancel(this);
            }
        } else {
            over.release(ended && hostEnded, System.nanoTime());
        }
    }
}
