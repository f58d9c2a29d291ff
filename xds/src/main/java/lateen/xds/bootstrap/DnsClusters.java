package lateen.xds.bootstrap;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.time.Duration;
import java.util.function.Consumer;
import lateen.xds.decode.Decoding;
import lateen.xds.decode.ResourceDecoder;
import lateen.xds.source.DnsNames;

/** Envoy: clusters of type {@code STRICT_DNS} and {@code LOGICAL_DNS}; to the proxy their endpoints are discovered. */
final class DnsClusters {

    /** Envoy's {@code dns_refresh_rate} when unset. */
    private static final Duration REFRESH = Duration.ofSeconds(5);

    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(1);

    private DnsClusters() {}

    /** The cluster itself when it is of another type; else {@code names} is told what to look up. */
    @SuppressWarnings("deprecation") // The rates of DNS have another place beside this one by now.
    static Cluster plain(Cluster cluster, String path, Consumer<DnsNames> names) {
        boolean logical = cluster.getType() == Cluster.DiscoveryType.LOGICAL_DNS;
        if (cluster.hasClusterType() || (!logical && cluster.getType() != Cluster.DiscoveryType.STRICT_DNS)) {
            return cluster;
        }
        String name = "dns:" + cluster.getName();
        ClusterLoadAssignment assignment =
                cluster.getLoadAssignment().toBuilder().setClusterName(name).build();
        check(assignment, logical, path + ".load_assignment");
        Duration refresh = cluster.hasDnsRefreshRate() ? duration(cluster.getDnsRefreshRate()) : REFRESH;
        Duration first = cluster.hasDnsFailureRefreshRate()
                ? duration(cluster.getDnsFailureRefreshRate().getBaseInterval())
                : refresh;
        Duration longest = cluster.getDnsFailureRefreshRate().hasMaxInterval()
                ? duration(cluster.getDnsFailureRefreshRate().getMaxInterval())
                : first.multipliedBy(cluster.hasDnsFailureRefreshRate() ? 10 : 1);
        names.accept(new DnsNames(assignment, logical, family(cluster, path), refresh, first, longest));
        return cluster.toBuilder()
                .setType(Cluster.DiscoveryType.EDS)
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setServiceName(name))
                .clearLoadAssignment()
                .clearDnsRefreshRate()
                .clearDnsFailureRefreshRate()
                .clearDnsLookupFamily()
                .build();
    }

    private static DnsNames.Family family(Cluster cluster, String path) {
        return switch (cluster.getDnsLookupFamily()) {
            case AUTO -> DnsNames.Family.AUTO;
            case V4_ONLY -> DnsNames.Family.V4_ONLY;
            case V6_ONLY -> DnsNames.Family.V6_ONLY;
            case V4_PREFERRED -> DnsNames.Family.V4_PREFERRED;
            case ALL -> DnsNames.Family.ALL;
            case UNRECOGNIZED ->
                throw new Unsupported(path + ".dns_lookup_family", "a number that Envoy does not define");
        };
    }

    /** As they will be once the names are known. */
    private static void check(ClusterLoadAssignment assignment, boolean logical, String path) {
        ClusterLoadAssignment.Builder resolved = assignment.toBuilder();
        int endpoints = 0;
        for (int i = 0; i < assignment.getEndpointsCount(); i++) {
            LocalityLbEndpoints locality = assignment.getEndpoints(i);
            for (int j = 0; j < locality.getLbEndpointsCount(); j++) {
                endpoints++;
                LbEndpoint endpoint = locality.getLbEndpoints(j);
                String at = path + ".endpoints[" + i + "].lb_endpoints[" + j + "].endpoint.address";
                if (!endpoint.getEndpoint().getAddress().hasSocketAddress()) {
                    throw new Unsupported(at, "no socket_address (expected: a host name and a port)");
                }
                SocketAddress address = endpoint.getEndpoint().getAddress().getSocketAddress();
                if (address.getAddress().isEmpty()) {
                    throw new Unsupported(at + ".socket_address.address", "missing (expected: a host name)");
                }
                resolved.getEndpointsBuilder(i)
                        .getLbEndpointsBuilder(j)
                        .getEndpointBuilder()
                        .getAddressBuilder()
                        .getSocketAddressBuilder()
                        .setAddress("127.0.0.1");
            }
        }
        if (logical && endpoints != 1) {
            throw new Unsupported(path + ".endpoints", endpoints + " endpoints in LOGICAL_DNS (expected: one)");
        }
        if (ResourceDecoder.endpoints(Any.pack(resolved.build())) instanceof Decoding.Rejected<?>(String reason)) {
            int colon = reason.indexOf(": ");
            throw new Unsupported(path, colon < 0 ? reason : reason.substring(colon + 2));
        }
    }

    /** Between a millisecond and a day, which is as good as never. */
    private static Duration duration(com.google.protobuf.Duration duration) {
        if (duration.getSeconds() >= LONGEST.toSeconds()) {
            return LONGEST;
        }
        Duration read = Duration.ofSeconds(Math.max(0, duration.getSeconds()), Math.max(0, duration.getNanos()));
        return read.compareTo(SHORTEST) < 0 ? SHORTEST : read;
    }
}
