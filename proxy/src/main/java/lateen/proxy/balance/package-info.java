/**
 * Choosing one of a cluster's hosts.
 *
 * <p>Immutable, but for a round-robin position for each loop. Read first: {@link lateen.proxy.balance.Balancer}.
 */
package lateen.proxy.balance;
