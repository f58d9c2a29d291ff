package lateen.proxy.http1;

/**
 * How large a head may be.
 *
 * @param maxBytes start line and headers with their line ends, in bytes, 64 to 1,048,576; beyond it: 431. Envoy:
 *     {@code max_request_headers_kb}
 * @param maxHeaders number of header lines, 1 to 10,000; beyond it: 431. Envoy: {@code max_headers_count}
 */
public record HeadLimits(int maxBytes, int maxHeaders) {

    /** Envoy's defaults: 60 KiB and 100 headers. */
    public static final HeadLimits DEFAULT = new HeadLimits(60 * 1024, 100);

    public HeadLimits {
        if (maxBytes < 64 || maxBytes > 1 << 20) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: 64..1048576)");
        }
        if (maxHeaders < 1 || maxHeaders > 10_000) {
            throw new IllegalArgumentException("maxHeaders: " + maxHeaders + " (expected: 1..10000)");
        }
    }
}
