package lateen.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lateen.local.Distribution;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;
import lateen.local.Supervised;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances come and go under real traffic. */
@NeedsRoot
class InstancesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** How often catalog is replaced; {@code make soak} makes it 200 times. */
    private static final int RESTARTS = Integer.getInteger("lateen.restarts", 5);

    private static final int FIRST = 3;

    @TempDir
    static Path home;

    @Test
    void noCallFailsWhileAServiceIsRestartedAgainAndAgainAndNothingOfItStays() throws Exception {
        BuiltPrograms.into(home);
        Distribution distribution = new Distribution(home);
        Shop shop = Shop.read(distribution);
        try (LocalMesh mesh =
                LocalMesh.start(shop.plan("lt-instances", Sabotage.NONE, Optional.empty()), distribution)) {
            Calls calls = new Calls(mesh, shop);
            await().atMost(PATIENCE)
                    .until(() -> calls.get("client", "http://frontend/books").status() == 200);
            try (SequentialCalls traffic = new SequentialCalls(calls, "http://frontend/books")) {
                String old = "catalog";
                List<Footprint> early = List.of();
                for (int restart = 1; restart <= RESTARTS; restart++) {
                    LocalWorkload next = mesh.add(mesh.workload(old).workload());
                    long before = served(next);
                    await().atMost(PATIENCE).until(() -> served(next) > before + 3);
                    mesh.remove(old);
                    old = next.name();
                    traffic.awaitMore(3);
                    assertThat(traffic.failures).as("after restart %d", restart).isEmpty();
                    if (restart == FIRST) {
                        early = footprints(mesh);
                    }
                }

                traffic.close();
                assertThat(traffic.failures).isEmpty();
                List<Footprint> late = footprints(mesh);
                for (int i = 0; i < late.size(); i++) {
                    assertThat(late.get(i).files())
                            .as("open files of %s", late.get(i))
                            .isLessThan(early.get(i).files() + 30);
                    assertThat(late.get(i).threads())
                            .as("threads of %s", late.get(i))
                            .isLessThan(early.get(i).threads() + 10);
                }
                assertThat(calls.admin("frontend", "/clusters").lines())
                        .filteredOn(line -> line.startsWith("outbound|80||catalog.") && line.contains("::cx_total::"))
                        .hasSize(2);
            }
        }
    }

    private record Footprint(String name, long files, long threads) {}

    private static List<Footprint> footprints(LocalMesh mesh) throws IOException {
        List<Footprint> all = new ArrayList<>();
        for (Supervised process :
                List.of(mesh.controlPlane(), mesh.workload("frontend").sidecar().orElseThrow())) {
            Path proc = Path.of("/proc", Long.toString(process.pid()));
            try (Stream<Path> files = Files.list(proc.resolve("fd"));
                    Stream<Path> threads = Files.list(proc.resolve("task"))) {
                all.add(new Footprint(process.name(), files.count(), threads.count()));
            }
        }
        return all;
    }

    private static long served(LocalWorkload workload) {
        return workload.application().map(Supervised::out).orElseThrow().count();
    }
}
