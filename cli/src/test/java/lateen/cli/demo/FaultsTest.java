package lateen.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import lateen.cli.services.LocalSource;
import lateen.local.Command;
import lateen.local.Distribution;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;
import lateen.local.MeshPlan;
import lateen.local.Supervised;
import lateen.services.dashboard.Dashboard;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts of a running mesh are killed while real traffic crosses it. */
@NeedsRoot
class FaultsTest {
    private static final String URL = "http://frontend/books";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** How long the control plane stays away; {@code make soak} makes it a minute. */
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("lateen.outage", 5));

    @TempDir
    static Path home;

    /** How often each process is killed; {@code make soak} makes it ten times. */
    private static final int KILLS = Integer.getInteger("lateen.kills", 1);

    private static LocalMesh mesh;
    private static Shop shop;
    private static Calls calls;

    private final Screen screen = new Screen(System.out);

    @BeforeAll
    static void start() throws Exception {
        BuiltPrograms.into(home);
        Distribution distribution = new Distribution(home);
        shop = Shop.read(distribution);
        MeshPlan plan = shop.plan("lt-faults", Sabotage.NONE, Optional.empty());
        // Certificates of a minute would be over before a long outage is.
        mesh = LocalMesh.start(
                new MeshPlan(
                        plan.run(),
                        plan.trustDomain(),
                        Duration.ofHours(1),
                        plan.config(),
                        plan.hosts(),
                        plan.workloads()),
                distribution);
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
        } finally {
            mesh.unconfigure("closed.yaml");
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

    @Test
    void theDemonstrationHoldsWithoutAControlPlaneSinceItsStart() throws Exception {
        mesh.configure(CanaryStep.FILE, shop.chapter("canary.yaml"));
        await().atMost(PATIENCE).until(FaultsTest::aTesterGetsVersionTwo);
        mesh.controlPlane().close();
        try (Dashboard dashboard = Dashboard.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), LocalSource.ofRun("lt-faults"))) {
            Stage stage = new Stage(mesh, shop, calls, dashboard.url(), Optional.empty(), screen);

            RulesStep.run(mesh, screen);
            callsReachTheLastService();
            DeniedStep.run(mesh, calls, screen);
            PlaintextStep.run(mesh, calls, screen);
            CanaryStep.run(stage);
            PictureStep.run(stage);

            assertThat(mesh.controlPlane().pid()).isZero();
            assertThat(screen.failed()).isEmpty();
        } finally {
            mesh.configure(CanaryStep.FILE, shop.file(CanaryStep.FILE));
            mesh.controlPlane().start();
        }
    }

    private static boolean aTesterGetsVersionTwo() throws IOException {
        Witness witness = new Witness(mesh);
        return calls.statuses("frontend", "http://catalog/books", 1, "-H", "x-tester: yes")
                        .equals(List.of(200))
                && witness.served("catalog-v2") > 0;
    }

    @Test
    void aFullDiskForLogsCostsNoRequestAndWhatComesAfterwardsIsWritten() throws Exception {
        Path logs = mesh.run().path().resolve("logs");
        Path sidecar = logs.resolve("sidecar-frontend.out");
        long size = Files.size(sidecar);
        run("mount", "-t", "tmpfs", "-o", "size=16k", "none", logs.toString());
        try (SequentialCalls traffic = new SequentialCalls(calls, URL)) {
            Witness witness = new Witness(mesh);
            traffic.awaitMore(20);
            assertThatThrownBy(() -> Files.write(logs.resolve("one more"), new byte[8192]))
                    .hasMessageContaining("No space left");
            traffic.awaitMore(20);
            assertThat(witness.served("frontend")).isGreaterThanOrEqualTo(40);
            assertThat(traffic.failures).isEmpty();
        } finally {
            run("umount", "--lazy", logs.toString());
        }
        assertThat(Files.size(sidecar)).isEqualTo(size);
        assertThat(calls.get("client", URL).status()).isEqualTo(200);
        await().atMost(PATIENCE)
                .until(() -> Files.readString(sidecar).contains("lines that could not be written here"));
    }

    @Test
    void everyProcessThatIsKilledComesBackAndNobodyPassesMeanwhileWhoMayNot() throws Exception {
        long seed = Long.getLong("lateen.seed", System.nanoTime());
        System.out.println("-Dlateen.seed=" + seed);
        Random random = new Random(seed);
        String direct = "http://" + mesh.workload("frontend").namespace().ipv4() + ":" + Shop.HTTP_PORT + "/books";
        for (int round = 0; round < KILLS; round++) {
            List<Supervised> all = everyProcess();
            Collections.shuffle(all, random);
            for (Supervised victim : all) {
                int ready = victim.readyCount();
                await().pollDelay(Duration.ofMillis(random.nextInt(500))).until(() -> true);
                assertThat(ProcessHandle.of(victim.pid()).orElseThrow().destroyForcibly())
                        .isTrue();
                await(victim.name()).atMost(PATIENCE).until(() -> {
                    assertThat(calls.get("client", "http://ratings/books").status())
                            .as("what no policy allows, %s killed", victim.name())
                            .isNotEqualTo(200);
                    assertThat(calls.get(Shop.OUTSIDER, direct).status())
                            .as("plaintext from outside, %s killed", victim.name())
                            .isNotEqualTo(200);
                    return victim.readyCount() > ready
                            && calls.get("client", URL).status() == 200;
                });
            }
        }

        RulesStep.run(mesh, screen);
        callsReachTheLastService();
        DeniedStep.run(mesh, calls, screen);
        PlaintextStep.run(mesh, calls, screen);
        assertThat(screen.failed()).isEmpty();
    }

    /** With mutual TLS and the right identities on each hop. */
    private void callsReachTheLastService() throws IOException {
        Witness witness = new Witness(mesh);
        Calls.Http answer = calls.get("client", URL);
        // One call in ten goes to the canary.
        for (int i = 0; i < 10 && answer.body().contains("\"version\":\"v2\""); i++) {
            answer = calls.get("client", URL);
        }
        assertThat(answer.body()).contains("\"service\":\"ratings\"");
        assertThat(calls.say("client", "frontend", 9000, "hello").out().strip())
                .isEqualTo("hello frontend catalog ratings");
        Hop.ofRequest(witness, answer.id()).forEach(hop -> hop.show(mesh, Shop.HTTP_PORT, screen));
        Hop.ofConversation(witness).forEach(hop -> hop.show(mesh, 9000, screen));
    }

    private static List<Supervised> everyProcess() {
        List<Supervised> all = new ArrayList<>(List.of(mesh.controlPlane()));
        for (LocalWorkload workload : mesh.workloads()) {
            workload.sidecar().ifPresent(all::add);
            all.addAll(workload.applications());
        }
        assertThat(all).hasSize(10);
        return all;
    }

    private static void run(String... command) throws IOException {
        Command.Result result = Command.run(PATIENCE, "", List.of(command));
        assertThat(result.exit()).as(result.err()).isZero();
    }

    /** One line for each certificate that the sidecar has held, with its serial number. */
    private static List<String> identities(Supervised sidecar) {
        return sidecar.err().lines().stream()
                .filter(line -> line.contains("holding Svid"))
                .toList();
    }
}
