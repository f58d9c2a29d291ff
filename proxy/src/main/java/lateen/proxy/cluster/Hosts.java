package lateen.proxy.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.ClusterEndpoints.Health;
import lateen.decision.net.SocketAddr;
import lateen.proxy.balance.Tier;
import lateen.proxy.outlier.HostMonitor;
import lateen.proxy.outlier.OutlierDetector;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of a cluster.
 *
 * @param tiers by priority, best first
 */
record Hosts(Transports transports, List<Host> all, List<Health> health, List<Tier> tiers) {

    static final Hosts NONE = new Hosts(Transports.PLAINTEXT, List.of(), List.of(), List.of());

    private record Key(
            SocketAddr address,
            String hostname,
            Transport transport,
            String workload,
            @Nullable HostMonitor monitor) {
        static Key of(Host host) {
            return new Key(host.address(), host.hostname(), host.transport(), host.workload(), host.monitor());
        }
    }

    static List<SocketAddr> addresses(@Nullable ClusterEndpoints endpoints) {
        return endpoints == null
                ? List.of()
                : endpoints.localities().stream()
                        .flatMap(each -> each.endpoints().stream())
                        .map(ClusterEndpoints.Endpoint::address)
                        .toList();
    }

    static Hosts of(
            @Nullable ClusterEndpoints endpoints,
            Transports transports,
            @Nullable OutlierDetector outliers,
            Hosts before) {
        if (endpoints == null) {
            return new Hosts(transports, List.of(), List.of(), List.of());
        }
        Map<Key, Host> known = new HashMap<>();
        before.all.forEach(host -> known.put(Key.of(host), host));
        List<Host> all = new ArrayList<>();
        List<Health> health = new ArrayList<>();
        TreeMap<Integer, Tier.Builder> tiers = new TreeMap<>();
        for (ClusterEndpoints.Locality locality : endpoints.localities()) {
            long sum = locality.endpoints().stream()
                    .mapToLong(ClusterEndpoints.Endpoint::weight)
                    .sum();
            for (ClusterEndpoints.Endpoint each : locality.endpoints()) {
                Host fresh = new Host(
                        each.address(),
                        each.hostname(),
                        transports.choose(each.tlsMode()),
                        each.workload(),
                        outliers == null ? null : outliers.monitor(each.address()));
                Host host = known.getOrDefault(Key.of(fresh), fresh);
                all.add(host);
                health.add(each.health());
                // A locality's weight counts only where it is set; its endpoints share it by their own weights.
                double weight = locality.weight() == 0
                        ? each.weight()
                        : (double) locality.weight() * each.weight() / Math.max(1, sum);
                tiers.computeIfAbsent(locality.priority(), ignored -> new Tier.Builder())
                        .add(host, weight, each.health() == Health.HEALTHY);
            }
        }
        return new Hosts(
                transports,
                List.copyOf(all),
                List.copyOf(health),
                tiers.values().stream().map(Tier.Builder::build).toList());
    }
}
