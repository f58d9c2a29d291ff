package lateen.proxy.stats;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What the counters of a process have grown by, in lines that another process adds to its own. A line has, encoded and
 * parted by blanks: name, help, names of labels and their values (each parted by commas), growth.
 */
public final class CounterFeed {
    private static final int PARTS = 5;

    private final Stats stats;
    private final Map<String, Long> told = new HashMap<>();

    public CounterFeed(Stats stats) {
        this.stats = stats;
    }

    /** A line for each counter that has grown since the last call. */
    public void changes(Consumer<String> line) {
        stats.counters((name, help, labelNames, labels, value) -> {
            String series =
                    String.join(" ", encoded(name), encoded(help), "=" + joined(labelNames), "=" + joined(labels));
            long before = told.getOrDefault(series, 0L);
            if (value > before) {
                told.put(series, value);
                line.accept(series + " " + (value - before));
            }
        });
    }

    /** Adds what a line tells. */
    public static void add(Stats to, String line) {
        String[] parts = line.split(" ");
        if (parts.length != PARTS) {
            throw new IllegalArgumentException("'" + line + "' (expected: " + PARTS + " parts)");
        }
        to.counter(decoded(parts[0]), decoded(parts[1]), list(parts[2]), list(parts[3]))
                .add(Long.parseLong(parts[4]));
    }

    private static String joined(List<String> texts) {
        return texts.stream().map(CounterFeed::encoded).collect(Collectors.joining(","));
    }

    private static List<String> list(String part) {
        String text = part.substring(1);
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(CounterFeed::decoded).toList();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
