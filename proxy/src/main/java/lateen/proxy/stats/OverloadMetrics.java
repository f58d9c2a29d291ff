package lateen.proxy.stats;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import lateen.decision.config.OverloadConfig.Kind;

/** Envoy: {@code overload.<monitor>.*} and {@code overload.<action>.*}. */
public final class OverloadMetrics {
    private final Stats stats;
    private final Counter shrunk;

    public OverloadMetrics(Stats stats) {
        this.stats = stats;
        this.shrunk = counter(Kind.SHRINK_HEAP.text(), "shrink_count", "Times the heap was made smaller.");
    }

    /**
     * Of a resource that is watched.
     *
     * @param looked whether it is looked at from time to time, and not counted as it is used
     */
    public Resource resource(String name, boolean looked) {
        if (looked) {
            counter(name, "skipped_updates", "Looks at the resource that were left out.");
        }
        AtomicLong pressure = new AtomicLong();
        gauge(name, "pressure", "How much of the resource is in use, in per cent.", pressure);
        return new Resource(
                pressure, counter(name, "failed_updates", "Looks at the resource that failed, or more of it refused."));
    }

    public Action action(Kind kind) {
        AtomicLong percent = new AtomicLong();
        gauge(kind.text(), "scale_percent", "How strongly this is done, in per cent.", percent);
        AtomicLong active = new AtomicLong();
        gauge(kind.text(), "active", "1 while this is done in full.", active);
        return new Action(percent, active);
    }

    public void shrunk() {
        shrunk.increment();
    }

    private Counter counter(String of, String what, String help) {
        stats.plainly(name(of, what), "overload." + of + "." + what);
        return stats.counter(name(of, what), help, List.of(), List.of());
    }

    private void gauge(String of, String what, String help, AtomicLong value) {
        stats.plainly(name(of, what), "overload." + of + "." + what);
        stats.gauge(name(of, what), help, value::get);
    }

    private static String name(String of, String what) {
        return "envoy_overload_" + of.replaceAll("[^a-zA-Z0-9_]", "_") + "_" + what;
    }

    /** Written by one thread. */
    public record Resource(AtomicLong percent, Counter failed) {
        public void pressure(long value) {
            percent.set(value);
        }
    }

    /** Written by one thread. */
    public record Action(AtomicLong percent, AtomicLong active) {
        /** @param strength 0 to 1 */
        public void strength(double strength) {
            // In single precision, as Envoy, or an even half would be shown as 49.
            percent.set((long) ((float) strength * 100));
            active.set(strength == 1 ? 1 : 0);
        }
    }
}
