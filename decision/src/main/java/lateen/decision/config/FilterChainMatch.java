package lateen.decision.config;

import java.util.Set;
import lateen.decision.net.Cidr;

/**
 * Envoy: {@code config.listener.v3.FilterChainMatch}. An empty set or 0 means "any". Criteria are tried in Envoy's
 * order, each narrowing to the most specific: destination port, destination IP, server name, transport protocol,
 * application protocols, directly connected source IP, source type, source IP, source port.
 *
 * @param destinationPort 0: any
 * @param serverNames lower case; {@code *.example.com} matches by suffix
 * @param transportProtocol {@code ""}, {@code "raw_buffer"} or {@code "tls"}
 */
public record FilterChainMatch(
        int destinationPort,
        Set<Cidr> destinationPrefixes,
        Set<String> serverNames,
        String transportProtocol,
        Set<String> applicationProtocols,
        Set<Cidr> directSourcePrefixes,
        SourceType sourceType,
        Set<Cidr> sourcePrefixes,
        Set<Integer> sourcePorts) {

    public static final FilterChainMatch ANY =
            new FilterChainMatch(0, Set.of(), Set.of(), "", Set.of(), Set.of(), SourceType.ANY, Set.of(), Set.of());

    /** Envoy: {@code ConnectionSourceType}. */
    public enum SourceType {
        ANY,
        /** The client is on this machine: from 127.0.0.1 or ::1, or from the very address that it dialled. */
        SAME_IP_OR_LOOPBACK,
        /** Any other. */
        EXTERNAL
    }

    public FilterChainMatch {
        destinationPrefixes = Set.copyOf(destinationPrefixes);
        serverNames = Set.copyOf(serverNames);
        applicationProtocols = Set.copyOf(applicationProtocols);
        directSourcePrefixes = Set.copyOf(directSourcePrefixes);
        sourcePrefixes = Set.copyOf(sourcePrefixes);
        sourcePorts = Set.copyOf(sourcePorts);
    }
}
