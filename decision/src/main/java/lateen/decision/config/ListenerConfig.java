package lateen.decision.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * @param sockets how its sockets are made
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
        List<AccessLogConfig> accessLogs,
        Sockets sockets) {

    public ListenerConfig {
        addresses = List.copyOf(addresses);
        filterChains = List.copyOf(filterChains);
        accessLogs = List.copyOf(accessLogs);
    }

    /** With sockets as they are by default. */
    public ListenerConfig(
            String name,
            List<SocketAddr> addresses,
            boolean bindToPort,
            boolean useOriginalDst,
            Direction direction,
            Inspectors inspectors,
            List<FilterChainConfig> filterChains,
            @Nullable FilterChainConfig defaultFilterChain,
            List<AccessLogConfig> accessLogs) {
        this(
                name,
                addresses,
                bindToPort,
                useOriginalDst,
                direction,
                inspectors,
                filterChains,
                defaultFilterChain,
                accessLogs,
                Sockets.DEFAULT);
    }

    /**
     * How a listener's sockets are made.
     *
     * @param transparent takes connections to addresses of others (ip(7), IP_TRANSPARENT), as TPROXY brings them
     * @param freebind may listen on an address that this machine does not have (yet)
     * @param reusePort other sockets may have the same address and share its connections (SO_REUSEPORT)
     * @param backlog connections that may wait to be accepted; 0: as many as is usual
     * @param dualStack of the addresses, the IPv6 ones that take IPv4 as well ({@code ipv4_compat})
     * @param modes of the files of unix sockets; absent: as the process makes files
     */
    public record Sockets(
            boolean transparent,
            boolean freebind,
            boolean reusePort,
            int backlog,
            Set<SocketAddr> dualStack,
            Map<SocketAddr, Integer> modes) {
        public static final Sockets DEFAULT = new Sockets(false, false, false, 0, Set.of(), Map.of());

        public Sockets {
            dualStack = Set.copyOf(dualStack);
            modes = Map.copyOf(modes);
        }
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
     * @param proxyProtocol the header that comes before everything else; null: none is looked for
     * @param originalSource whose address connections to hosts have; null: this proxy's
     */
    public record Inspectors(
            boolean originalDst,
            boolean tls,
            boolean http,
            Duration timeout,
            boolean continueOnTimeout,
            @Nullable ProxyProtocol proxyProtocol,
            @Nullable OriginalSource originalSource) {

        public Inspectors(boolean originalDst, boolean tls, boolean http, Duration timeout, boolean continueOnTimeout) {
            this(originalDst, tls, http, timeout, continueOnTimeout, null, null);
        }
    }

    /**
     * Connections to hosts come from the client's address. Envoy: {@code envoy.filters.listener.original_src}.
     *
     * @param mark of those connections (SO_MARK), by which the way back leads through this machine; 0: none
     * @param bindPort from the client's port as well
     */
    public record OriginalSource(int mark, boolean bindPort) {}
}
