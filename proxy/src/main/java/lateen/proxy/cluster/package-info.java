/**
 * Clusters and their hosts, compiled from the configuration.
 *
 * <p>Threading: immutable, but for counters that any loop may touch (atomics). A host stays the same object while its
 * address and transport do, so that its pools and counts survive updates. Read first: {@link
 * lateen.proxy.cluster.Cluster}.
 */
package lateen.proxy.cluster;
