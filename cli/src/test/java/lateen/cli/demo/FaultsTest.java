package lateen.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lateen.local.Distribution;
import lateen.local.LocalMesh;
import lateen.local.Supervised;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts of a running mesh are killed while real traffic crosses it. */
@Tag("kernel")
class FaultsTest {
    private static final String URL = "http://frontend/books";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** How long the control plane stays away; {@code make soak} makes it a minute. */
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("lateen.outage", 5));

    @TempDir
    static Path home;

    private static LocalMesh mesh;
    private static Calls calls;

    @BeforeAll
    static void start() throws Exception {
        boolean root = "root".equals(System.getProperty("user.name"));
        assumeTrue(root || "true".equals(System.getenv("CI")), "needs root: network namespaces and capture rules");
        BuiltPrograms.into(home);
        Distribution distribution = new Distribution(home);
        Shop shop = Shop.read(distribution);
        mesh = LocalMesh.start(shop.plan("lt-faults", Sabotage.NONE, Optional.empty()), distribution);
        calls = new Calls(mesh, shop);
        await().atMost(PATIENCE).until(() -> calls.get("client", URL).status() == 200);
    }

    @AfterAll
    static void stop() throws IOException {
        if (mesh != null) {
            mesh.close();
        }
    }

    @Test
    void noRequestFailsWhileTheControlPlaneIsAwayAndNewConfigurationArrivesAfterwards() throws Exception {
        try (SequentialCalls traffic = new SequentialCalls(calls, URL)) {
            traffic.awaitMore(3);
            mesh.controlPlane().close();
            mesh.configure("closed.yaml", """
                    apiVersion: security.istio.io/v1
                    kind: AuthorizationPolicy
                    metadata:
                      name: closed
                      namespace: shop
                    spec:
                      selector:
                        matchLabels:
                          app: frontend
                      action: DENY
                      rules:
                        - to:
                            - operation:
                                paths: ["/closed"]
                    """);
            assertThat(mesh.controlPlane().pid()).isZero();
            traffic.goOnFor(OUTAGE);
            assertThat(calls.get("client", "http://frontend/closed").status())
                    .as("while nobody can tell the sidecar")
                    .isNotEqualTo(403);

            mesh.controlPlane().start();

            await().atMost(PATIENCE)
                    .until(() -> calls.get("client", "http://frontend/closed").status() == 403);
            traffic.awaitMore(3);
            assertThat(traffic.failures).isEmpty();
        }
    }

    @Test
    void trafficOfAKilledSidecarFailsClosedUntilAnotherHasJoined() throws Exception {
        Supervised sidecar = mesh.workload("catalog").sidecar().orElseThrow();
        int joined = sidecar.readyCount();
        List<String> identitiesBefore = identities(sidecar);

        ProcessHandle.of(sidecar.pid()).orElseThrow().destroyForcibly();
        await().atMost(PATIENCE).until(() -> sidecar.pid() == 0);
        Witness witness = new Witness(mesh);
        Calls.Http through = calls.get("client", URL);
        Calls.Http outward = calls.get("catalog", "http://ratings/ratings");

        assertThat(through.status()).as("inward").isNotEqualTo(200);
        assertThat(outward.status()).as("outward").isZero();
        assertThat(witness.applicationSawNothing("catalog", line -> true)).isTrue();

        await().atMost(PATIENCE).until(() -> sidecar.readyCount() > joined);
        await().atMost(PATIENCE).until(() -> calls.get("client", URL).status() == 200);
        assertThat(identities(sidecar))
                .hasSizeGreaterThan(identitiesBefore.size())
                .doesNotHaveDuplicates();
    }

    /** One line for each certificate that the sidecar has held, with its serial number. */
    private static List<String> identities(Supervised sidecar) {
        return sidecar.err().lines().stream()
                .filter(line -> line.contains("holding Svid"))
                .toList();
    }
}
