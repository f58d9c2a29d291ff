package lateen.control.registry;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a port is treated. */
public enum Protocol {
    /** HTTP/1.1. */
    HTTP,
    /** HTTP/2 and gRPC. */
    HTTP2,
    /** Opaque bytes. */
    TCP;

    private static final Map<String, Protocol> NAMES = Map.ofEntries(
            Map.entry("http", HTTP),
            Map.entry("http2", HTTP2),
            Map.entry("grpc", HTTP2),
            Map.entry("grpc-web", HTTP2),
            Map.entry("kubernetes.io/h2c", HTTP2),
            Map.entry("kubernetes.io/ws", HTTP),
            Map.entry("tcp", TCP),
            Map.entry("https", TCP),
            Map.entry("tls", TCP),
            Map.entry("kubernetes.io/wss", TCP),
            Map.entry("mongo", TCP),
            Map.entry("mysql", TCP),
            Map.entry("redis", TCP));

    /**
     * Istio's rule: {@code appProtocol}, else the port's name, which is a protocol or a protocol, {@code -} and more.
     *
     * @return null: neither tells
     */
    static @Nullable Protocol of(@Nullable String appProtocol, String portName) {
        if (appProtocol != null) {
            return NAMES.get(appProtocol.toLowerCase(Locale.ROOT));
        }
        Protocol whole = NAMES.get(portName);
        int dash = portName.startsWith("grpc-web") ? "grpc-web".length() : portName.indexOf('-');
        return whole != null || dash < 0 ? whole : NAMES.get(portName.substring(0, dash));
    }

    /** Whether it is treated request by request, in whichever version. */
    public boolean isHttp() {
        return this != TCP;
    }
}
