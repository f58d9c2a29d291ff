/**
 * Connections to hosts: opening them, and keeping idle HTTP/1 ones for the next request.
 *
 * <p>Threading: one {@link lateen.proxy.pool.Pools} for each loop, touched by that loop only; only circuit breakers are
 * shared. Read first: {@link lateen.proxy.pool.Http1Pool}.
 */
package lateen.proxy.pool;
