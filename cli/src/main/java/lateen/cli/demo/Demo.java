package lateen.cli.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import lateen.cli.services.LocalSource;
import lateen.identity.SpiffeId;
import lateen.local.Distribution;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;
import lateen.local.MeshPlan;
import lateen.services.dashboard.Dashboard;

/** Brings the shop's mesh up, goes through the steps, and cleans up, at once or on Ctrl-C. */
final class Demo {
    private final String run;
    private final boolean once;
    private final Sabotage sabotage;
    private final Optional<Path> envoy;
    private final Set<Chapter> chapters;
    private final Distribution distribution;
    private final Screen screen;

    /** @param envoy what all sidecars are; empty: Lateen's own proxy */
    Demo(
            String run,
            boolean once,
            Sabotage sabotage,
            Optional<Path> envoy,
            Set<Chapter> chapters,
            Distribution distribution,
            PrintStream out) {
        this.run = run;
        this.once = once;
        this.sabotage = sabotage;
        this.envoy = envoy;
        this.chapters = EnumSet.copyOf(chapters);
        this.chapters.removeIf(chapter -> !chapter.shownWith(envoy.isPresent()));
        this.distribution = distribution;
        this.screen = new Screen(out);
    }

    /** Returns the exit status; without {@code --once} it returns only when interrupted, or when the mesh did not start. */
    int run() throws InterruptedException {
        screen.plain("lateen demo · one machine, a small shop, real packets             JDK "
                + Runtime.version().feature() + " · " + System.getProperty("user.name"));
        List<Chapter> left = Stream.of(Chapter.values())
                .filter(chapter -> !chapter.shownWith(envoy.isPresent()))
                .toList();
        if (envoy.isPresent() || chapters.isEmpty()) {
            screen.plain("    not shown with these sidecars: " + left);
        }
        if (chapters.isEmpty()) {
            screen.plain(" ✘ no step is left to show");
            return 2;
        }
        long begun = System.nanoTime();
        try {
            Shop shop = Shop.read(distribution);
            Optional<Path> opa =
                    chapters.contains(Chapter.OPA) ? Optional.of(Tool.find(distribution, "opa")) : Optional.empty();
            try (LocalMesh mesh = LocalMesh.start(plan(shop, opa), distribution);
                    Dashboard dashboard = picture()) {
                up(mesh, (System.nanoTime() - begun) / 1e9);
                steps(new Stage(mesh, shop, new Calls(mesh, shop), dashboard.url(), envoy, screen));
                int status = summary();
                if (!once) {
                    stay(mesh, dashboard.url());
                }
                return status;
            }
        } catch (IOException e) {
            screen.plain("");
            screen.plain(" ✘ " + e.getMessage());
            return 1;
        }
    }

    private MeshPlan plan(Shop shop, Optional<Path> opa) throws IOException {
        MeshPlan plan = shop.plan(run, sabotage, opa);
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

    /** Where people look for it; at any free port when somebody listens there, or several demonstrations may run. */
    private Dashboard picture() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        LocalSource source = LocalSource.ofRun(run);
        if (!once) {
            try {
                return Dashboard.start(new InetSocketAddress(loopback, Dashboard.PORT), source);
            } catch (IOException e) {
                screen.say("dashboard: " + e.getMessage());
            }
        }
        return Dashboard.start(new InetSocketAddress(loopback, 0), source);
    }

    private void steps(Stage stage) throws InterruptedException {
        for (Chapter chapter : Chapter.values()) {
            if (!chapters.contains(chapter)) {
                continue;
            }
            screen.begin(chapter);
            if (chapter.compareTo(Chapter.PLAINTEXT) > 0 && !screen.held(Chapter.CALL)) {
                screen.title("Not shown");
                screen.expect(false, "not shown, as step " + Chapter.CALL.number() + " did not hold");
                continue;
            }
            try {
                show(chapter, stage);
            } catch (IOException e) {
                screen.expect(false, String.valueOf(e.getMessage()));
            }
        }
    }

    private void show(Chapter chapter, Stage stage) throws IOException, InterruptedException {
        LocalMesh mesh = stage.mesh();
        switch (chapter) {
            case RULES -> RulesStep.run(mesh, screen);
            case CALL -> CallStep.run(mesh, stage.calls(), screen);
            case DENIED -> DeniedStep.run(mesh, stage.calls(), screen);
            case PLAINTEXT -> PlaintextStep.run(mesh, stage.calls(), screen);
            case CANARY -> CanaryStep.run(stage);
            case EDIT -> EditStep.run(stage);
            case INSTANCES -> InstancesStep.run(stage);
            case OUTLIER -> OutlierStep.run(stage);
            case LIMIT -> LimitStep.run(stage);
            case OPA -> OpaStep.run(stage);
            case RENEWAL -> RenewalStep.run(stage);
            case PICTURE -> PictureStep.run(stage);
            case ENVOY -> EnvoyStep.run(mesh, screen);
            case COST -> TableStep.run(mesh, stage.shop(), screen);
        }
    }

    private int summary() {
        List<String> failed = screen.failed();
        screen.plain("");
        screen.plain((failed.isEmpty() ? " ✔ " : " ✘ ") + (chapters.size() - failed.size()) + " of " + chapters.size()
                + " steps held.");
        failed.forEach(step -> screen.plain("   " + step));
        return failed.isEmpty() ? 0 : 1;
    }

    private void stay(LocalMesh mesh, URI picture) throws InterruptedException {
        String exec = "   bin/lateen exec --name " + run + " ";
        String frontend = mesh.workload("frontend").namespace().name();
        screen.plain("");
        screen.plain(" Everything keeps running: " + picture + " · Ctrl-C cleans up. To try:");
        screen.plain(exec + "client -- curl -s http://frontend/books");
        screen.plain(exec + "client -- curl -s http://ratings/books");
        screen.plain(exec + "frontend -- curl -s http://127.0.0.1:15000/config_dump");
        screen.plain("   bin/lateen capture show --netns " + frontend + " --counters");
        Path folder = mesh.run().seenFromOutside();
        screen.plain("   logs: " + folder.resolve("logs") + "   configuration: " + folder.resolve("config")
                + " (edit a file: it is applied)");
        Thread.currentThread().join();
    }
}
