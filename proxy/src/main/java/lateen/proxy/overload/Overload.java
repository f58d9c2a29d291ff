package lateen.proxy.overload;

import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import lateen.decision.config.OverloadConfig;
import lateen.decision.config.OverloadConfig.Action;
import lateen.decision.config.OverloadConfig.Kind;
import lateen.decision.config.OverloadConfig.Monitor;
import lateen.decision.config.OverloadConfig.Trigger;
import lateen.proxy.stats.Counter;
import lateen.proxy.stats.OverloadMetrics;
import lateen.proxy.stats.Stats;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether load is shed at present, and which. Event loops ask before each connection and request; {@link #refresh} is
 * called by one thread, every {@link OverloadConfig#refresh()}.
 */
public final class Overload {
    private static final Logger log = LoggerFactory.getLogger(Overload.class);

    /** Of heap for a stream of HTTP/2 that carries a request, with as much in reserve. */
    private static final int BYTES_PER_STREAM = 16 * 1024;

    /** Large heads together may take one part in so many of the heap. */
    private static final int HEADS = 8;

    private final List<Watched> watched = new ArrayList<>();
    private final List<Acting> acting = new ArrayList<>();
    private final Map<Kind, Double> strengths = new EnumMap<>(Kind.class);
    private final HeapShrinker shrinker;
    private final BufferUse buffers;
    private final HeadShare heads = new HeadShare(Runtime.getRuntime().maxMemory() / HEADS);

    /** Open connections of clients. */
    private final AtomicLong open = new AtomicLong();

    /** Streams of HTTP/2 connections of clients. */
    private final AtomicLong streams = new AtomicLong();

    private final long mostStreams = Runtime.getRuntime().maxMemory() / BYTES_PER_STREAM;

    private final long mostConnections;
    private final @Nullable Counter refusedConnections;

    /** Written by the refreshing thread only, each 0 to 1. */
    private volatile double requests;

    private volatile double keepAlive;
    private volatile double rejecting;

    private record Watched(Monitor monitor, Gauge gauge, OverloadMetrics.Resource metrics) {}

    private record Acting(Action action, OverloadMetrics.Action metrics) {}

    /** @param allocator of the loops */
    public Overload(OverloadConfig config, Stats stats, PooledByteBufAllocator allocator) {
        buffers = new BufferUse(allocator);
        stats.gauge("lateen_http2_streams", "Streams of clients that memory is held for.", streams::get);
        OverloadMetrics metrics = new OverloadMetrics(stats);
        double lowest = config.actions().stream()
                .flatMap(each -> each.triggers().stream())
                .mapToDouble(Overload::begins)
                .min()
                .orElse(1);
        long most = DefaultLimits.connections();
        Counter refused = null;
        for (Monitor monitor : config.monitors()) {
            OverloadMetrics.Resource resource =
                    metrics.resource(monitor.name(), !(monitor instanceof Monitor.Connections));
            watched.add(new Watched(
                    monitor,
                    switch (monitor) {
                        case Monitor.Memory memory -> new MemoryGauge(memory.maxBytes(), lowest, buffers);
                        case Monitor.Connections connections -> () -> (double) open.get() / connections.max();
                        case Monitor.Injected injected -> new InjectedGauge(injected.file());
                    },
                    resource));
            if (monitor instanceof Monitor.Connections connections) {
                most = connections.max();
                refused = resource.failed();
            }
        }
        mostConnections = most;
        refusedConnections = refused;
        config.actions().forEach(each -> acting.add(new Acting(each, metrics.action(each.kind()))));
        shrinker = new HeapShrinker(metrics);
    }

    private static double begins(Trigger trigger) {
        return switch (trigger) {
            case Trigger.Threshold(var _, double value) -> value;
            case Trigger.Scaled(var _, double from, var _) -> from;
        };
    }

    /**
     * Looks at everything that is watched, and sets what is done about it.
     *
     * @param accepting told at each change whether listeners may accept
     */
    void refresh(long now, Consumer<Boolean> accepting) {
        Map<String, Double> pressures = new java.util.HashMap<>();
        for (Watched each : watched) {
            try {
                pressures.put(each.monitor.name(), each.gauge.pressure());
            } catch (java.io.IOException e) {
                // What it was is not known to have changed.
                each.metrics.failed().increment();
                log.warn("overload: {}: {}", each.monitor.name(), e.getMessage());
            }
        }
        for (Acting each : acting) {
            double strength = strengths.getOrDefault(each.action.kind(), 0.0);
            double next = 0;
            for (Trigger trigger : each.action.triggers()) {
                Double pressure = pressures.get(trigger.monitor());
                next = Math.max(next, pressure == null ? strength : trigger.strength(pressure));
            }
            each.metrics.strength(next);
            if (next != strength) {
                strengths.put(each.action.kind(), next);
                if (next == 1 || strength == 1) {
                    log.warn("overload: {} is {}: {}", each.action.kind().text(), next == 1 ? "on" : "off", pressures);
                }
                apply(each.action.kind(), strength, next, accepting);
            }
        }
        for (Watched each : watched) {
            Double pressure = pressures.get(each.monitor.name());
            if (pressure != null) {
                each.metrics.pressure((long) (pressure * 100));
            }
        }
        if (strengths.getOrDefault(Kind.SHRINK_HEAP, 0.0) == 1) {
            shrinker.run(now);
        }
    }

    private void apply(Kind kind, double before, double now, Consumer<Boolean> accepting) {
        switch (kind) {
            case STOP_ACCEPTING_REQUESTS -> requests = now;
            case DISABLE_HTTP_KEEPALIVE -> keepAlive = now;
            case REJECT_INCOMING_CONNECTIONS -> rejecting = now;
            case STOP_ACCEPTING_CONNECTIONS -> {
                if ((before == 1) != (now == 1)) {
                    accepting.accept(now < 1);
                }
            }
            case SHRINK_HEAP -> {}
        }
    }

    private static boolean happens(double strength) {
        return strength > 0 && (strength >= 1 || ThreadLocalRandom.current().nextDouble() < strength);
    }

    /** Whether a request that comes now is answered with 503. */
    public boolean stopsRequest() {
        return happens(requests);
    }

    /** Whether the connection of a request that comes now ends with it. */
    public boolean disablesKeepAlive() {
        return happens(keepAlive);
    }

    /** Whether a connection that comes now is closed, because of {@code reject_incoming_connections}. */
    public boolean rejectsConnection() {
        return happens(rejecting);
    }

    /** Whether there is hardly room for more bytes: who brings some is ended. Whatever is configured. */
    public boolean exhausted() {
        return buffers.exhausted();
    }

    /** What large heads may take of the heap. Whatever is configured. */
    public HeadShare heads() {
        return heads;
    }

    /** One more stream of HTTP/2; false: there are too many. Whatever is configured. Each is {@link #leaveStream left}. */
    public boolean enterStream() {
        if (streams.incrementAndGet() <= mostStreams) {
            return true;
        }
        streams.decrementAndGet();
        return false;
    }

    public void leaveStream() {
        streams.decrementAndGet();
    }

    /** One more connection; false: there are too many. Each that entered must {@link #leave}. */
    public boolean enter() {
        if (open.incrementAndGet() <= mostConnections) {
            return true;
        }
        open.decrementAndGet();
        if (refusedConnections != null) {
            refusedConnections.increment();
        }
        return false;
    }

    public void leave() {
        open.decrementAndGet();
    }

    /** Open connections of clients. Any thread. */
    public long connections() {
        return open.get();
    }
}
