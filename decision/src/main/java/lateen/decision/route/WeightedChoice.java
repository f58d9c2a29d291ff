package lateen.decision.route;

import java.util.Arrays;
import java.util.List;
import lateen.decision.config.WeightedCluster;

/** Chooses a cluster in proportion to the weights. Envoy: {@code WeightedCluster}. Immutable. */
public final class WeightedChoice {

    private final WeightedCluster[] clusters;
    private final long[] upTo;

    private WeightedChoice(WeightedCluster[] clusters, long[] upTo) {
        this.clusters = clusters;
        this.upTo = upTo;
    }

    /**
     * @param clusters a single one is always chosen, whatever its weight
     * @throws IllegalArgumentException when there is none, a weight is negative, or the weights of several sum to 0 or
     *     beyond a long
     */
    public static WeightedChoice compile(List<WeightedCluster> clusters) {
        if (clusters.isEmpty()) {
            throw new IllegalArgumentException("no cluster to choose from (expected: at least one)");
        }
        long[] upTo = new long[clusters.size()];
        long sum = 0;
        for (int i = 0; i < upTo.length; i++) {
            WeightedCluster cluster = clusters.get(i);
            if (cluster.weight() < 0 || cluster.weight() > Long.MAX_VALUE - sum) {
                throw new IllegalArgumentException("cluster '" + cluster.name() + "': weight: " + cluster.weight()
                        + " (expected: 0 or more, and all together no more than " + Long.MAX_VALUE + ")");
            }
            sum += cluster.weight();
            upTo[i] = sum;
        }
        if (sum == 0 && upTo.length > 1) {
            throw new IllegalArgumentException(
                    "weights of " + upTo.length + " clusters sum to 0 (expected: 1 or more; give one a weight)");
        }
        return new WeightedChoice(clusters.toArray(WeightedCluster[]::new), upTo);
    }

    /** @param random any 64 bits, evenly spread */
    public WeightedCluster pick(long random) {
        return clusters[pickIndex(random)];
    }

    /** As {@link #pick}: the place in the list that was compiled. */
    public int pickIndex(long random) {
        if (clusters.length == 1) {
            return 0;
        }
        long ticket = Long.remainderUnsigned(random, upTo[upTo.length - 1]);
        int at = Arrays.binarySearch(upTo, ticket + 1);
        int index = at >= 0 ? at : -at - 1;
        // Equal bounds are clusters of weight 0; the first of them is the one that owns the ticket.
        while (index > 0 && upTo[index - 1] > ticket) {
            index--;
        }
        return index;
    }
}
