package lateen.decision.config;

/**
 * @param name of the cluster
 * @param weight 0 or more; a choice is made in proportion
 */
public record WeightedCluster(String name, long weight) {}
