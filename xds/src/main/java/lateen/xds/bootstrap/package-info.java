/**
 * A proxy's start from a file: Envoy's {@code config.bootstrap.v3.Bootstrap} with static resources.
 *
 * <p>Threading: pure functions. Read first: {@link lateen.xds.bootstrap.StaticBootstrap}.
 */
package lateen.xds.bootstrap;
