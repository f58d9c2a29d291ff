package lateen.proxy.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.ClusterEndpoints.Health;
import lateen.decision.net.SocketAddr;
import lateen.proxy.balance.WeightedHosts;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of a cluster.
 *
 * @param byPriority the healthy ones, best priority first
 */
record Hosts(Transports transports, List<Host> all, List<Health> health, List<WeightedHosts> byPriority) {

    static final Hosts NONE = new Hosts(Transports.PLAINTEXT, List.of(), List.of(), List.of());

    private record Key(SocketAddr address, @Nullable Object tls, String workload) {
        static Key of(Host host) {
            return new Key(host.address(), host.tls(), host.workload());
        }
    }

    static Hosts of(@Nullable ClusterEndpoints endpoints, Transports transports, Hosts before) {
        if (endpoints == null) {
            return new Hosts(transports, List.of(), List.of(), List.of());
        }
        Map<Key, Host> known = new HashMap<>();
        before.all.forEach(host -> known.put(Key.of(host), host));
        List<Host> all = new ArrayList<>();
        List<Health> health = new ArrayList<>();
        TreeMap<Integer, WeightedHosts.Builder> healthy = new TreeMap<>();
        for (ClusterEndpoints.Locality locality : endpoints.localities()) {
            long sum = locality.endpoints().stream()
                    .mapToLong(ClusterEndpoints.Endpoint::weight)
                    .sum();
            for (ClusterEndpoints.Endpoint each : locality.endpoints()) {
                Host fresh = new Host(each.address(), transports.choose(each.tlsMode()), each.workload());
                Host host = known.getOrDefault(Key.of(fresh), fresh);
                all.add(host);
                health.add(each.health());
                if (each.health() == Health.HEALTHY) {
                    // A locality's weight counts only where it is set; its endpoints share it by their own weights.
                    double weight = locality.weight() == 0
                            ? each.weight()
                            : (double) locality.weight() * each.weight() / Math.max(1, sum);
                    healthy.computeIfAbsent(locality.priority(), ignored -> new WeightedHosts.Builder())
                            .add(host, weight);
                }
            }
        }
        return new Hosts(
                transports,
                List.copyOf(all),
                List.copyOf(health),
                healthy.values().stream().map(WeightedHosts.Builder::build).toList());
    }
}
