package lateen.proxy.cluster;

import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.OutboundProxyProtocol;
import lateen.decision.config.UpstreamTls;
import lateen.proxy.tls.ClientTls;
import lateen.proxy.tls.SecretStore;
import org.jspecify.annotations.Nullable;

/** Which transport leads to an endpoint. Envoy: {@code transport_socket_matches}, then {@code transport_socket}. */
record Transports(List<Choice> choices, Transport otherwise) {

    static final Transports PLAINTEXT = new Transports(List.of(), Transport.PLAINTEXT);

    record Choice(String tlsMode, Transport transport) {}

    static Transports of(ClusterConfig config, SecretStore secrets) {
        List<Choice> choices = new ArrayList<>();
        for (ClusterConfig.TransportMatch each : config.transports()) {
            choices.add(new Choice(each.tlsMode(), transport(each.tls(), each.proxyProtocol(), secrets)));
        }
        return new Transports(choices, transport(config.tls(), config.proxyProtocol(), secrets));
    }

    private static Transport transport(
            @Nullable UpstreamTls tls, @Nullable OutboundProxyProtocol proxyProtocol, SecretStore secrets) {
        return tls == null && proxyProtocol == null
                ? Transport.PLAINTEXT
                : new Transport(tls == null ? null : new ClientTls(tls, secrets), proxyProtocol);
    }

    Transport choose(String tlsMode) {
        for (Choice each : choices) {
            if (each.tlsMode.isEmpty() || each.tlsMode.equals(tlsMode)) {
                return each.transport;
            }
        }
        return otherwise;
    }
}
