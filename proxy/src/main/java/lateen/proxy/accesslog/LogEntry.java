package lateen.proxy.accesslog;

import java.util.Arrays;
import lateen.decision.net.SocketAddr;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;
import lateen.decision.request.RequestView;
import lateen.proxy.connection.Downstream;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.tls.TlsFacts;
import org.jspecify.annotations.Nullable;

/**
 * The end of one request or TCP connection: its facts, filled as they become known, read by access logs and metrics. The event loop that fills it owns it until
 * {@link AccessLog#write}, which gives another one back for the next request; entries go round between the event loops
 * and the log thread.
 *
 * <p>A String that is null or empty is logged as {@code -}. Strings should be long-lived ones (names of the
 * configuration, facts of the connection), so that a request makes none.
 */
public final class LogEntry {

    /** A pseudo header of HTTP/2, which in HTTP/1 is part of the request line. */
    static final HeaderName METHOD = HeaderName.of(":method");

    static final HeaderName PATH = HeaderName.of(":path");
    static final HeaderName AUTHORITY = HeaderName.of(":authority");
    static final HeaderName SCHEME = HeaderName.of(":scheme");

    /** {@link System#nanoTime} of the request's first byte, or of the accept. */
    public long startNanos;
    /** The same moment, in microseconds since 1970. */
    public long startEpochMicros;
    /** From the request's first byte to the response's last, in nanoseconds. */
    public long durationNanos;
    /** From the request's first byte to the first of the upstream's response, in nanoseconds; -1: none came. */
    public long responseNanos = -1;
    /** {@code HTTP/1.1} …; null: TCP. */
    public @Nullable String protocol;
    /** 0: none was sent. */
    public int responseCode;
    /** Bits of {@link ResponseFlag}. */
    public long flags;

    public @Nullable String responseCodeDetails;
    public @Nullable String connectionTerminationDetails;
    public @Nullable String upstreamTransportFailureReason;
    public @Nullable String downstreamTransportFailureReason;
    /** Bytes of body received from the downstream. */
    public long bytesReceived;
    /** Bytes of body sent to the downstream. */
    public long bytesSent;

    public @Nullable String upstreamCluster;
    public @Nullable SocketAddr upstreamHost;
    public @Nullable SocketAddr upstreamLocal;
    public @Nullable SocketAddr downstreamLocal;
    /** The client, by trusted headers where there are some. */
    public @Nullable SocketAddr downstreamRemote;
    /** The peer of the socket. */
    public @Nullable SocketAddr downstreamDirectRemote;

    public @Nullable String requestedServerName;
    public @Nullable String routeName;
    public @Nullable String downstreamPeerUriSan;
    public @Nullable String downstreamLocalUriSan;
    public @Nullable String downstreamTlsVersion;
    public @Nullable String downstreamTlsCipher;
    public @Nullable String upstreamPeerUriSan;
    public @Nullable String upstreamLocalUriSan;
    public @Nullable String upstreamTlsVersion;
    public @Nullable String upstreamTlsCipher;
    public long connectionId;

    /** Set at hand-over: what this entry is formatted with. */
    @Nullable
    AccessLog log;

    private final ByteSlice slice = new ByteSlice();
    private byte[] bytes = new byte[256];
    private int used;
    /** Start and end for each captured header; start -1: there was none. */
    private int[] ranges = new int[0];

    /** Forgets everything. */
    public LogEntry clear() {
        startNanos = 0;
        startEpochMicros = 0;
        durationNanos = 0;
        responseNanos = -1;
        protocol = null;
        responseCode = 0;
        flags = 0;
        responseCodeDetails = null;
        connectionTerminationDetails = null;
        upstreamTransportFailureReason = null;
        downstreamTransportFailureReason = null;
        bytesReceived = 0;
        bytesSent = 0;
        upstreamCluster = null;
        upstreamHost = null;
        upstreamLocal = null;
        downstreamLocal = null;
        downstreamRemote = null;
        downstreamDirectRemote = null;
        requestedServerName = null;
        routeName = null;
        downstreamPeerUriSan = null;
        downstreamLocalUriSan = null;
        downstreamTlsVersion = null;
        downstreamTlsCipher = null;
        upstreamPeerUriSan = null;
        upstreamLocalUriSan = null;
        upstreamTlsVersion = null;
        upstreamTlsCipher = null;
        connectionId = 0;
        log = null;
        used = 0;
        if (bytes.length > 8192) {
            bytes = new byte[256];
        }
        Arrays.fill(ranges, -1);
        return this;
    }

    /**
     * Takes what the connection knows, after its handshake.
     *
     * @param nanos as {@link #startNanos}
     * @param epochMicros the same moment
     */
    public LogEntry begin(Downstream connection, long nanos, long epochMicros) {
        startNanos = nanos;
        startEpochMicros = epochMicros;
        connectionId = connection.id();
        downstreamLocal = connection.destination();
        downstreamRemote = connection.remote();
        downstreamDirectRemote = connection.peer();
        requestedServerName = connection.serverName();
        TlsFacts tls = connection.tls();
        if (tls != null) {
            downstreamPeerUriSan = tls.peerUriSan();
            downstreamLocalUriSan = tls.localUriSan();
            downstreamTlsVersion = tls.version();
            downstreamTlsCipher = tls.cipher();
        }
        return this;
    }

    /**
     * Takes what the connection to the host knows; an earlier attempt's is forgotten.
     *
     * @param tls null: plaintext
     */
    public void upstream(@Nullable SocketAddr local, @Nullable TlsFacts tls) {
        upstreamLocal = local;
        upstreamPeerUriSan = tls == null ? null : tls.peerUriSan();
        upstreamLocalUriSan = tls == null ? null : tls.localUriSan();
        upstreamTlsVersion = tls == null ? null : tls.version();
        upstreamTlsCipher = tls == null ? null : tls.cipher();
    }

    /** @param nanos as {@link #startNanos} */
    public void end(long nanos) {
        durationNanos = nanos - startNanos;
    }

    public void flag(@Nullable ResponseFlag flag) {
        if (flag != null) {
            flags |= flag.bit();
        }
    }

    /** Copies the request headers that the log's formats ask for, and no others. Call after the request's edits. */
    public void captureRequest(AccessLog forLog, RequestView request) {
        HeaderName[] names = forLog.requestNames();
        room(forLog.captured());
        for (int i = 0; i < names.length; i++) {
            HeaderName name = names[i];
            if (name.equals(METHOD)) {
                capture(i, request.method());
            } else if (name.equals(PATH)) {
                capture(i, request.path());
            } else if (name.equals(AUTHORITY)) {
                capture(i, request.authority());
            } else if (name.equals(SCHEME)) {
                capture(i, request.scheme());
            } else if (request.header(name, slice) > 0) {
                capture(i, slice);
            }
        }
    }

    /** Copies the response headers that the log's formats ask for, and no others. */
    public void captureResponse(AccessLog forLog, HeaderLines response) {
        HeaderName[] names = forLog.responseNames();
        int first = forLog.requestNames().length;
        room(forLog.captured());
        for (int i = 0; i < names.length; i++) {
            if (response.header(names[i], slice) > 0) {
                capture(first + i, slice);
            }
        }
    }

    private void room(int slots) {
        if (ranges.length < 2 * slots) {
            int before = ranges.length;
            ranges = Arrays.copyOf(ranges, 2 * slots);
            Arrays.fill(ranges, before, ranges.length, -1);
        }
    }

    private void capture(int slot, ByteSlice value) {
        int n = value.length();
        if (bytes.length - used < n) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, used + n));
        }
        System.arraycopy(value.array(), value.start(), bytes, used, n);
        ranges[2 * slot] = used;
        used += n;
        ranges[2 * slot + 1] = used;
    }

    /** The captured header of that slot; null: there was none, or it was empty. */
    @Nullable
    ByteSlice captured(int slot) {
        if (2 * slot >= ranges.length || ranges[2 * slot] < 0 || ranges[2 * slot] == ranges[2 * slot + 1]) {
            return null;
        }
        return slice.set(bytes, ranges[2 * slot], ranges[2 * slot + 1]);
    }
}
