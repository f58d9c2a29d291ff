package lateen.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import lateen.local.LocalWorkload;
import lateen.local.Supervised;

/** Certificates last a minute here: each sidecar renews its own while requests run, and none fails. */
final class RenewalStep {
    static final Duration LIFETIME = Duration.ofMinutes(1);

    /** More than half of a certificate's life. */
    private static final Duration PATIENCE = Duration.ofSeconds(45);

    private RenewalStep() {}

    static void run(Stage stage) throws IOException {
        Screen screen = stage.screen();
        screen.title("Certificates that last a minute, renewed while requests run");
        Map<String, Long> before = held(stage);
        boolean renewed;
        try (Traffic traffic = Traffic.start(stage.calls(), "client", "http://frontend/books")) {
            renewed = Until.holds(
                    PATIENCE,
                    () -> held(stage).entrySet().stream()
                            .allMatch(now -> now.getValue() > before.getOrDefault(now.getKey(), 0L)));
            traffic.close();
            screen.say(traffic.sent() + " requests meanwhile, "
                    + traffic.failures().size() + " failed");
            screen.expect(traffic.failures().isEmpty(), "requests failed: " + traffic.failures());
        }
        screen.say("certificates held since the start: " + held(stage));
        screen.expect(
                renewed,
                "not renewed within " + PATIENCE.toSeconds() + " s: before " + before + ", now " + held(stage));
    }

    /** How many certificates each sidecar has held, by its log; their serial numbers differ. */
    static Map<String, Long> held(Stage stage) {
        Map<String, Long> held = new TreeMap<>();
        for (LocalWorkload workload : stage.mesh().workloads()) {
            workload.sidecar().ifPresent(sidecar -> held.put(workload.name(), certificates(sidecar)));
        }
        return held;
    }

    static long certificates(Supervised sidecar) {
        return sidecar.err().lines().stream()
                .filter(line -> line.contains("holding Svid"))
                .distinct()
                .count();
    }
}
