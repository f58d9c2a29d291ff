/**
 * Choosing a listener and a filter chain for a connection.
 *
 * <p>Pure and immutable; shared freely between threads; choosing allocates nothing. Read first: {@link
 * lateen.decision.chain.ChainSelector}.
 */
package lateen.decision.chain;
