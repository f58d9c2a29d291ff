package lateen.decision.chain;

import java.util.Set;
import lateen.decision.config.FilterChainMatch;

/** What chains are told apart by, in the order in which it is asked. Envoy: {@code FilterChainMatch}. */
enum Criterion {
    DESTINATION_PORT {
        @Override
        Set<?> values(FilterChainMatch match) {
            return match.destinationPort() == 0 ? Set.of() : Set.of(match.destinationPort());
        }
    },
    DESTINATION_IP {
        @Override
        Set<?> values(FilterChainMatch match) {
            return match.destinationPrefixes();
        }
    },
    SERVER_NAME {
        @Override
        Set<?> values(FilterChainMatch match) {
            return match.serverNames();
        }
    },
    TRANSPORT_PROTOCOL {
        @Override
        Set<?> values(FilterChainMatch match) {
            return match.transportProtocol().isEmpty() ? Set.of() : Set.of(match.transportProtocol());
        }
    },
    APPLICATION_PROTOCOL {
        @Override
        Set<?> values(FilterChainMatch match) {
            return match.applicationProtocols();
        }
    },
    DIRECT_SOURCE_IP {
        @Override
        Set<?> values(FilterChainMatch match) {
            return match.directSourcePrefixes();
        }
    },
    SOURCE_TYPE {
        @Override
        Set<?> values(FilterChainMatch match) {
            return match.sourceType() == FilterChainMatch.SourceType.ANY ? Set.of() : Set.of(match.sourceType());
        }
    },
    SOURCE_IP {
        @Override
        Set<?> values(FilterChainMatch match) {
            return match.sourcePrefixes();
        }
    },
    SOURCE_PORT {
        @Override
        Set<?> values(FilterChainMatch match) {
            return match.sourcePorts();
        }
    };

    /** The values a chain names; empty: any. */
    abstract Set<?> values(FilterChainMatch match);
}
