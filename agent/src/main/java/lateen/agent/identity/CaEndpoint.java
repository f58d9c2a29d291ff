package lateen.agent.identity;

import java.net.InetSocketAddress;

/**
 * Where the CA is and what its certificate must say.
 *
 * @param address dialled for each request
 * @param serverName DNS name in its certificate, usually {@code istiod.istio-system.svc}
 */
public record CaEndpoint(InetSocketAddress address, String serverName) {}
