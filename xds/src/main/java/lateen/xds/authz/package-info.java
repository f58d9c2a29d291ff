/**
 * The messages of an external authorization server, {@code envoy.service.auth.v3}, as bytes: the question is written and
 * the answer read by hand, so that whoever asks needs no protobuf.
 *
 * <p>Threading: a writer belongs to one thread; reading is stateless. Read first: {@link
 * lateen.xds.authz.CheckRequestWriter}, {@link lateen.xds.authz.CheckAnswer}.
 */
package lateen.xds.authz;
