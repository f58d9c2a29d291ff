package lateen.proxy.http2;

import lateen.proxy.http1.HeadLimits;

/**
 * What one side of a connection grants and bears. The names are those of Envoy's {@code Http2ProtocolOptions}.
 *
 * @param hpackTableSize bytes of the dynamic table for what we receive, and the most we use for what we send, 0 to
 *     1,048,576
 * @param maxConcurrentStreams streams the peer may have open at a time, and the most we open, 1 to 2^31-1
 * @param initialStreamWindowSize bytes that a stream may receive ahead of its owner, 65,535 to 2^31-1
 * @param initialConnectionWindowSize the same for all streams together, 65,535 to 2^31-1
 * @param allowConnect whether a server takes extended CONNECT (RFC 8441); plain CONNECT it always takes
 * @param floods what is borne of a peer that means harm
 * @param limits of a head or trailer section; beyond them: 431. A header counts 32 bytes more than its name and value,
 *     as RFC 9113 section 6.5.2 has it. Envoy: {@code max_request_headers_kb} and {@code max_headers_count}
 */
public record Http2Options(
        int hpackTableSize,
        int maxConcurrentStreams,
        int initialStreamWindowSize,
        int initialConnectionWindowSize,
        boolean allowConnect,
        FloodLimits floods,
        HeadLimits limits) {

    /** The window that every connection begins with, and the least that can be configured. RFC 9113 section 6.9.2. */
    static final int MIN_WINDOW = 65_535;

    /**
     * Envoy's defaults, but for the windows: Envoy grants a stream 16 MiB and a connection 24 MiB, which a sidecar of 50
     * MB cannot honour for more than a few slow receivers. 256 KiB and 1 MiB keep 2 Gbit/s busy at a round trip of 1 ms.
     */
    public static final Http2Options DEFAULT =
            new Http2Options(4096, 1024, 256 * 1024, 1024 * 1024, false, FloodLimits.DEFAULT, HeadLimits.DEFAULT);

    public Http2Options {
        FloodLimits.in("hpack_table_size", hpackTableSize, 0, 1 << 20);
        FloodLimits.in("max_concurrent_streams", maxConcurrentStreams, 1, Integer.MAX_VALUE);
        FloodLimits.in("initial_stream_window_size", initialStreamWindowSize, MIN_WINDOW, Integer.MAX_VALUE);
        FloodLimits.in("initial_connection_window_size", initialConnectionWindowSize, MIN_WINDOW, Integer.MAX_VALUE);
    }

    /** These, with other windows. */
    public Http2Options windows(int stream, int connection) {
        return new Http2Options(hpackTableSize, maxConcurrentStreams, stream, connection, allowConnect, floods, limits);
    }

    /** These, with another number of streams. */
    public Http2Options streams(int max) {
        return new Http2Options(
                hpackTableSize,
                max,
                initialStreamWindowSize,
                initialConnectionWindowSize,
                allowConnect,
                floods,
                limits);
    }

    /** These, with or without extended CONNECT. */
    public Http2Options connect(boolean allow) {
        return new Http2Options(
                hpackTableSize,
                maxConcurrentStreams,
                initialStreamWindowSize,
                initialConnectionWindowSize,
                allow,
                floods,
                limits);
    }

    /** These, with other limits of heads. */
    public Http2Options limits(HeadLimits heads) {
        return new Http2Options(
                hpackTableSize,
                maxConcurrentStreams,
                initialStreamWindowSize,
                initialConnectionWindowSize,
                allowConnect,
                floods,
                heads);
    }
}
