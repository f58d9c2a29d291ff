package lateen.proxy.connection;

import lateen.decision.net.SocketAddr;
import lateen.proxy.cluster.Host;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * What an access log can say about the end of a request or connection. Filled on the way, read once at the end, on the
 * connection's loop; the heads are only there for HTTP and only valid during the write.
 */
public final class Exit {
    public final Downstream connection;
    /** Envoy's response flag; empty: none. */
    public String flag = "";

    public String details = "";
    public String termination = "";
    public String transportFailure = "";
    /** 0: none was sent, or no HTTP. */
    public int status;

    public long bytesReceived;
    public long bytesSent;
    /** {@link System#nanoTime} of the first byte (HTTP) or of the accept (TCP). */
    public long startNanos;

    public long endNanos;
    /** Milliseconds from request sent to response head; -1: there was none. */
    public long upstreamServiceMillis = -1;

    public @Nullable Host host;
    public String cluster = "";
    public @Nullable SocketAddr upstreamLocal;
    public String route = "";
    public @Nullable RequestHead request;
    public @Nullable ResponseHead response;
    /** Index of the worker, for striped counters. */
    public int worker;

    public Exit(Downstream connection) {
        this.connection = connection;
        this.startNanos = connection.startNanos();
    }

    /** Makes it ready for the next request of the same connection. */
    public void reset(long now) {
        flag = "";
        details = "";
        termination = "";
        transportFailure = "";
        status = 0;
        bytesReceived = 0;
        bytesSent = 0;
        startNanos = now;
        endNanos = 0;
        upstreamServiceMillis = -1;
        host = null;
        cluster = "";
        upstreamLocal = null;
        route = "";
    }
}
