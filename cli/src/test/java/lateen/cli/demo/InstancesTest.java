package lateen.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import lateen.local.Distribution;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;
import lateen.local.Supervised;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances come and go under real traffic. */
@Tag("kernel")
class InstancesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path home;

    @Test
    void noCallFailsWhileOneInstanceIsAddedAndAnotherIsRemoved() throws Exception {
        boolean root = "root".equals(System.getProperty("user.name"));
        assumeTrue(root || "true".equals(System.getenv("CI")), "needs root: network namespaces and capture rules");
        BuiltPrograms.into(home);
        Distribution distribution = new Distribution(home);
        Shop shop = Shop.read(distribution);
        try (LocalMesh mesh =
                LocalMesh.start(shop.plan("lt-instances", Sabotage.NONE, Optional.empty()), distribution)) {
            Calls calls = new Calls(mesh, shop);
            await().atMost(PATIENCE)
                    .until(() -> calls.get("client", "http://frontend/books").status() == 200);
            AtomicInteger answered = new AtomicInteger();
            List<String> failures = new CopyOnWriteArrayList<>();
            AtomicBoolean stop = new AtomicBoolean();
            Thread traffic = Thread.ofPlatform().start(() -> {
                while (!stop.get()) {
                    call(calls, answered, failures);
                }
            });

            LocalWorkload second = mesh.add(mesh.workload("catalog").workload());
            long before = served(second);
            await().atMost(PATIENCE).until(() -> served(second) > before + 3);
            mesh.remove("catalog");
            int sofar = answered.get();
            await().atMost(PATIENCE).until(() -> answered.get() > sofar + 10);

            stop.set(true);
            traffic.join();
            assertThat(second.name()).isEqualTo("catalog-2");
            assertThat(failures).isEmpty();
        }
    }

    private static void call(Calls calls, AtomicInteger answered, List<String> failures) {
        try {
            Calls.Http answer = calls.get("client", "http://frontend/books");
            if (answer.status() == 200) {
                answered.incrementAndGet();
            } else {
                failures.add(answer.toString());
            }
        } catch (IOException e) {
            failures.add(e.toString());
        }
    }

    private static long served(LocalWorkload workload) {
        return workload.application().map(Supervised::out).orElseThrow().count();
    }
}
