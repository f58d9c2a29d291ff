/**
 * What is known about a downstream connection.
 *
 * <p>Owned by the connection's event loop.
 */
package lateen.proxy.connection;
