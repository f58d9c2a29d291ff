package lateen.proxy.cluster;

import lateen.decision.config.OutboundProxyProtocol;
import lateen.proxy.tls.ClientTls;
import org.jspecify.annotations.Nullable;

/**
 * What leads over a socket to an endpoint.
 *
 * @param tls null: plaintext
 * @param proxyProtocol the header that comes first; null: none
 */
record Transport(@Nullable ClientTls tls, @Nullable OutboundProxyProtocol proxyProtocol) {
    static final Transport PLAINTEXT = new Transport(null, null);
}
