/**
 * What a proxy is told to do ({@code config}), and deciding it: filter chain, route, weighted choice, access.
 *
 * <p>Pure: no I/O, no clock, no threads; time and random numbers are parameters. Everything here is immutable once
 * built and may be shared between threads. Read first: {@link lateen.decision.config.ProxyConfig}.
 */
package lateen.decision;
