/**
 * From an accepted socket to a filter chain: listening sockets, the original destination, the inspectors, the choice.
 *
 * <p>Threading: one loop accepts for all listeners and deals connections out in turn, so that few long-lived ones are
 * spread evenly and none is lost in another socket's queue when a listener closes; from then on each connection is its
 * worker's. Read first: {@link lateen.proxy.listener.ConnectionStart}.
 */
package lateen.proxy.listener;
