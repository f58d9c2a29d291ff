/**
 * Envoy's xDS v3 at the edge: decoding into decision records, the ADS client, small protos.
 *
 * <p>Threading: written in each package; what is here is immutable. Read first: {@link lateen.xds.ResourceType}.
 */
package lateen.xds;
