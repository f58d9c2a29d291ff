/**
 * Envoy's messages into decision records: the only decoder.
 *
 * <p>Each message is first compared with {@code supported-fields.txt}, so that nothing set is silently ignored, and then
 * read by hand. A refusal names the resource, the field path, the value and what was expected.
 *
 * <p>Threading: stateless; any thread. Read first: {@link lateen.xds.decode.ResourceDecoder}.
 */
package lateen.xds.decode;
