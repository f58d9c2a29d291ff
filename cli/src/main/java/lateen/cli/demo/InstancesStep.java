package lateen.cli.demo;

import java.io.IOException;
import java.time.Duration;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;

/** While requests run, an instance of ratings is added, one is switched off in the midst of work, and another is added. */
final class InstancesStep {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int SHARE = 10;

    private InstancesStep() {}

    static void run(Stage stage) throws IOException, InterruptedException {
        Screen screen = stage.screen();
        LocalMesh mesh = stage.mesh();
        screen.title("ratings: an instance added, one switched off in the midst of work, another added");
        try (Traffic traffic = Traffic.start(stage.calls(), "client", "http://frontend/books")) {
            String second = added(stage);
            long killed = System.nanoTime();
            mesh.kill(second);
            Witness after = new Witness(mesh);
            boolean goesOn = Until.holds(PATIENCE, () -> after.served("ratings") > SHARE);
            screen.say(String.format(
                    "%s switched off; the others have its calls (%.1f s until %d more were served)",
                    second, (System.nanoTime() - killed) / 1e9, SHARE));
            screen.expect(goesOn, "ratings served nothing after " + second + " was switched off");
            mesh.remove(added(stage));
            traffic.close();
            screen.say(traffic.sent() + " calls of client meanwhile, "
                    + traffic.failures().size() + " failed");
            screen.expect(
                    traffic.failures().isEmpty(), "calls that failed: " + traffic.failures() + " (expected: none)");
        }
    }

    /** Returns the new instance's name when it has its share of the calls. */
    private static String added(Stage stage) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        LocalWorkload instance = stage.addRatings();
        Witness witness = new Witness(stage.mesh());
        boolean serves = Until.holds(PATIENCE, () -> witness.served(instance.name()) >= SHARE);
        stage.screen()
                .say(String.format(
                        "%s added at %s: serving after %.1f s",
                        instance.name(), instance.namespace().ipv4(), (System.nanoTime() - begun) / 1e9));
        stage.screen().expect(serves, instance.name() + " got no calls");
        return instance.name();
    }
}
