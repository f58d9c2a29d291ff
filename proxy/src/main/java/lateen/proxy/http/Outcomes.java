package lateen.proxy.http;

import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.outlier.HostMonitor;
import lateen.proxy.outlier.OutlierDetector;
import org.jspecify.annotations.Nullable;

/** Tells the cluster's outlier detector, where there is one, what became of an attempt. Owned by the loop. */
final class Outcomes {
    private @Nullable OutlierDetector detector;
    private @Nullable HostMonitor monitor;

    void of(Cluster cluster, @Nullable Host host) {
        detector = cluster.outliers();
        monitor = host == null ? null : host.monitor();
    }

    void connected() {
        if (detector != null && monitor != null) {
            detector.connected(monitor);
        }
    }

    /** @param status 0: the answer has not said yet */
    void answered(int status, long now) {
        if (status != 0 && detector != null && monitor != null) {
            detector.answered(monitor, status, now);
        }
    }

    void failed(long now) {
        if (detector != null && monitor != null) {
            detector.failed(monitor, now);
        }
    }

    void timedOut(long now) {
        if (detector != null && monitor != null) {
            detector.timedOut(monitor, now);
        }
    }
}
