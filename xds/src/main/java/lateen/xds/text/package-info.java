/**
 * Envoy's messages as people write them: YAML or JSON text to protobuf, every problem with its place.
 *
 * <p>Threading: pure functions. Read first: {@link lateen.xds.text.TextForm}.
 */
@org.jspecify.annotations.NullMarked
package lateen.xds.text;
