package lateen.proxy.cluster;

import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.ClusterConfig;
import lateen.proxy.tls.ClientTls;
import lateen.proxy.tls.SecretStore;
import org.jspecify.annotations.Nullable;

/** Which transport leads to an endpoint. Envoy: {@code transport_socket_matches}, then {@code transport_socket}. */
record Transports(List<Choice> choices, @Nullable ClientTls otherwise) {

    static final Transports PLAINTEXT = new Transports(List.of(), null);

    record Choice(String tlsMode, @Nullable ClientTls tls) {}

    static Transports of(ClusterConfig config, SecretStore secrets) {
        List<Choice> choices = new ArrayList<>();
        for (ClusterConfig.TransportMatch each : config.transports()) {
            choices.add(new Choice(each.tlsMode(), each.tls() == null ? null : new ClientTls(each.tls(), secrets)));
        }
        return new Transports(choices, config.tls() == null ? null : new ClientTls(config.tls(), secrets));
    }

    @Nullable
    ClientTls choose(String tlsMode) {
        for (Choice each : choices) {
            if (each.tlsMode.isEmpty() || each.tlsMode.equals(tlsMode)) {
                return each.tls;
            }
        }
        return otherwise;
    }
}
