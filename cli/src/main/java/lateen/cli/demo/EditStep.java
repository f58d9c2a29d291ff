package lateen.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A file is edited while requests run: the time until the first of them takes the new route, by the sidecar's access log. */
final class EditStep {
    private static final Duration LIMIT = Duration.ofMillis(300);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private EditStep() {}

    static void run(Stage stage) throws IOException {
        Screen screen = stage.screen();
        screen.title("routes.yaml edited while requests run: everybody is sent to version 2");
        String v1 = stage.shop().file(CanaryStep.FILE);
        stage.mesh().configure(CanaryStep.FILE, v1);
        Witness before = new Witness(stage.mesh());
        boolean back;
        long millis = -1;
        try (Traffic traffic = Traffic.start(stage.calls(), "client", "http://frontend/books")) {
            back = before.sidecar("frontend", line -> line.outboundTo("catalog", "v1") && everybody(line))
                    .isPresent();
            Witness witness = new Witness(stage.mesh());
            Instant edited = Instant.now();
            stage.mesh().configure(CanaryStep.FILE, v1.replace("subset: v1", "subset: v2"));
            Optional<LogEntry> first = Optional.empty();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (first.isEmpty() && System.nanoTime() < deadline) {
                first = witness.sidecar(
                        "frontend",
                        line -> line.outboundTo("catalog", "v2")
                                && everybody(line)
                                && !Instant.parse(line.of("start_time")).isBefore(edited));
            }
            if (first.isPresent()) {
                millis = Duration.between(edited, Instant.parse(first.get().of("start_time")))
                        .toMillis();
            }
            stage.mesh().configure(CanaryStep.FILE, v1);
            traffic.close();
            screen.say(
                    millis < 0
                            ? "the new route was not taken"
                            : "the first request on the new route began " + millis + " ms after the edit; "
                                    + traffic.sent() + " requests meanwhile, "
                                    + traffic.failures().size() + " failed");
            screen.expect(traffic.failures().isEmpty(), "failures during the change: " + traffic.failures());
        }
        screen.expect(back, "no request took the old route before the edit");
        screen.expect(
                millis >= 0 && millis < LIMIT.toMillis(),
                (millis < 0 ? "never" : millis + " ms") + " (expected: under " + LIMIT.toMillis() + " ms)");
    }

    /** Not a canary's: the name of the route is the VirtualService's own. */
    private static boolean everybody(LogEntry line) {
        return line.of("route_name").equals("everybody");
    }
}
