package lateen.proxy.pool;

import lateen.decision.config.ListenerConfig.OriginalSource;
import lateen.proxy.cluster.Host;
import lateen.proxy.connection.Downstream;
import lateen.proxy.proxyprotocol.ProxyHeader;
import org.jspecify.annotations.Nullable;

/**
 * Whose connection to a host it is, where the host is to see that. What is open for one client may serve another only if
 * these are equal.
 *
 * @param header what a header of proxy protocol says of the client
 * @param source keeps the client's address as the source; null: the connection has the proxy's
 */
public record OnBehalf(ProxyHeader header, @Nullable OriginalSource source) {

    /** Null: the host does not see whose connection it is. */
    public static @Nullable OnBehalf of(Host host, Downstream client) {
        return host.proxyProtocol() == null && client.originalSource() == null
                ? null
                : new OnBehalf(client.header(), client.originalSource());
    }
}
