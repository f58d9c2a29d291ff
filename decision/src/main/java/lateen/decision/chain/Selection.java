package lateen.decision.chain;

import lateen.decision.config.FilterChainConfig;

/** Which filter chain takes a connection. */
public sealed interface Selection {

    /** @param index place in {@code ListenerConfig.filterChains()} */
    record Chain(int index, FilterChainConfig config) implements Selection {}

    /** No chain matched; the listener's default takes it. */
    record Default(FilterChainConfig config) implements Selection {}

    /** No chain matched and there is no default: the connection is to be closed. */
    record None() implements Selection {}
}
