package lateen.control.source;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Istio: {@code ConnectionPoolSettings}. As there, a number of 0 is one that is not set.
 *
 * @param connectTimeout null: the mesh's own
 * @param keepalive null: the system's
 * @param tcpIdleTimeout of a TCP connection; also of HTTP's when that has none
 * @param http2Upgrade requests of HTTP/1 go to the endpoints over HTTP/2
 */
public record ConnectionPool(
        int maxConnections,
        @Nullable Duration connectTimeout,
        @Nullable Keepalive keepalive,
        @Nullable Duration tcpIdleTimeout,
        int maxPendingRequests,
        int maxRequests,
        int maxRequestsPerConnection,
        int maxRetries,
        @Nullable Duration httpIdleTimeout,
        boolean http2Upgrade) {

    public static final ConnectionPool NONE = new ConnectionPool(0, null, null, null, 0, 0, 0, 0, null, false);

    /** Istio: {@code TcpKeepalive}; 0 and null: the system's. */
    public record Keepalive(
            int probes, @Nullable Duration time, @Nullable Duration interval) {}

    static @Nullable ConnectionPool readOrNull(FieldReader parent) {
        FieldReader in = parent.child("connectionPool");
        if (in == null) {
            return null;
        }
        FieldReader tcp = in.childOrEmpty("tcp");
        FieldReader http = in.childOrEmpty("http");
        in.end();
        Duration least = Duration.ofMillis(1);
        ConnectionPool pool = new ConnectionPool(
                count(tcp, "maxConnections"),
                tcp.durationOrNull("connectTimeout", least),
                keepalive(tcp.child("tcpKeepalive")),
                tcp.durationOrNull("idleTimeout", Duration.ZERO),
                count(http, "http1MaxPendingRequests"),
                count(http, "http2MaxRequests"),
                count(http, "maxRequestsPerConnection"),
                count(http, "maxRetries"),
                http.durationOrNull("idleTimeout", Duration.ZERO),
                "UPGRADE"
                        .equals(http.text(
                                "h2UpgradePolicy",
                                new TextRule(
                                        "DEFAULT, DO_NOT_UPGRADE or UPGRADE",
                                        s -> s.equals("DEFAULT")
                                                || s.equals("DO_NOT_UPGRADE")
                                                || s.equals("UPGRADE")))));
        tcp.unsupported("maxConnectionDuration");
        http.unsupported("useClientProtocol", "maxConcurrentStreams");
        tcp.end();
        http.end();
        return pool;
    }

    private static int count(FieldReader in, String name) {
        return in.integer(name, 0, Integer.MAX_VALUE, 0);
    }

    private static @Nullable Keepalive keepalive(@Nullable FieldReader in) {
        if (in == null) {
            return null;
        }
        Duration least = Duration.ofSeconds(1);
        Keepalive keepalive = new Keepalive(
                count(in, "probes"), in.durationOrNull("time", least), in.durationOrNull("interval", least));
        in.end();
        return keepalive;
    }
}
