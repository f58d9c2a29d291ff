package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import lateen.decision.config.Http2Options;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.Scheme;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/2 connection, as server or client: the engine between a channel's bytes and the owners of the connection and
 * of its streams.
 *
 * <p>Buffers: what is fed is the session's; DATA goes to its owner as slices of it. Back-pressure: the peer gets window
 * for what owners have {@link Http2Stream#consumed}; reading never stops, since what arrives is bounded by the windows.
 * Closing: {@link #drain} and {@link #close}. Owned by the connection's event loop.
 */
public final class Http2Session {

    private static final int MAX_STREAM_ID = Integer.MAX_VALUE;
    /** The ping that goes with the first GOAWAY. */
    private static final long DRAIN_PING = 0x6c617465656e6472L;

    private enum Life {
        OPEN,
        /** GOAWAY without a limit is sent: what the peer sent before it knew is still taken. */
        WARNED,
        /** GOAWAY with the last stream is sent. */
        DRAINING,
        OVER
    }

    final Http2Options options;
    final HeadLimits limits;
    final SessionEvents events;
    final boolean client;
    final Scheme scheme;
    final FloodGuard guard;
    final FrameWriter writer;
    final HpackEncoder encoder;
    final PeerSettings peer;
    final Streams streams;
    final Sending sending;
    final Receiving receiving;
    private final Heads headBlocks;
    private final FrameReader reader;
    private final KeepAlive keepAlive;

    private Life life = Life.OPEN;
    private boolean started;
    private boolean peerGone;
    private boolean capacityChanged;
    private boolean feeding;
    /** {@link System#nanoTime}, of the present read. */
    private long now = System.nanoTime();

    /**
     * @param client whether we connected, and open the streams
     * @param secure whether the connection has TLS: the {@code :scheme} of requests that do not name theirs
     * @param limits of a head or trailer section; beyond them: 431. A header counts 32 bytes more than its name and
     *     value, as RFC 9113 section 6.5.2 has it. Envoy: {@code max_request_headers_kb} and {@code max_headers_count}
     */
    public Http2Session(
            boolean client,
            boolean secure,
            Http2Options options,
            HeadLimits limits,
            Channel channel,
            SessionEvents events) {
        this.client = client;
        this.scheme = secure ? Scheme.HTTPS : Scheme.HTTP;
        this.options = options;
        this.limits = limits;
        this.events = events;
        guard = new FloodGuard(options.floods(), now);
        writer = new FrameWriter(channel, options.floods());
        encoder = new HpackEncoder(options.hpackTableSize());
        peer = new PeerSettings(client);
        keepAlive = new KeepAlive(options.keepAlive(), now);
        streams = new Streams(this);
        sending = new Sending(this, writer);
        receiving = new Receiving(this, options);
        headBlocks = new Heads(this);
        reader = new FrameReader(new Inbound(this, headBlocks), !client, limits.maxBytes());
    }

    /**
     * Sends our preface, when the channel is active (and its handshake done). Only the first call counts; what is read
     * before it is one, since nothing may be sent before the preface.
     */
    public void start() {
        if (started) {
            return;
        }
        started = true;
        if (client) {
            writer.preface();
        }
        int table = options.hpackTableSize();
        int window = options.initialStreamWindowSize();
        int heads = limits.maxBytes();
        if (client) {
            writer.settings(
                    FrameType.HEADER_TABLE_SIZE, table,
                    FrameType.ENABLE_PUSH, 0,
                    FrameType.INITIAL_WINDOW_SIZE, window,
                    FrameType.MAX_HEADER_LIST_SIZE, heads);
        } else {
            writer.settings(
                    FrameType.HEADER_TABLE_SIZE, table,
                    FrameType.MAX_CONCURRENT_STREAMS, options.maxConcurrentStreams(),
                    FrameType.INITIAL_WINDOW_SIZE, window,
                    FrameType.MAX_HEADER_LIST_SIZE, heads,
                    FrameType.ENABLE_CONNECT_PROTOCOL, options.allowConnect() ? 1 : 0);
        }
        int more = options.initialConnectionWindowSize() - Http2Options.MIN_WINDOW;
        if (more > 0) {
            writer.windowUpdate(0, more);
        }
        flush();
    }

    /** {@link System#nanoTime} of the present or the last read. */
    long now() {
        return now;
    }

    /**
     * Asks the peer whether it is still there, when it is time for that. To be called every tenth of a second or so.
     *
     * @param at as {@link System#nanoTime}
     */
    public void tick(long at) {
        if (life == Life.OVER) {
            return;
        }
        switch (keepAlive.at(at, now)) {
            case NOTHING -> {}
            case ASK -> {
                writer.ping(KeepAlive.PING, false);
                flush();
            }
            case GONE -> fail(Complaint.NO_ANSWER);
        }
    }

    /** Takes what was read. The buffer is the session's. */
    public void feed(ByteBuf bytes) {
        now = System.nanoTime();
        start();
        feeding = true;
        try {
            reader.feed(bytes);
        } finally {
            feeding = false;
            bytes.release();
        }
        if (life == Life.OVER) {
            return;
        }
        if (writer.flooded()) {
            fail(Complaint.OUTBOUND_FLOOD);
            return;
        }
        if (capacityChanged) {
            capacityChanged = false;
            events.capacity();
        }
        closeIfDrained();
    }

    /** Hands all that was written to the channel and flushes it, if there is anything. */
    public void flush() {
        writer.flush();
    }

    /** Client role: whether {@link #open} is granted now: the peer's limit, its GOAWAY, and stream numbers left. */
    public boolean canOpen() {
        return takesStreams()
                && streams.active() < Math.min(peer.maxConcurrentStreams(), options.maxConcurrentStreams());
    }

    /** Whether a stream of ours can begin. */
    boolean takesStreams() {
        return client && life == Life.OPEN && !peerGone && streams.nextLocal > 0;
    }

    /** Client role: a new stream; null when not {@link #canOpen()}. It counts from here on, and begins with its head. */
    public @Nullable Http2Stream open() {
        return canOpen() ? streams.open(Unowned.EVENTS) : null;
    }

    /** Streams that are open, of either side. */
    public int activeStreams() {
        return streams.active();
    }

    /** Whether the peer takes extended CONNECT (RFC 8441). */
    public boolean peerAllowsConnect() {
        return peer.connectProtocol();
    }

    /** Bytes of heap that a header block takes which is not whole yet. */
    public int heldHead() {
        return reader.held();
    }

    /**
     * Orderly end: the peer is told to open no more streams, with a round trip's grace (RFC 9113 section 6.8), or until
     * {@link #endDrain}; what is open goes on, and after the last stream the channel is closed. Calling it again does
     * nothing.
     */
    public void drain() {
        if (life != Life.OPEN) {
            return;
        }
        if (client) {
            lastGoaway();
        } else {
            life = Life.WARNED;
            writer.goaway(MAX_STREAM_ID, ErrorCode.NO_ERROR, "");
            writer.ping(DRAIN_PING, false);
        }
        flush();
        closeIfDrained();
    }

    private void lastGoaway() {
        life = Life.DRAINING;
        writer.goaway(streams.lastAccepted, ErrorCode.NO_ERROR, "");
    }

    void pingAnswered(long payload) {
        if (life == Life.WARNED && payload == DRAIN_PING) {
            lastGoaway();
        }
    }

    /** The grace of {@link #drain} is over, whether the peer has answered or not. */
    public void endDrain() {
        if (life == Life.WARNED) {
            lastGoaway();
            flush();
            closeIfDrained();
        }
    }

    /** Whether we said already that we take no more streams. */
    boolean refusesStreams() {
        return life == Life.DRAINING;
    }

    private void closeIfDrained() {
        if ((life == Life.DRAINING || (peerGone && life == Life.OPEN)) && streams.active() == 0 && !feeding) {
            end(ErrorCode.NO_ERROR, Complaint.NONE);
        }
    }

    void streamEnded() {
        capacityChanged |= client;
        closeIfDrained();
    }

    void capacityChanged() {
        capacityChanged |= client;
    }

    void peerGoesAway(int lastStreamId, long code) {
        if (client) {
            peerGone = true;
            for (Http2Stream stream : streams.table.all()) {
                if (stream.id > lastStreamId) {
                    streams.lose(stream, ErrorCode.REFUSED_STREAM, true);
                }
            }
        }
        events.goaway(lastStreamId, code);
    }

    /** Ends it now: GOAWAY with the code, every stream reset, and the channel closed once that is written. */
    public void close(long code) {
        if (life != Life.OVER) {
            writer.goaway(streams.lastAccepted, code, "");
            end(code, Complaint.NONE);
        }
    }

    boolean over() {
        return life == Life.OVER;
    }

    /** Ends the connection if there is something to complain about; whether there was. */
    boolean failIf(Complaint complaint) {
        if (complaint == Complaint.NONE) {
            return false;
        }
        fail(complaint);
        return true;
    }

    void fail(Complaint complaint) {
        if (life != Life.OVER) {
            writer.goaway(streams.lastAccepted, complaint.code(), complaint.text());
            end(complaint.code(), complaint);
        }
    }

    private void end(long code, Complaint complaint) {
        life = Life.OVER;
        reader.stop();
        for (Http2Stream stream : streams.table.all()) {
            streams.lose(stream, ErrorCode.CONNECTION_LOST, false);
        }
        writer.close();
        events.ended(code, complaint);
    }

    /** The channel is gone. */
    public void inactive() {
        if (life != Life.OVER) {
            writer.abandon();
            end(ErrorCode.CONNECTION_LOST, Complaint.NONE);
        }
    }

    /** The channel's writability changed. */
    public void writabilityChanged() {
        if (life != Life.OVER) {
            writer.keptUp();
            sending.connectionWritable();
            flush();
        }
    }

    /**
     * Resets streams that their owners have let go of, and of whose rest the peer has taken nothing for too long: no owner
     * sees to that.
     *
     * @param now {@link System#nanoTime}
     * @param limit in nanoseconds; 0: none
     */
    public void endStalled(long now, long limit) {
        if (limit > 0) {
            streams.endStalled(now, limit);
            flush();
        }
    }

    /** Lets go of what is kept for the next stream. For a connection that is unused for a while. */
    public void trim() {
        streams.trim();
        headBlocks.trim();
    }
}
