/**
 * Outlier detection: hosts that fail are left out for a while. Envoy: {@code config.cluster.v3.OutlierDetection}.
 *
 * <p>Threading: every loop tells the detector what became of its requests, by atomics of the host; only an outlier that
 * was found, and the look at all hosts once in an interval, take a lock. Time is a parameter. Read first: {@link
 * lateen.proxy.outlier.OutlierDetector}.
 */
package lateen.proxy.outlier;
