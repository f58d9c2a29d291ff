package lateen.proxy.stats;

import java.util.concurrent.atomic.LongAdder;

/** A number that only grows. Any thread. */
public final class Counter implements Metric {

    private final LongAdder value = new LongAdder();

    Counter() {}

    public void increment() {
        value.increment();
    }

    public void add(long n) {
        value.add(n);
    }

    public long value() {
        return value.sum();
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
