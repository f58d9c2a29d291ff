/**
 * Hot restart: a new process takes the listening sockets over from the one before, as descriptors over a unix socket, and
 * no connection is lost, not even one that nobody has accepted yet. Envoy: {@code --restart-epoch}.
 *
 * <p>The old process offers ({@link lateen.proxy.restart.RestartOffer}), the new one takes ({@link
 * lateen.proxy.restart.RestartTake}). What they say to each other, in lines:
 *
 * <pre>
 * new: take 1 EPOCH          old: sockets N, and N lines with their names; or: no REASON
 * new: ready                 old: N descriptors, in that order
 * new: drain SECONDS         old: draining; then, each second, counter … and connections N; its end is the connection's
 * </pre>
 *
 * <p>Until {@code drain} the old one serves as if nothing were: a new one may fail at any moment before.
 */
package lateen.proxy.restart;
