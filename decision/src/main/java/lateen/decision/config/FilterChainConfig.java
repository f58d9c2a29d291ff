package lateen.decision.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Envoy: {@code config.listener.v3.FilterChain}.
 *
 * @param tls how to terminate TLS; null: plaintext
 * @param filters in order; the last one is terminal ({@link NetworkFilter.TcpProxy} or
 *     {@link NetworkFilter.HttpConnectionManager}), the others are not
 */
public record FilterChainConfig(
        String name, FilterChainMatch match, @Nullable DownstreamTls tls, List<NetworkFilter> filters) {

    public FilterChainConfig {
        filters = List.copyOf(filters);
    }
}
