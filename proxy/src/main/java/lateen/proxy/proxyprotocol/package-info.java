/**
 * The PROXY protocol, versions 1 and 2 (haproxy's {@code proxy-protocol.txt}): by whom a connection was made, told by the
 * proxy in front of this one, and told on to the next.
 *
 * <p>Threading: pure functions, and one handler that belongs to its connection's loop. Read first: {@link
 * lateen.proxy.proxyprotocol.ProxyHeader}.
 */
package lateen.proxy.proxyprotocol;
