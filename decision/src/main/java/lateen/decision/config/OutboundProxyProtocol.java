package lateen.decision.config;

import java.util.List;
import lateen.decision.config.ProxyProtocol.Kept;
import lateen.decision.config.ProxyProtocol.Tlv;

/**
 * The header that connections to hosts begin with. Envoy: {@code envoy.transport_sockets.upstream_proxy_protocol}.
 *
 * @param version 1 or 2
 * @param passed which of the additions that came with the client's own header go on; version 2
 * @param added further ones, in place of those passed of the same type; version 2
 */
public record OutboundProxyProtocol(int version, Kept passed, List<Tlv> added) {
    public OutboundProxyProtocol {
        added = List.copyOf(added);
    }
}
