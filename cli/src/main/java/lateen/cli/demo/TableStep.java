package lateen.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import lateen.local.Command;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;
import lateen.local.MeshPlan;
import lateen.local.ProcessMemory;
import lateen.local.Supervised;

/**
 * What the mesh costs. The same three applications run a second time in namespaces of their own without rules and
 * sidecars, calling each other by address; one curl process sends sequential requests over a kept connection, first as many
 * to each side, not counted, as the mesh has served before, then 100 at a time to mesh, plain, plain, mesh, twice over.
 */
final class TableStep {
    private static final int WARM = 300;
    private static final int MOST = 20_000;
    private static final int BATCH = 100;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private TableStep() {}

    static void run(LocalMesh mesh, Shop shop, Screen screen) throws IOException, InterruptedException {
        screen.title("What it costs");
        String plainUrl = "http://" + plainChain(mesh, shop).namespace().ipv4() + ":" + Shop.HTTP_PORT + "/books";
        String meshUrl = "http://frontend/books";
        LocalWorkload client = mesh.workload("client");
        LocalWorkload outsider = mesh.workload(Shop.OUTSIDER);
        send(mesh, client, meshUrl, WARM);
        // The mesh's applications have served the other steps: these are new.
        send(mesh, outsider, plainUrl, (int) Math.min(MOST, served(mesh, "ratings")));
        Latencies through = new Latencies();
        Latencies plain = new Latencies();
        long servedBefore = served(mesh, "ratings");
        long plainBefore = served(mesh, "plain-ratings");
        for (boolean captured : List.of(true, false, false, true, true, false, false, true)) {
            if (captured) {
                through.add(send(mesh, client, meshUrl, BATCH));
            } else {
                plain.add(send(mesh, outsider, plainUrl, BATCH));
            }
        }
        table(screen, through, plain);
        screen.expect(
                through.requests() == 4 * BATCH && through.failures() == 0,
                through.failures() + " of " + through.requests() + " requests through the mesh failed");
        screen.expect(
                plain.requests() == 4 * BATCH && plain.failures() == 0,
                plain.failures() + " of " + plain.requests() + " requests without the mesh failed");
        same(screen, "ratings", served(mesh, "ratings") - servedBefore, through.requests());
        same(screen, "ratings without mesh", served(mesh, "plain-ratings") - plainBefore, plain.requests());
        memory(mesh, screen);
    }

    /** Returns frontend of a second shop that no mesh touches. */
    private static LocalWorkload plainChain(LocalMesh mesh, Shop shop) throws IOException, InterruptedException {
        LocalWorkload ratings = mesh.add(plain(shop, "ratings"), Map.of());
        LocalWorkload catalog = mesh.add(
                plain(shop, "catalog", "--next-http", "ratings:8080", "--next-tcp", "ratings:9000"),
                Map.of("ratings", List.of(ratings.namespace().ipv4())));
        return mesh.add(
                plain(shop, "frontend", "--next-http", "catalog:8080", "--next-tcp", "catalog:9000"),
                Map.of("catalog", List.of(catalog.namespace().ipv4())));
    }

    private static MeshPlan.Workload plain(Shop shop, String service, String... arguments) {
        return MeshPlan.Workload.outsider("plain-" + service, Shop.NAMESPACE, shop.application(service, arguments));
    }

    private static String send(LocalMesh mesh, LocalWorkload from, String url, int count) throws IOException {
        Command.Result result = mesh.run(
                from,
                LIMIT,
                "curl",
                "-s",
                "--max-time",
                "15",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code} %{time_total}\\n",
                url + "?[1-" + count + "]");
        return result.out();
    }

    private static long served(LocalMesh mesh, String workload) {
        return mesh.workload(workload)
                .application()
                .map(Supervised::out)
                .map(log -> log.count())
                .orElse(0L);
    }

    private static void same(Screen screen, String who, long served, int sent) {
        screen.expect(served == sent, who + "'s log has " + served + " requests (expected: " + sent + ", as sent)");
    }

    private static void table(Screen screen, Latencies through, Latencies plain) {
        screen.say(String.format("%-34s %8s %8s %10s %10s", "", "requests", "failures", "p50", "p99"));
        row(screen, "through the mesh (3 hops, 6 sidecars)", through);
        row(screen, "the same without mesh", plain);
        screen.say(String.format(
                "%-53s %7.2f ms %7.2f ms",
                "added by the mesh",
                through.percentile(0.5) - plain.percentile(0.5),
                through.percentile(0.99) - plain.percentile(0.99)));
        screen.say("sequential requests of one curl over a kept connection, both sides warmed up alike, then " + BATCH
                + " at a time, in turns; a young JVM, no benchmark");
    }

    private static void row(Screen screen, String name, Latencies latencies) {
        screen.say(String.format(
                "%-37s %5d %8d %7.2f ms %7.2f ms",
                name,
                latencies.requests(),
                latencies.failures(),
                latencies.percentile(0.5),
                latencies.percentile(0.99)));
    }

    private static void memory(LocalMesh mesh, Screen screen) throws IOException {
        screen.say("");
        row(screen, "control plane", mesh.controlPlane());
        for (LocalWorkload workload : mesh.workloads()) {
            if (workload.sidecar().isPresent()) {
                sidecar(screen, workload.name(), workload.sidecar().get());
            }
        }
    }

    /** An Envoy is the child of its agent, and each has a row. */
    private static void sidecar(Screen screen, String workload, Supervised process) throws IOException {
        List<ProcessHandle> children = ProcessHandle.of(process.pid()).stream()
                .flatMap(ProcessHandle::children)
                .toList();
        if (children.isEmpty()) {
            row(screen, "sidecar of " + workload, process);
            return;
        }
        row(screen, "agent of " + workload, process);
        for (ProcessHandle child : children) {
            row(screen, "  its Envoy", child.pid());
        }
    }

    private static void row(Screen screen, String name, Supervised process) throws IOException {
        row(screen, name, process.pid());
    }

    private static void row(Screen screen, String name, long pid) throws IOException {
        if (screen.expect(pid != 0, name + " does not run")) {
            ProcessMemory memory = ProcessMemory.of(pid);
            screen.say(String.format(
                    "%-22s %4d MB resident, %4d MB with shared pages divided",
                    name, memory.resident() / 1024, memory.proportional() / 1024));
        }
    }
}
