/**
 * The live picture of a mesh: sidecars' metrics in, one page out.
 *
 * <p>{@link lateen.services.dashboard.MetricsSource} brings pages of Prometheus text, {@code PrometheusText} reads them,
 * {@code GraphBuilder} makes a {@code MeshGraph} of two readings, {@code Layout} gives everything its place, {@code GraphJson}
 * writes it for the page's script, which draws. All between source and page is pure.
 *
 * <p>Threading: one thread asks the source; everything else is immutable.
 *
 * <p>Read first: {@link lateen.services.dashboard.Dashboard}.
 */
@NullMarked
package lateen.services.dashboard;

import org.jspecify.annotations.NullMarked;
