package lateen.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import lateen.local.Command;

/** A local rate limit at frontend: ten requests, then 429 with the headers that say so. */
final class LimitStep {
    private static final int LIMIT = 10;
    private static final int REQUESTS = 15;
    private static final String FILE = "limit.yaml";
    /** Of the filter in the sidecar's configuration. */
    private static final String TYPE = "envoy.extensions.filters.http.local_ratelimit.v3";

    private static final Pattern ONE_EACH = Pattern.compile("\"max_requests_per_connection\": *1\\b");

    private static final String URL = "http://frontend/books";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private LimitStep() {}

    static void run(Stage stage) throws IOException {
        Screen screen = stage.screen();
        screen.title("A rate limit at frontend's sidecar: ten requests a minute");
        stage.mesh().configure(FILE, stage.shop().chapter(FILE));
        boolean inEffect = Until.holds(PATIENCE, () -> {
            String frontend = configuration(stage, "frontend");
            // Of an Envoy's listener that is warming up nothing is in effect yet.
            return frontend.contains(TYPE)
                    && !frontend.contains("\"warming_state\"")
                    && ONE_EACH.matcher(configuration(stage, "client")).find();
        });
        screen.expect(inEffect, "the limit did not reach frontend's sidecar, or one call a connection client's");
        Witness witness = new Witness(stage.mesh());
        List<Integer> statuses = stage.calls().statuses("client", URL, REQUESTS);
        long passed = statuses.stream().filter(status -> status == 200).count();
        long refused = statuses.stream().filter(status -> status == 429).count();
        Command.Result headers = stage.mesh()
                .run(stage.mesh().workload("client"), PATIENCE, "curl", "-s", "-o", "/dev/null", "-D", "-", URL);
        List<String> limits = headers.out()
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("x-ratelimit-") || line.startsWith("x-local-rate-limit"))
                .sorted()
                .toList();
        screen.say(REQUESTS + " calls: " + passed + " passed, " + refused + " refused with 429; " + limits);
        screen.expect(
                passed == LIMIT && refused == REQUESTS - LIMIT,
                "statuses " + statuses + " (expected: " + LIMIT + " times 200, then 429)");
        screen.expect(
                witness.served("frontend") == LIMIT,
                "frontend's application served " + witness.served("frontend") + " (expected: " + LIMIT + ")");
        screen.expect(
                limits.contains("x-ratelimit-limit: " + LIMIT)
                        && limits.contains("x-ratelimit-remaining: 0")
                        && limits.stream().anyMatch(line -> line.matches("x-ratelimit-reset: [1-6]?[0-9]"))
                        && limits.contains("x-local-rate-limit: true"),
                "headers of the refusal: " + limits);
        stage.mesh().unconfigure(FILE);
        boolean over = Until.holds(
                PATIENCE,
                () -> stage.calls().statuses("client", URL, REQUESTS).stream().allMatch(status -> status == 200));
        screen.expect(over, "the limit did not go away with its file");
    }

    private static String configuration(Stage stage, String workload) throws IOException {
        return stage.calls().admin(workload, "/config_dump");
    }
}
