package lateen.xds.bootstrap;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.UpstreamTls;
import org.jspecify.annotations.Nullable;

/**
 * A static cluster as the place of an xDS server.
 *
 * @param targets tried one after the other
 * @param tls null: plaintext
 */
record Server(String name, List<Target> targets, @Nullable UpstreamTls tls) {

    sealed interface Target {
        /** @param host a name or an address */
        record HostPort(String host, int port) implements Target {}

        /** @param path of a unix socket */
        record Pipe(String path) implements Target {}
    }

    /** Null: its endpoints are not in it. */
    static @Nullable List<Target> targets(Cluster cluster) {
        if (cluster.hasClusterType()) {
            return null;
        }
        switch (cluster.getType()) {
            case STATIC, STRICT_DNS, LOGICAL_DNS -> {}
            case EDS, ORIGINAL_DST, UNRECOGNIZED -> {
                return null;
            }
        }
        List<Target> targets = new ArrayList<>();
        for (LocalityLbEndpoints locality : cluster.getLoadAssignment().getEndpointsList()) {
            for (LbEndpoint endpoint : locality.getLbEndpointsList()) {
                Address address = endpoint.getEndpoint().getAddress();
                if (address.getPipe().getPath().startsWith("@")) {
                    // The JDK's sockets know no abstract names.
                    return null;
                }
                if (address.hasPipe()) {
                    targets.add(new Target.Pipe(address.getPipe().getPath()));
                } else if (address.hasSocketAddress()) {
                    targets.add(new Target.HostPort(
                            address.getSocketAddress().getAddress(),
                            address.getSocketAddress().getPortValue()));
                }
            }
        }
        return targets.isEmpty() ? null : targets;
    }
}
