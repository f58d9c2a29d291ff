/**
 * A proxy's start from a file: Envoy's {@code config.bootstrap.v3.Bootstrap}, and what is said in it of where all the rest
 * comes from.
 *
 * <p>Threading: reading is a pure function of file, environment and the files that it names. Read first:
 * {@link lateen.xds.bootstrap.StandaloneBootstrap}, then {@link lateen.xds.bootstrap.PlainForm}.
 */
package lateen.xds.bootstrap;
