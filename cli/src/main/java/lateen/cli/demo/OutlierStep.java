package lateen.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import lateen.local.Command;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;

/** A slow and failing instance of ratings is taken out and comes back; then a circuit breaker sheds what is too much. */
final class OutlierStep {
    private static final int FAILURES = 3;
    private static final int REQUESTS = 60;
    /** What each of two instances gets when nobody takes one out. */
    private static final int SHARE = REQUESTS / 2;

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration CURL = Duration.ofSeconds(20);
    private static final int AT_ONCE = 8;

    private OutlierStep() {}

    static void run(Stage stage) throws IOException, InterruptedException {
        Screen screen = stage.screen();
        screen.title(
                "One of two instances of ratings is slow and fails: taken out, and back when it is well; a circuit breaker");
        stage.mesh().configure("ratings.yaml", stage.shop().chapter("outlier.yaml"));
        String sick = stage.addRatings().name();
        try {
            outlier(stage, sick);
        } finally {
            stage.mesh().remove(sick);
        }
        breaker(stage);
        stage.mesh().unconfigure("ratings.yaml");
    }

    private static void outlier(Stage stage, String sick) throws IOException {
        Screen screen = stage.screen();
        Witness well = new Witness(stage.mesh());
        boolean both = Until.holds(PATIENCE, () -> {
            var _ = books(stage, 4);
            return well.served(sick) > 0;
        });
        screen.expect(both, sick + " got no calls while it was well");

        trouble(stage, sick, "status=503&delay=100");
        Witness witness = new Witness(stage.mesh());
        List<Integer> statuses = books(stage, REQUESTS);
        long failed = witness.served(sick, line -> line.of("status").equals("503"));
        long others = witness.served("ratings");
        screen.say(REQUESTS + " calls: " + sick + " failed " + failed + " of them and was taken out, ratings served "
                + others + "; client saw "
                + statuses.stream().filter(status -> status != 200).count() + " failures");
        // An Envoy gathers changes of a cluster's hosts for a second: update_merge_window, since the instance was
        // added.
        screen.expect(
                failed >= FAILURES && failed <= SHARE / 2,
                sick + " was called " + failed + " times while it failed (expected: " + FAILURES
                        + " or some more, far from its share of " + SHARE + ")");
        screen.expect(
                statuses.stream().allMatch(status -> status == 200),
                "client's statuses " + statuses + " (expected: 200)");
        screen.expect(ejected(stage, sick), "catalog's sidecar does not show " + sick + " as ejected");

        trouble(stage, sick, "status=200&delay=0");
        long healed = System.nanoTime();
        Witness again = new Witness(stage.mesh());
        boolean back = Until.holds(PATIENCE, () -> {
            var _ = books(stage, 4);
            return again.served(sick) > 0;
        });
        screen.say(String.format("well again: called again %.1f s later", (System.nanoTime() - healed) / 1e9));
        screen.expect(back, sick + " was not called again");
    }

    private static List<Integer> books(Stage stage, int count) throws IOException {
        return stage.calls().statuses("client", "http://frontend/books", count);
    }

    private static void trouble(Stage stage, String workload, String what) throws IOException {
        LocalMesh mesh = stage.mesh();
        Command.Result told = mesh.run(
                mesh.workload(workload),
                CURL,
                "curl",
                "-sS",
                "-f",
                "-X",
                "POST",
                "http://127.0.0.1:" + Shop.TROUBLE_PORT + "/?" + what);
        if (told.exit() != 0) {
            throw new IOException(workload + " could not be told its trouble: " + told.err());
        }
    }

    private static boolean ejected(Stage stage, String workload) throws IOException {
        LocalMesh mesh = stage.mesh();
        LocalWorkload instance = mesh.workload(workload);
        String clusters = stage.calls().admin("catalog", "/clusters");
        return clusters.lines()
                .anyMatch(line -> line.startsWith("outbound|80||ratings.")
                        && line.contains(instance.namespace().ipv4() + ":")
                        && line.contains("/failed_outlier_check"));
    }

    /** Several calls at once to an instance that is slow: one is served, one waits, the others are refused at once. */
    private static void breaker(Stage stage) throws IOException, InterruptedException {
        Screen screen = stage.screen();
        stage.mesh().configure("ratings.yaml", stage.shop().chapter("breaker.yaml"));
        trouble(stage, "ratings", "status=200&delay=400");
        Witness witness = new Witness(stage.mesh());
        boolean shed = Until.holds(PATIENCE, () -> {
            List<Integer> statuses = atOnce(stage);
            // Some are served, some are not: a breaker that refuses everything is no breaker.
            return statuses.contains(200)
                    && statuses.contains(503)
                    && witness.sidecarNow(
                            "catalog", line -> line.of("response_flags").contains("UO"));
        });
        trouble(stage, "ratings", "status=200&delay=0");
        screen.say(
                shed
                        ? AT_ONCE
                                + " calls at once through one connection: what was too much was refused, flag UO in catalog's access log"
                        : "nothing was refused");
        screen.expect(shed, "no line of catalog's access log has the flag UO");
    }

    private static List<Integer> atOnce(Stage stage) throws IOException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Integer>>> all = IntStream.range(0, AT_ONCE)
                    .mapToObj(_ -> threads.submit(() -> stage.calls().statuses("catalog", "http://ratings/books", 1)))
                    .toList();
            List<Integer> statuses = new ArrayList<>();
            for (Future<List<Integer>> one : all) {
                statuses.addAll(one.get());
            }
            return statuses;
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
