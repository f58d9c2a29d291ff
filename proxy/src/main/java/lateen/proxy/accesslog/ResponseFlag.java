package lateen.proxy.accesslog;

/** Why a request did not go the usual way, as bits of a long. Names are Envoy's: {@code %RESPONSE_FLAGS%}. */
public enum ResponseFlag {
    /** Envoy writes flags in the order in which they came; this one and overflow come before what they are said of. */
    UPSTREAM_RETRY_LIMIT_EXCEEDED(0, "URX"),
    UPSTREAM_OVERFLOW(1, "UO"),
    FAILED_LOCAL_HEALTH_CHECK(2, "LH"),
    NO_HEALTHY_UPSTREAM(3, "UH"),
    UPSTREAM_REQUEST_TIMEOUT(4, "UT"),
    LOCAL_RESET(5, "LR"),
    UPSTREAM_REMOTE_RESET(6, "UR"),
    UPSTREAM_CONNECTION_FAILURE(7, "UF"),
    UPSTREAM_CONNECTION_TERMINATION(8, "UC"),
    NO_ROUTE_FOUND(9, "NR"),
    DELAY_INJECTED(10, "DI"),
    FAULT_INJECTED(11, "FI"),
    RATE_LIMITED(12, "RL"),
    UNAUTHORIZED_EXTERNAL_SERVICE(13, "UAEX"),
    RATE_LIMIT_SERVICE_ERROR(14, "RLSE"),
    DOWNSTREAM_CONNECTION_TERMINATION(15, "DC"),
    STREAM_IDLE_TIMEOUT(16, "SI"),
    INVALID_ENVOY_REQUEST_HEADERS(17, "IH"),
    DOWNSTREAM_PROTOCOL_ERROR(18, "DPE"),
    UPSTREAM_MAX_STREAM_DURATION_REACHED(19, "UMSDR"),
    NO_CLUSTER_FOUND(20, "NC"),
    OVERLOAD_MANAGER(21, "OM"),
    DURATION_TIMEOUT(22, "DT"),
    UPSTREAM_PROTOCOL_ERROR(23, "UPE");

    private static final ResponseFlag[] ALL = values();

    private final String shortName;
    private final long bit;

    ResponseFlag(int position, String shortName) {
        this.shortName = shortName;
        this.bit = 1L << position;
    }

    public String shortName() {
        return shortName;
    }

    public long bit() {
        return bit;
    }

    /** The short names of the bits, joined by commas; {@code -}: none. The usual none or one allocates nothing. */
    public static String text(long flags) {
        if (flags == 0) {
            return "-";
        }
        if (Long.bitCount(flags) == 1) {
            return ALL[Long.numberOfTrailingZeros(flags)].shortName; // in the order of the bits
        }
        StringBuilder out = new StringBuilder();
        for (ResponseFlag flag : ALL) {
            if ((flags & flag.bit()) != 0) {
                out.append(out.isEmpty() ? "" : ",").append(flag.shortName);
            }
        }
        return out.toString();
    }
}
