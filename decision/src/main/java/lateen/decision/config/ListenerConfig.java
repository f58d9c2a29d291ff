package lateen.decision.config;

import java.time.Duration;
import java.util.List;
import lateen.decision.net.SocketAddr;
import org.jspecify.annotations.Nullable;

/**
 * Envoy: {@code config.listener.v3.Listener}.
 *
 * @param addresses where it listens (address, then additional_addresses); at least one
 * @param bindToPort false: no socket of its own; connections are handed over by a listener with
 *     {@code useOriginalDst}, by their original destination
 * @param useOriginalDst hand a connection to the listener that matches its original destination, when there is one
 * @param inspectors what is read before a filter chain is chosen
 * @param filterChains at most one matches a connection
 * @param defaultFilterChain used when none matches; null: the connection is closed
 * @param accessLogs written for connections that no filter chain took
 */
public record ListenerConfig(
        String name,
        List<SocketAddr> addresses,
        boolean bindToPort,
        boolean useOriginalDst,
        Direction direction,
        Inspectors inspectors,
        List<FilterChainConfig> filterChains,
        @Nullable FilterChainConfig defaultFilterChain,
        List<AccessLogConfig> accessLogs) {

    public ListenerConfig {
        addresses = List.copyOf(addresses);
        filterChains = List.copyOf(filterChains);
        accessLogs = List.copyOf(accessLogs);
    }

    /** Envoy: {@code config.core.v3.TrafficDirection}. */
    public enum Direction {
        UNSPECIFIED,
        INBOUND,
        OUTBOUND
    }

    /**
     * The listener filters.
     *
     * @param originalDst recover the destination that the connection had before it was captured
     * @param tls read SNI and ALPN of a ClientHello
     * @param http recognise HTTP/1 and HTTP/2 by their first bytes; sets the application protocol
     *     {@code http/1.0}, {@code http/1.1} or {@code h2c}
     * @param timeout how long to wait for enough bytes; zero: for ever
     * @param continueOnTimeout after the timeout go on with what is known instead of closing
     */
    public record Inspectors(
            boolean originalDst, boolean tls, boolean http, Duration timeout, boolean continueOnTimeout) {}
}
