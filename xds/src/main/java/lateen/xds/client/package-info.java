/**
 * The ADS client of a proxy: delta stream, warming, receipts.
 *
 * <p>Threading: everything happens on the client's own thread ({@code xds-client}); what is read from outside
 * ({@link lateen.xds.client.AdsClient#status()}, {@link lateen.xds.client.AdsClient#resources()}) is an immutable
 * value. Read first: {@link lateen.xds.client.AdsClient}, then {@link lateen.xds.client.SnapshotAssembler}.
 */
package lateen.xds.client;
