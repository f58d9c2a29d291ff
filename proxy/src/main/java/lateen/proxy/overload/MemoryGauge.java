package lateen.proxy.overload;

/**
 * The heap and the buffers outside of it, together against what is configured, and each against the limit that the JVM
 * was started with; what is nearest counts. Garbage counts too, as nobody can tell it from the rest without a collection:
 * only when it would matter, one is asked for, at most every two seconds.
 */
final class MemoryGauge implements Gauge {
    private static final long COLLECTION_NANOS = 2_000_000_000L;

    private static final long MAX_HEAP = Runtime.getRuntime().maxMemory();

    private final long max;
    private final double matters;
    private final BufferUse buffers;
    private long collected = System.nanoTime() - COLLECTION_NANOS;
    /** Of the heap, after the last collection that was asked for here. */
    private long live;

    /** @param matters the lowest pressure at which something is done */
    MemoryGauge(long max, double matters, BufferUse buffers) {
        this.buffers = buffers;
        this.max = max;
        this.matters = matters;
    }

    @Override
    public double pressure() {
        long used = heap();
        if (pressure(used) >= matters) {
            long now = System.nanoTime();
            if (now - collected >= COLLECTION_NANOS) {
                System.gc();
                collected = System.nanoTime();
                live = heap();
            }
            used = Math.min(used, live);
        }
        return pressure(used);
    }

    private double pressure(long heap) {
        return Math.max((double) (heap + buffers.used()) / max, Math.max((double) heap / MAX_HEAP, buffers.share()));
    }

    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
