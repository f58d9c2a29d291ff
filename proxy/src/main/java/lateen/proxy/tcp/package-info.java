/**
 * Bytes forwarded both ways.
 *
 * <p>Both connections belong to one event loop. Read first: {@link lateen.proxy.tcp.TcpSession}.
 */
package lateen.proxy.tcp;
