/**
 * The data plane: listeners, TLS, TCP and HTTP/1 forwarding on Netty's epoll transport with BoringSSL.
 *
 * <p>Threading: a connection, its upstream connections and all that they touch belong to one event loop
 * ({@link lateen.proxy.loop.Worker}); configuration is compiled on a thread of its own and handed over by one
 * volatile reference. Read first: {@link lateen.proxy.Proxy}, then {@link lateen.proxy.listener.ConnectionStart}.
 */
package lateen.proxy;
