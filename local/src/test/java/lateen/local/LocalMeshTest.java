package lateen.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

@NeedsRoot
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LocalMeshTest {
    private static final String RUN = "lt-local-up";
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    static Path home;

    private LocalMesh mesh;
    private List<String> hostBefore;

    @BeforeAll
    void up() throws Exception {
        hostBefore = hostState();
        mesh = LocalMesh.start(FakePrograms.plan(RUN, home), FakePrograms.at(home));
    }

    @AfterAll
    void down() throws Exception {
        if (mesh != null) {
            mesh.close();
        }
    }

    @Test
    void eachProcessIsItsOwnUserWithoutAnyCapability() throws IOException {
        assertThat(status(mesh.controlPlane().pid())).containsAll(unprivileged(1338));
        assertThat(status(mesh.workload("client").sidecar().orElseThrow().pid()))
                .containsAll(unprivileged(1337));
        assertThat(status(mesh.workload("frontend").sidecar().orElseThrow().pid()))
                .containsAll(unprivileged(1337));
        assertThat(status(mesh.workload("frontend").application().orElseThrow().pid()))
                .containsAll(unprivileged(1000));
    }

    @Test
    void aServiceNameLeadsOverItsVirtualAddressToTheSidecarByIpv4AndIpv6() throws IOException {
        LocalWorkload client = mesh.workload("client");

        for (String family : List.of("-4", "-6")) {
            Command.Result answer = mesh.run(client, LIMIT, "curl", "-sS", family, "http://frontend.shop/");
            assertThat(answer.out()).as(answer.err()).isEqualTo("reached 15001\n");
        }
    }

    @Test
    void whatArrivesFromOutsideReachesTheSidecarAndTheRulesCountIt() throws IOException {
        LocalWorkload frontend = mesh.workload("frontend");
        long before = redirected(frontend, "15006");

        Command.Result answer = mesh.run(
                mesh.workload("outsider"),
                LIMIT,
                "curl",
                "-sS",
                "http://" + frontend.namespace().ipv4() + ":8080/");

        assertThat(answer.out()).as(answer.err()).isEqualTo("reached 15006\n");
        assertThat(redirected(frontend, "15006")).isEqualTo(before + 1);
    }

    @Test
    void anOutsiderHasNoRulesAndReachesNoVirtualAddress() throws IOException {
        LocalWorkload outsider = mesh.workload("outsider");

        assertThat(rules(outsider)).doesNotContain("ISTIO");
        assertThat(mesh.run(outsider, LIMIT, "curl", "-sS", "-m", "1", "http://frontend/")
                        .exit())
                .isNotZero();
    }

    @Test
    void theHostsOwnNamespaceAndSettingsAreUntouched() throws IOException {
        assertThat(hostState()).isEqualTo(hostBefore);
    }

    @Test
    void tokensTravelByStandardInputOnlyAndTheControlPlaneSeesTheirHash() throws IOException {
        Supervised sidecar = mesh.workload("client").sidecar().orElseThrow();
        List<String> said = sidecar.out().lines();
        String token = said.get(1).substring("token ".length());

        assertThat(said.getFirst()).isEqualTo("stdin token -----BEGIN CERTIFICATE-----");
        assertThat(said.get(2)).isEqualTo("env client 10.33.0.1:15012");
        assertThat(mesh.controlPlane().out().lines())
                .contains("grant " + JoinTokens.sha256(token) + " spiffe://cluster.local/ns/shop/sa/client 60")
                .noneMatch(line -> line.contains(token));
        for (String file : List.of("cmdline", "environ")) {
            assertThat(Files.readString(Path.of("/proc", Long.toString(sidecar.pid()), file)))
                    .doesNotContain(token);
        }
    }

    @Test
    void aSecondRunOfTheSameNameIsRefusedWhileTheFirstLives() {
        assertThatThrownBy(() -> RunDirectory.open(RunDirectory.ROOT, RUN))
                .hasMessageContaining("run \"" + RUN + "\" is alive: process "
                        + ProcessHandle.current().pid());
    }

    @Test
    void anyProgramRunsAsItsUserWithItsEnvironmentInItsFolder() throws Exception {
        Path folder = Path.of("/usr/share");
        LocalWorkload added = mesh.add(MeshPlan.Workload.outsider(
                "printer",
                "shop",
                new MeshPlan.Application(
                        new MeshPlan.Program.Command(
                                List.of("sh", "-c", "echo $GREETING $(id -u) $PWD; exec sleep 60")),
                        List.of(),
                        new Account(1234, 1234),
                        Map.of("GREETING", "hello"),
                        Optional.of(folder)),
                FakePrograms.idle(home)));

        assertThat(added.applications()).hasSize(2);
        assertThat(added.applications().getFirst().out().await(0, line -> true, LIMIT))
                .contains("hello 1234 " + folder);
        mesh.remove("printer");
    }

    @Test
    void anInstanceIsAddedBesideTheFirstAndRemovedWithoutTrace() throws Exception {
        MeshPlan.Workload catalog = MeshPlan.Workload.member("catalog", "shop", FakePrograms.idle(home))
                .withLabel("version", "v2");
        LocalWorkload first = mesh.add(catalog);
        LocalWorkload second = mesh.add(catalog);

        assertThat(List.of(first.name(), second.name())).containsExactly("catalog", "catalog-2");
        assertThat(second.identity()).isEqualTo(first.identity());
        assertThat(entries())
                .contains("name: catalog-2", "address: " + second.namespace().ipv4(), "app: \"catalog\"");
        assertThat(second.sidecar().orElseThrow().out().lines())
                .contains("labels {\"app\":\"catalog\",\"version\":\"v2\"}");

        mesh.remove("catalog");

        assertThat(entries()).doesNotContain("name: catalog\n").contains("name: catalog-2");
        assertThat(Traces.of(RUN)).noneMatch(trace -> trace.endsWith("-catalog"));
        assertThat(first.sidecar().orElseThrow().pid()).isZero();
        assertThat(mesh.add(catalog).name()).isEqualTo("catalog");
        mesh.kill("catalog");
        mesh.kill("catalog-2");
        assertThat(entries()).doesNotContain("catalog");
        assertThat(Traces.of(RUN)).noneMatch(trace -> trace.contains("-catalog"));
        assertThat(mesh.workloads()).noneMatch(one -> one.name().startsWith("catalog"));
    }

    @Test
    void anInstanceThatDoesNotBecomeReadyLeavesNothing() throws Exception {
        MeshPlan.Workload broken = MeshPlan.Workload.member(
                "broken",
                "shop",
                MeshPlan.Application.of(
                        new MeshPlan.Program.Command(
                                List.of("sh", "-c", "until grep -q goes-on /etc/hosts; do :; done; exit 3")),
                        8080));

        CompletableFuture<Void> added = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                mesh.add(broken);
                added.complete(null);
            } catch (IOException | InterruptedException | RuntimeException e) {
                added.completeExceptionally(e);
            }
        });
        await().atMost(LIMIT)
                .until(() -> ProcessHandle.allProcesses()
                        .anyMatch(one -> one.info().commandLine().orElse("").contains("grep -q goes-on")));
        assertThat(entries()).as("nobody may call what is not ready").doesNotContain("broken");
        Map<String, List<String>> more =
                new HashMap<>(FakePrograms.plan(RUN, home).hosts());
        more.put("goes-on", List.of("10.33.1.98"));
        mesh.hosts(more);

        assertThat(added).failsWithin(LIMIT).withThrowableThat().withMessageContaining("app-broken: ended");
        assertThat(entries()).doesNotContain("broken");
        assertThat(Traces.of(RUN)).noneMatch(trace -> trace.contains("-broken"));
    }

    @Test
    void hostsChangeWhereProgramsSeeThem() throws Exception {
        LocalWorkload watcher = mesh.add(MeshPlan.Workload.outsider(
                "watcher",
                "shop",
                MeshPlan.Application.of(new MeshPlan.Program.Command(
                        List.of("sh", "-c", "until grep -q added /etc/hosts; do :; done; echo seen; exec sleep 60")))));
        Map<String, List<String>> more =
                new HashMap<>(FakePrograms.plan(RUN, home).hosts());
        more.put("added", List.of("10.33.1.99"));

        mesh.hosts(more);

        assertThat(watcher.application().orElseThrow().out().await(0, "seen"::equals, LIMIT))
                .isPresent();
        mesh.remove("watcher");
    }

    private String entries() throws IOException {
        return Files.readString(entriesFile());
    }

    private Path entriesFile() {
        return mesh.run().path().resolve("config/workloads-of-this-run.yaml");
    }

    @Test
    @Order(Integer.MAX_VALUE - 1)
    void aSidecarThatDiesIsStartedAgainWithAnotherToken() {
        Supervised sidecar = mesh.workload("client").sidecar().orElseThrow();
        ProcessHandle.of(sidecar.pid()).orElseThrow().destroyForcibly();

        await().atMost(Duration.ofSeconds(20)).until(() -> sidecar.readyCount() == 2);

        List<String> tokens = sidecar.out().lines().stream()
                .filter(line -> line.startsWith("token "))
                .toList();
        Set<String> different = new HashSet<>(tokens);
        assertThat(different).hasSize(2);
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void closingLeavesNothingBehind() throws IOException {
        assertThat(Traces.of(RUN)).isNotEmpty();

        mesh.close();

        assertThat(Traces.of(RUN)).isEmpty();
        assertThat(hostState()).isEqualTo(hostBefore);
    }

    private static List<String> unprivileged(int uid) {
        String ids = "\t%1$d\t%1$d\t%1$d\t%1$d".formatted(uid);
        String none = "\t0000000000000000";
        return List.of(
                "Uid:" + ids,
                "Gid:" + ids,
                "Groups:\t ",
                "CapEff:" + none,
                "CapPrm:" + none,
                "CapBnd:" + none,
                "NoNewPrivs:\t1");
    }

    private static List<String> status(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"));
    }

    private static String rules(LocalWorkload workload) throws IOException {
        return Command.check(
                "", "ip", "netns", "exec", workload.namespace().name(), "iptables-save", "-c", "-t", "nat");
    }

    private static long redirected(LocalWorkload workload, String port) throws IOException {
        var rule = Pattern.compile("\\[(\\d+):\\d+\\] .* -j REDIRECT --to-ports " + port)
                .matcher(rules(workload));
        assertThat(rule.find()).isTrue();
        return Long.parseLong(rule.group(1));
    }

    private static List<String> hostState() throws IOException {
        return List.of(
                Command.check("", "ip", "-o", "link"),
                Command.check("", "iptables-save"),
                Command.check("", "sysctl", "-a", "--pattern", "^net\\.ipv[46]\\.conf\\.(all|default)|ip_forward"));
    }
}
