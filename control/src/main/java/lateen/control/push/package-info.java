/**
 * From a snapshot to what the ADS server sends: translated once for all proxies that see the same, encoded once.
 *
 * <p>Threading: {@link lateen.control.push.MeshViews} is asked by many threads and told of new snapshots by one. Read
 * first: that class.
 */
package lateen.control.push;
