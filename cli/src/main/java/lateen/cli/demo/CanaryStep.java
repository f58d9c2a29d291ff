package lateen.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** One request in ten goes to catalog's second version, and all of a tester's; counted in the applications' own logs. */
final class CanaryStep {
    static final String FILE = "routes.yaml";

    private static final int REQUESTS = 300;
    /** Four and a half standard deviations around a tenth of the requests. */
    private static final int LEAST = 7;

    private static final int MOST = 53;
    private static final String URL = "http://catalog/books";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private CanaryStep() {}

    static void run(Stage stage) throws IOException {
        Screen screen = stage.screen();
        screen.title(
                "A canary: a tenth of the calls from frontend to catalog goes to version 2, and all of a tester's");
        stage.mesh().configure(FILE, stage.shop().chapter("canary.yaml"));
        Witness arrival = new Witness(stage.mesh());
        Until.holds(PATIENCE, () -> {
            var _ = stage.calls().statuses("frontend", URL, 1, "-H", "x-tester: yes");
            return arrival.served("catalog-v2") > 0;
        });

        Witness witness = new Witness(stage.mesh());
        List<Integer> statuses = stage.calls().statuses("frontend", URL, REQUESTS);
        long first = witness.served("catalog");
        long second = witness.served("catalog-v2");
        screen.say(String.format("%d calls: version 1 served %d, version 2 served %d", REQUESTS, first, second));
        screen.expect(
                statuses.size() == REQUESTS && statuses.stream().allMatch(status -> status == 200),
                "statuses " + statuses + " (expected: 200 only)");
        screen.expect(
                first + second == REQUESTS,
                "the applications' logs have " + (first + second) + " requests (expected: " + REQUESTS + ")");
        screen.expect(
                second >= LEAST && second <= MOST,
                "version 2 served " + second + " of " + REQUESTS + " (expected: a tenth, " + LEAST + " to " + MOST
                        + ")");

        Witness tester = new Witness(stage.mesh());
        var _ = stage.calls().statuses("frontend", URL, 20, "-H", "x-tester: yes");
        screen.say("20 calls with x-tester: yes: version 2 served " + tester.served("catalog-v2"));
        screen.expect(
                tester.served("catalog-v2") == 20 && tester.served("catalog") == 0,
                "a tester's calls: version 1 served " + tester.served("catalog") + ", version 2 "
                        + tester.served("catalog-v2") + " (expected: 0 and 20)");
    }
}
