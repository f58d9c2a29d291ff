/**
 * Metrics of the data plane: counters, gauges and histograms found once when a configuration is compiled or a connection
 * opens, then only added to; and their rendering for Prometheus.
 *
 * <p>Read first: {@link lateen.proxy.stats.Stats}, then {@link lateen.proxy.stats.MeshMetrics}. Adding never locks nor
 * allocates and may be done by any thread: a value is one long until event loops contend for it, and is striped from
 * then on. Names and labels of metrics stand in {@link lateen.proxy.stats.MeshMetrics} and {@link
 * lateen.proxy.stats.ProxyMetrics} only.
 */
@NullMarked
package lateen.proxy.stats;

import org.jspecify.annotations.NullMarked;
