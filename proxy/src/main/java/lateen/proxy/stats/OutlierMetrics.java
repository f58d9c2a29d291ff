package lateen.proxy.stats;

import java.util.EnumMap;
import java.util.List;
import java.util.Objects;
import lateen.proxy.outlier.OutlierKind;

/** Envoy: {@code cluster.<name>.outlier_detection.*}. Any thread. */
public final class OutlierMetrics {
    private static final String PREFIX = "envoy_cluster_outlier_detection_ejections_";

    private final Gauge active;
    private final Counter total;
    private final Counter overflow;
    private final EnumMap<OutlierKind, Counter> detected = new EnumMap<>(OutlierKind.class);
    private final EnumMap<OutlierKind, Counter> enforced = new EnumMap<>(OutlierKind.class);

    OutlierMetrics(Stats stats, List<String> names, List<String> labels) {
        active = stats.gauge(PREFIX + "active", "Hosts that are ejected now.", names, labels);
        total = stats.counter(PREFIX + "enforced_total", "Ejections.", names, labels);
        overflow = stats.counter(PREFIX + "overflow", "Outliers kept, as too many hosts were out.", names, labels);
        for (OutlierKind kind : OutlierKind.values()) {
            String name = kind.text();
            detected.put(kind, stats.counter(PREFIX + "detected_" + name, "Outliers found.", names, labels));
            enforced.put(kind, stats.counter(PREFIX + "enforced_" + name, "Ejections.", names, labels));
        }
    }

    /** Forgets the series of a cluster. */
    static void forget(Stats stats, List<String> labels) {
        List.of("active", "enforced_total", "overflow").forEach(each -> stats.remove(PREFIX + each, labels));
        for (OutlierKind each : OutlierKind.values()) {
            stats.remove(PREFIX + "detected_" + each.text(), labels);
            stats.remove(PREFIX + "enforced_" + each.text(), labels);
        }
    }

    public Gauge active() {
        return active;
    }

    public Counter enforcedTotal() {
        return total;
    }

    public Counter overflow() {
        return overflow;
    }

    public Counter detected(OutlierKind kind) {
        return Objects.requireNonNull(detected.get(kind));
    }

    public Counter enforced(OutlierKind kind) {
        return Objects.requireNonNull(enforced.get(kind));
    }
}
