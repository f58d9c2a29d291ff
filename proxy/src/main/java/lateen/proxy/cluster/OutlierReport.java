package lateen.proxy.cluster;

import java.time.Duration;
import lateen.decision.net.SocketAddr;
import lateen.proxy.outlier.OutlierKind;
import lateen.proxy.outlier.OutlierObserver;
import lateen.proxy.stats.OutlierMetrics;
import lateen.proxy.stats.ProxyMetrics;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what a cluster's outlier detector does; each ejection and each return is one line of the log. */
final class OutlierReport implements OutlierObserver {
    private static final Logger log = LoggerFactory.getLogger(OutlierReport.class);

    private final String cluster;
    private final ProxyMetrics stats;
    /** Made when first needed: most clusters of a mesh are never used by one workload. */
    private @Nullable OutlierMetrics made;

    OutlierReport(String cluster, ProxyMetrics stats) {
        this.cluster = cluster;
        this.stats = stats;
    }

    private OutlierMetrics metrics() {
        OutlierMetrics known = made;
        if (known == null) {
            known = stats.outliers(cluster);
            made = known;
        }
        return known;
    }

    @Override
    public void detected(OutlierKind kind) {
        metrics().detected(kind).increment();
    }

    @Override
    public void ejected(SocketAddr host, OutlierKind kind, Duration atLeast, int active, int hosts) {
        metrics().enforced(kind).increment();
        metrics().enforcedTotal().increment();
        active(active);
        log.warn(
                "cluster {}: {} ejected for {} ms: {} ({} of {} hosts are out)",
                cluster,
                host,
                atLeast.toMillis(),
                kind.text(),
                active,
                hosts);
    }

    @Override
    public void overflow() {
        metrics().overflow().increment();
    }

    @Override
    public void returned(SocketAddr host, Duration after, int active, int hosts) {
        active(active);
        log.info(
                "cluster {}: {} returns after {} ms ({} of {} hosts are out)",
                cluster,
                host,
                after.toMillis(),
                active,
                hosts);
    }

    @Override
    public void active(int active) {
        metrics().active().add(active - metrics().active().value());
    }
}
