package lateen.proxy.balance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import lateen.proxy.cluster.Host;

/** Hosts to choose from with their weights, at least one. Immutable. */
final class WeightedHosts {
    final Host[] hosts;
    /** Running sums scaled to 2^53; empty when all weights are equal. */
    final long[] cumulative;

    private WeightedHosts(Host[] hosts, long[] cumulative) {
        this.hosts = hosts;
        this.cumulative = cumulative;
    }

    /** A host in proportion to its weight. */
    Host pick(long random) {
        if (cumulative.length == 0) {
            return hosts[(int) Long.remainderUnsigned(random, hosts.length)];
        }
        int at = Arrays.binarySearch(cumulative, random >>> 11);
        return hosts[Math.min(hosts.length - 1, at < 0 ? -at - 1 : at + 1)];
    }

    /** Collects hosts. */
    static final class Builder {
        private final List<Host> hosts = new ArrayList<>();
        private final List<Double> weights = new ArrayList<>();

        Builder add(Host host, double weight) {
            hosts.add(host);
            weights.add(weight);
            return this;
        }

        WeightedHosts build() {
            double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
            boolean equal = weights.stream().distinct().count() <= 1;
            long[] cumulative = new long[equal ? 0 : hosts.size()];
            double running = 0;
            for (int i = 0; i < cumulative.length; i++) {
                running += weights.get(i);
                cumulative[i] = (long) (running / sum * (1L << 53));
            }
            return new WeightedHosts(hosts.toArray(Host[]::new), cumulative);
        }
    }
}
