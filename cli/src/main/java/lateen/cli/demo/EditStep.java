package lateen.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** A file is edited while requests run: the time until the first of them takes the new route, by the sidecar's access log. */
final class EditStep {
    private static final int EDITS = 3;
    private static final long NEVER = Long.MAX_VALUE;
    private static final Duration LIMIT = Duration.ofMillis(300);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private EditStep() {}

    static void run(Stage stage) throws IOException {
        Screen screen = stage.screen();
        screen.title("routes.yaml edited while requests run: everybody is sent to version 2, and back");
        String v1 = stage.shop().file(CanaryStep.FILE);
        stage.mesh().configure(CanaryStep.FILE, v1);
        Witness before = new Witness(stage.mesh());
        boolean back;
        List<Long> millis = new ArrayList<>();
        try (Traffic traffic = Traffic.start(stage.calls(), "client", "http://frontend/books")) {
            back = before.sidecar("frontend", line -> line.outboundTo("catalog", "v1") && everybody(line))
                    .isPresent();
            for (int edit = 0; edit < EDITS; edit++) {
                millis.add(edited(stage, v1.replace("subset: v1", "subset: v2"), "v2"));
                millis.add(edited(stage, v1, "v1"));
            }
            traffic.close();
            screen.say("the first request on the new route began " + millis + " ms after each edit; " + traffic.sent()
                    + " requests meanwhile, " + traffic.failures().size() + " failed");
            screen.expect(traffic.failures().isEmpty(), "failures during the changes: " + traffic.failures());
        }
        screen.expect(back, "no request took the old route before the edits");
        // The fastest: what else runs on the machine makes the others slower, and is not what is judged.
        long fastest = Collections.min(millis);
        screen.expect(
                !millis.contains(NEVER) && fastest < LIMIT.toMillis(),
                "the fastest of " + millis + " ms (expected: under " + LIMIT.toMillis() + " ms, and each within "
                        + PATIENCE.toSeconds() + " s)");
    }

    /** Milliseconds from the edit to the start of the first request that took the new route. */
    private static long edited(Stage stage, String routes, String subset) throws IOException {
        Witness witness = new Witness(stage.mesh());
        Instant edited = Instant.now();
        stage.mesh().configure(CanaryStep.FILE, routes);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<LogEntry> first = witness.sidecar(
                    "frontend",
                    line -> line.outboundTo("catalog", subset)
                            && everybody(line)
                            && !Instant.parse(line.of("start_time")).isBefore(edited));
            if (first.isPresent()) {
                return Duration.between(edited, Instant.parse(first.get().of("start_time")))
                        .toMillis();
            }
        }
        return NEVER;
    }

    /** Not a canary's: the name of the route is the VirtualService's own. */
    private static boolean everybody(LogEntry line) {
        return line.of("route_name").equals("everybody");
    }
}
