/**
 * The ways by which xDS resources reach a proxy: streams of each kind, watched files, DNS. What becomes of them is the
 * business of {@code lateen.xds.client}.
 *
 * <p>Threading: sources are called, and call back, on the client's one thread; what waits (gRPC, files, resolvers) has
 * threads of its own. Read first: {@link lateen.xds.source.Source}, then {@link lateen.xds.source.GrpcSource}.
 */
package lateen.xds.source;
