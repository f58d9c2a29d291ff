/** Envoy's xDS v3 at the edge: decoding into decision records, the ADS client, small protos. */
package lateen.xds;
