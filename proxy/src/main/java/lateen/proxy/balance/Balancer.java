package lateen.proxy.balance;

import java.util.List;
import lateen.decision.config.ClusterConfig.LbPolicy;
import lateen.proxy.cluster.Host;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among the healthy hosts of the best priority that has any; with too few of them among all hosts of it, for
 * they would break down too. Envoy: panic threshold.
 *
 * <p>Round robin keeps a position for each loop (no shared write); least request takes the less busy of two random
 * hosts, as Envoy does.
 */
public final class Balancer {
    /** A cache line between the loops' positions. */
    private static final int STRIDE = 16;

    private static final int MAX_WORKERS = 64;
    /** Envoy: overprovisioning factor, in percent; with that many hosts healthy a cluster counts as whole. */
    private static final double OVERPROVISIONING = 140;

    private static final double WHOLE = 100;

    private final LbPolicy policy;
    private final @Nullable WeightedHosts hosts;
    private final int[] positions;

    private Balancer(LbPolicy policy, @Nullable WeightedHosts hosts, int[] positions) {
        this.policy = policy;
        this.hosts = hosts;
        this.positions = positions;
    }

    /**
     * @param tiers best first, none empty
     * @param panicThreshold percentage, see {@link lateen.decision.config.ClusterConfig}
     */
    public static Balancer of(LbPolicy policy, List<Tier> tiers, double panicThreshold) {
        boolean turns = policy == LbPolicy.ROUND_ROBIN && !tiers.isEmpty();
        return new Balancer(
                policy, available(tiers, panicThreshold), turns ? new int[MAX_WORKERS * STRIDE] : new int[0]);
    }

    /** The same after a host went out or came back; turns go on. */
    public Balancer with(List<Tier> tiers, double panicThreshold) {
        return new Balancer(policy, available(tiers, panicThreshold), positions);
    }

    private static @Nullable WeightedHosts available(List<Tier> tiers, double panicThreshold) {
        double health = 0;
        Tier best = null;
        for (Tier each : tiers) {
            int available = each.available();
            health += Math.min(WHOLE, OVERPROVISIONING * available / each.size());
            if (best == null && available > 0) {
                best = each;
            }
        }
        Tier from = best != null ? best : tiers.isEmpty() ? null : tiers.getFirst();
        if (from == null) {
            return null;
        }
        boolean panic = health < WHOLE && WHOLE * from.available() / from.size() < panicThreshold;
        return best == null && !panic ? null : from.hosts(panic);
    }

    /**
     * @param worker index of the calling loop
     * @param random 64 uniformly random bits
     * @return null when no host is to be had
     */
    public @Nullable Host choose(int worker, long random) {
        WeightedHosts from = hosts;
        if (from == null) {
            return null;
        }
        if (from.hosts.length == 1) {
            return from.hosts[0];
        }
        return switch (policy) {
            case ROUND_ROBIN -> from.cumulative.length == 0 ? next(from, worker) : from.pick(random);
            case LEAST_REQUEST -> lessBusy(from, random);
            case RANDOM, CLUSTER_PROVIDED -> from.pick(random);
        };
    }

    private Host next(WeightedHosts from, int worker) {
        int at = worker % MAX_WORKERS * STRIDE;
        // Loops start apart, so that few requests on many loops do not all meet the first host.
        int position = positions[at]++ + worker;
        return from.hosts[Integer.remainderUnsigned(position, from.hosts.length)];
    }

    private static Host lessBusy(WeightedHosts from, long random) {
        Host one = from.pick(random);
        Host other = from.pick(mix(random));
        return other.active() < one.active() ? other : one;
    }

    /** SplittableRandom's finalizer: a second, independent number out of the first. */
    private static long mix(long z) {
        long x = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        return x ^ (x >>> 31);
    }
}
