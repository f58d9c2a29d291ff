package lateen.proxy.stats;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A number that goes up and down, or is asked for when it is read. Any thread. */
public final class Gauge implements Metric {

    private final LongAdder value = new LongAdder();
    private final @Nullable LongSupplier source;

    Gauge(@Nullable LongSupplier source) {
        this.source = source;
    }

    public void increment() {
        value.increment();
    }

    public void decrement() {
        value.decrement();
    }

    public void add(long n) {
        value.add(n);
    }

    public long value() {
        return source != null ? source.getAsLong() : value.sum();
    }

    @Override
    public void render(String name, String labels, StringBuilder out) {
        Metric.line(out, name, labels, value());
    }

    @Override
    public String plain() {
        return Long.toString(value());
    }
}
