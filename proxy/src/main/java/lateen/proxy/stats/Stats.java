package lateen.proxy.stats;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * All series of a process. Asking for one twice gives the same object. Any thread, but asking is for the time when a
 * configuration is compiled or a connection opens: it hashes the labels.
 *
 * <p>Series that peers can multiply have a budget: see {@link #tryReserve}.
 */
public final class Stats {

    /** Where Envoy's names have dots inside. */
    private static final String[][] GROUPS = {
        {"circuit_breakers_default_", "circuit_breakers.default."}, {"outlier_detection_", "outlier_detection."}
    };

    private final int budget;
    private final AtomicInteger reserved = new AtomicInteger();
    private final Map<String, Family> families = new ConcurrentSkipListMap<>();
    /** Of series without labels, for {@link #renderPlain}. */
    private final Map<String, String> plainNames = new ConcurrentHashMap<>();

    private record Family(String type, String help, List<String> labelNames, Map<List<String>, Metric> series) {}

    /**
     * @param budget how many series may come from what peers send and are; beyond it they are counted together
     */
    public Stats(int budget) {
        this.budget = budget;
    }

    public Counter counter(String name, String help, List<String> labelNames, List<String> labels) {
        return (Counter) metric(name, "counter", help, labelNames, labels, Counter::new);
    }

    public Gauge gauge(String name, String help, List<String> labelNames, List<String> labels) {
        return (Gauge) metric(name, "gauge", help, labelNames, labels, () -> new Gauge(null));
    }

    /** A gauge without labels whose value is asked for at each reading, by the reading thread. */
    public Gauge gauge(String name, String help, LongSupplier source) {
        return (Gauge) metric(name, "gauge", help, List.of(), List.of(), () -> new Gauge(source));
    }

    /** As {@link #gauge(String, String, LongSupplier)}, with labels. The first source of a series stays. */
    Gauge gauge(String name, String help, List<String> labelNames, List<String> labels, LongSupplier source) {
        return (Gauge) metric(name, "gauge", help, labelNames, labels, () -> new Gauge(source));
    }

    public Histogram histogram(String name, String help, List<String> labelNames, List<String> labels) {
        return (Histogram) metric(name, "histogram", help, labelNames, labels, Histogram::new);
    }

    public LatencyRecorder latency(String name, String help) {
        return (LatencyRecorder) metric(name, "histogram", help, List.of(), List.of(), LatencyRecorder::new);
    }

    private Metric metric(
            String name,
            String type,
            String help,
            List<String> labelNames,
            List<String> labels,
            Supplier<? extends Metric> maker) {
        Family family = families.computeIfAbsent(
                name, n -> new Family(type, help, List.copyOf(labelNames), new ConcurrentHashMap<>()));
        if (!family.type().equals(type)
                || !family.labelNames().equals(labelNames)
                || labels.size() != labelNames.size()) {
            throw new IllegalArgumentException("metric " + name + ": " + type + labelNames + " with " + labels
                    + " (expected: " + family.type() + family.labelNames() + ", a value for each)");
        }
        return family.series().computeIfAbsent(List.copyOf(labels), l -> maker.get());
    }

    /** Takes one counter. */
    interface CounterReader {
        void read(String name, String help, List<String> labelNames, List<String> labels, long value);
    }

    void counters(CounterReader reader) {
        families.forEach((name, family) -> family.series().forEach((labels, metric) -> {
            if (metric instanceof Counter counter) {
                reader.read(name, family.help(), family.labelNames(), labels, counter.value());
            }
        }));
    }

    /** What a series without labels is called in {@link #renderPlain}, where that does not follow from its name. */
    void plainly(String name, String plain) {
        plainNames.put(name, plain);
    }

    /** Forgets one series; whoever still holds it counts for nobody. */
    void remove(String name, List<String> labels) {
        Family family = families.get(name);
        if (family != null) {
            family.series().remove(labels);
        }
    }

    /** Takes {@code series} out of the budget; false: it is used up, and the caller must use shared series instead. */
    boolean tryReserve(int series) {
        while (true) {
            int now = reserved.get();
            if (now + series > budget) {
                return false;
            }
            if (reserved.compareAndSet(now, now + series)) {
                return true;
            }
        }
    }

    /** Prometheus' text format 0.0.4, sorted by name. */
    public void renderPrometheus(StringBuilder out) {
        families.forEach((name, family) -> {
            out.append("# HELP ")
                    .append(name)
                    .append(' ')
                    .append(escapeHelp(family.help()))
                    .append('\n');
            out.append("# TYPE ").append(name).append(' ').append(family.type()).append('\n');
            family.series()
                    .forEach((labels, metric) -> metric.render(name, labelText(family.labelNames(), labels), out));
        });
    }

    /** Lines of {@code name: value}, sorted; labels are written as {@code name.value} in the order they have. */
    public void renderPlain(StringBuilder out) {
        families.forEach((name, family) -> family.series().entrySet().stream()
                .map(e -> plainNames.getOrDefault(name, plainName(name, family.labelNames(), e.getKey())) + ": "
                        + e.getValue().plain() + "\n")
                .sorted()
                .forEach(out::append));
    }

    /** Envoy's {@code cluster.NAME.upstream_cx_total} for what Prometheus calls {@code envoy_cluster_…}. */
    private static String plainName(String name, List<String> labelNames, List<String> labels) {
        for (String kind : List.of("cluster", "listener")) {
            String prefix = "envoy_" + kind + "_";
            if (name.startsWith(prefix) && labels.size() == 1) {
                return kind + "." + labels.getFirst() + "." + grouped(name.substring(prefix.length()));
            }
        }
        for (String kind : List.of("envoy_http_ext_authz_", "envoy_ext_authz_")) {
            if (name.startsWith(kind) && labels.size() == 1) {
                String prefix = labels.getFirst();
                String scope =
                        kind.startsWith("envoy_http") ? "http." + prefix + ".ext_authz." : "ext_authz." + prefix + ".";
                return scope + name.substring(kind.length());
            }
        }
        if (name.startsWith(RateLimitMetrics.PREFIX)) {
            return labels.getFirst() + ".http_local_rate_limit." + name.substring(RateLimitMetrics.PREFIX.length());
        }
        if (name.startsWith("envoy_http_") && labels.size() == 1) {
            return "http." + labels.getFirst() + "." + name.substring("envoy_http_".length());
        }
        if (name.startsWith("envoy_server_")) {
            return "server." + name.substring("envoy_server_".length());
        }
        StringBuilder text = new StringBuilder(name);
        for (int i = 0; i < labels.size(); i++) {
            text.append('.').append(labelNames.get(i)).append('.').append(labels.get(i));
        }
        return text.toString();
    }

    private static String grouped(String name) {
        for (String[] each : GROUPS) {
            if (name.startsWith(each[0])) {
                return each[1] + name.substring(each[0].length());
            }
        }
        return name;
    }

    private static String labelText(List<String> names, List<String> values) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < names.size(); i++) {
            text.append(i == 0 ? "" : ",").append(names.get(i)).append("=\"");
            escapeLabel(values.get(i), text);
            text.append('"');
        }
        return text.toString();
    }

    private static void escapeLabel(String value, StringBuilder out) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '"' -> out.append("\\\"");
                case '\n' -> out.append("\\n");
                default -> out.append(c);
            }
        }
    }

    private static String escapeHelp(String help) {
        return help.replace("\\", "\\\\").replace("\n", "\\n");
    }
}
