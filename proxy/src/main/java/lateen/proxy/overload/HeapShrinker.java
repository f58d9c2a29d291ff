package lateen.proxy.overload;

import lateen.proxy.stats.OverloadMetrics;

/** Gives memory back: a whole collection, as often as Envoy asks its allocator, every ten seconds. */
final class HeapShrinker {
    private static final long INTERVAL_NANOS = 10_000_000_000L;

    private final OverloadMetrics metrics;
    private long last = System.nanoTime();

    HeapShrinker(OverloadMetrics metrics) {
        this.metrics = metrics;
    }

    void run(long now) {
        if (now - last >= INTERVAL_NANOS) {
            last = now;
            System.gc();
            metrics.shrunk();
        }
    }
}
