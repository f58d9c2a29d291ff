package lateen.proxy.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lateen.proxy.Proxy;
import org.awaitility.Awaitility;

/** What a proxy holds now: of connections and requests nothing may be left after an attack. */
record Gauges(Proxy proxy) {
    private static final List<String> ACTIVE =
            List.of("downstream_cx_active", "downstream_rq_active", "upstream_rq_active", "upstream_rq_pending_active");

    private List<String> lines() {
        StringBuilder text = new StringBuilder();
        proxy.stats().renderPrometheus(text);
        return text.toString().lines().filter(line -> !line.startsWith("#")).toList();
    }

    /** The sum over all labels. */
    long of(String name) {
        return lines().stream()
                .filter(line -> line.contains(name))
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Each gauge that is not zero, with its value. */
    private List<String> held() {
        List<String> held = new ArrayList<>();
        for (String line : lines()) {
            if (ACTIVE.stream().anyMatch(line::contains) && !line.endsWith(" 0")) {
                held.add(line);
            }
        }
        return held;
    }

    /** Waits until no buffer is in use. */
    void awaitNoBuffers() {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(
                        () -> assertThat(of("lateen_buffers_used_bytes ")).isZero());
    }

    /** Waits until no client and no request is left. */
    void awaitNothing() {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(held()).isEmpty());
    }
}
