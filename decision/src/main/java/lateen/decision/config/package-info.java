/**
 * What a proxy is told to do, as immutable records in the field's own terms (listener, filter chain, route, cluster).
 *
 * <p>Only the {@code xds} module builds these from foreign bytes, and it validates: a record here is always usable.
 * Threading: immutable, shared freely. Read first: {@link lateen.decision.config.ProxyConfig}.
 */
package lateen.decision.config;
