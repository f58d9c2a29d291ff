/**
 * The HTTP/1.1 connection manager and router.
 *
 * <p>Threading: a connection, its exchange and its upstream connection belong to one event loop; objects are used again
 * for each request of a connection. Failures are values ({@link lateen.proxy.Failure}); {@link
 * lateen.proxy.http.Answers} alone turns them into answers. Read first: {@link lateen.proxy.http.Http1Connection}, then
 * {@link lateen.proxy.http.Exchange} and {@link lateen.proxy.http.Upstream}.
 */
package lateen.proxy.http;
