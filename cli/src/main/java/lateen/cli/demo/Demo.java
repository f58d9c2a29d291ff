package lateen.cli.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import lateen.cli.services.LocalDashboard;
import lateen.identity.SpiffeId;
import lateen.local.Distribution;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;
import lateen.local.MeshPlan;

/** Brings the shop's mesh up, goes through the steps, and cleans up, at once or on Ctrl-C. */
final class Demo {
    private final String run;
    private final boolean once;
    private final Sabotage sabotage;
    private final Optional<Path> envoy;
    private final Distribution distribution;
    private final Screen screen;

    /** @param envoy what all sidecars are; empty: Lateen's own proxy */
    Demo(
            String run,
            boolean once,
            Sabotage sabotage,
            Optional<Path> envoy,
            Distribution distribution,
            PrintStream out) {
        this.run = run;
        this.once = once;
        this.sabotage = sabotage;
        this.envoy = envoy;
        this.distribution = distribution;
        this.screen = new Screen(out);
    }

    /** Returns the exit status; without {@code --once} it returns only when interrupted, or when the mesh did not start. */
    int run() throws InterruptedException {
        screen.plain("lateen demo · one machine, four workloads, real packets          JDK "
                + Runtime.version().feature() + " · " + System.getProperty("user.name"));
        long begun = System.nanoTime();
        try {
            Shop shop = Shop.read(distribution);
            try (LocalMesh mesh = LocalMesh.start(plan(shop), distribution)) {
                up(mesh, (System.nanoTime() - begun) / 1e9);
                steps(mesh, shop);
                int status = summary();
                if (!once) {
                    stay(mesh);
                }
                return status;
            }
        } catch (IOException e) {
            screen.plain("");
            screen.plain(" ✘ " + e.getMessage());
            return 1;
        }
    }

    private MeshPlan plan(Shop shop) throws IOException {
        MeshPlan plan = shop.plan(run, sabotage);
        return envoy.isPresent() ? plan.withEnvoy(envoy.get(), _ -> true) : plan;
    }

    private void up(LocalMesh mesh, double seconds) {
        screen.plain("");
        screen.plain(String.format("    Mesh up in %.1f s", seconds));
        for (LocalWorkload workload : mesh.workloads()) {
            screen.say(String.format(
                    "%-9s %-11s %-8s %s",
                    workload.name(),
                    workload.namespace().ipv4(),
                    workload.namespace().ipv6(),
                    workload.identity().map(SpiffeId::toString).orElse("no sidecar, no identity")));
        }
    }

    private void steps(LocalMesh mesh, Shop shop) throws IOException, InterruptedException {
        Calls calls = new Calls(mesh, shop);
        RulesStep.run(mesh, screen);
        CallStep.run(mesh, calls, screen);
        DeniedStep.run(mesh, calls, screen);
        PlaintextStep.run(mesh, calls, screen);
        if (screen.held(2)) {
            TableStep.run(mesh, shop, screen);
        } else {
            screen.step(5, "What it costs");
            screen.expect(false, "not measured, as step 2 did not hold");
        }
        if (envoy.isPresent()) {
            EnvoyStep.run(mesh, screen);
        }
    }

    private int summary() {
        List<String> failed = screen.failed();
        screen.plain("");
        screen.plain((failed.isEmpty() ? " ✔ " : " ✘ ") + (screen.steps() - failed.size()) + " of " + screen.steps()
                + " steps held.");
        failed.forEach(step -> screen.plain("   " + step));
        return failed.isEmpty() ? 0 : 1;
    }

    private void stay(LocalMesh mesh) throws InterruptedException {
        String exec = "   bin/lateen exec --name " + run + " ";
        String frontend = mesh.workload("frontend").namespace().name();
        screen.plain("");
        screen.plain(" Everything keeps running; Ctrl-C cleans up. To try:");
        screen.plain(exec + "client -- curl -s http://frontend/books");
        screen.plain(exec + "client -- curl -s http://ratings/books");
        screen.plain(exec + "frontend -- curl -s http://127.0.0.1:15000/config_dump");
        screen.plain("   bin/lateen capture show --netns " + frontend + " --counters");
        Path folder = mesh.run().seenFromOutside();
        screen.plain("   logs: " + folder.resolve("logs") + "   configuration: " + folder.resolve("config")
                + " (edit a file: it is applied)");
        try (LocalDashboard _ = LocalDashboard.open(run, line -> screen.plain("   " + line))) {
            Thread.currentThread().join();
        }
    }
}
