package lateen.decision.config;

import java.time.Duration;

/**
 * What one side of an HTTP/2 connection grants and bears. The names are those of Envoy's {@code Http2ProtocolOptions}.
 *
 * @param hpackTableSize bytes of the dynamic table for what we receive, and the most we use for what we send, 0 to
 *     1,048,576
 * @param maxConcurrentStreams streams the peer may have open at a time, and the most we open, 1 to 2^31-1
 * @param initialStreamWindowSize bytes that a stream may receive ahead of its owner, 65,535 to 2^31-1
 * @param initialConnectionWindowSize the same for all streams together, 65,535 to 2^31-1
 * @param allowConnect whether a server takes extended CONNECT (RFC 8441); plain CONNECT it always takes
 * @param floods what is borne of a peer that means harm
 */
public record Http2Options(
        int hpackTableSize,
        int maxConcurrentStreams,
        int initialStreamWindowSize,
        int initialConnectionWindowSize,
        boolean allowConnect,
        Http2FloodLimits floods,
        KeepAlive keepAlive) {

    /** The window that every connection begins with, and the least that can be configured. RFC 9113 section 6.9.2. */
    public static final int MIN_WINDOW = 65_535;

    /** The largest dynamic table that we keep. */
    public static final int MAX_TABLE = 1 << 20;

    /**
     * Envoy's defaults, but for the windows: Envoy grants a stream 16 MiB and a connection 24 MiB, which a sidecar of 50
     * MB cannot honour for more than a few slow receivers. 256 KiB and 1 MiB keep 2 Gbit/s busy at a round trip of 1 ms.
     */
    public static final Http2Options DEFAULT =
            new Http2Options(4096, 1024, 256 * 1024, 1024 * 1024, false, Http2FloodLimits.DEFAULT, KeepAlive.NONE);

    public Http2Options {
        Http2FloodLimits.in("hpack_table_size", hpackTableSize, 0, MAX_TABLE);
        Http2FloodLimits.in("max_concurrent_streams", maxConcurrentStreams, 1, Integer.MAX_VALUE);
        Http2FloodLimits.in("initial_stream_window_size", initialStreamWindowSize, MIN_WINDOW, Integer.MAX_VALUE);
        Http2FloodLimits.in(
                "initial_connection_window_size", initialConnectionWindowSize, MIN_WINDOW, Integer.MAX_VALUE);
    }

    /**
     * Whether the peer is asked if it is still there. Envoy: {@code KeepaliveSettings}. The times are kept to a tenth of
     * a second.
     *
     * @param interval between a PING and the next; zero: none are sent
     * @param timeout how long to wait for anything from the peer after a PING, before the connection ends
     * @param jitterPercent of the interval, by chance added to it
     */
    public record KeepAlive(Duration interval, Duration timeout, double jitterPercent) {
        public static final KeepAlive NONE = new KeepAlive(Duration.ZERO, Duration.ZERO, 0);
    }
}
