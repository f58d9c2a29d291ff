package lateen.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lateen.local.Command;
import lateen.local.Distribution;
import lateen.local.LocalMesh;
import lateen.local.MeshPlan;
import lateen.local.Supervised;
import lateen.testing.NeedsRoot;
import lateen.testing.RealProgram;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frontend and ratings have Lateen's sidecars, client and catalog real Envoys: each hop is between the two kinds. */
@NeedsRoot
class MixedMeshTest {
    private static final String URL = "http://frontend/books";
    private static final Set<String> ENVOYS = Set.of("client", "catalog");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path home;

    private static LocalMesh mesh;
    private static Calls calls;

    private final Screen screen = new Screen(new PrintStream(OutputStream.nullOutputStream()));

    @BeforeAll
    static void start() throws Exception {
        Path envoy = RealProgram.envoy();
        BuiltPrograms.into(home);
        Distribution distribution = new Distribution(home);
        Shop shop = Shop.read(distribution);
        MeshPlan plan = shop.plan("lt-envoy-mixed", Sabotage.NONE, Optional.empty())
                .withEnvoy(envoy, each -> ENVOYS.contains(each.name()));
        mesh = LocalMesh.start(plan, distribution);
        calls = new Calls(mesh, shop);
        await().atMost(PATIENCE).until(() -> calls.get("client", URL).status() == 200);
    }

    @AfterAll
    static void stop() throws IOException {
        if (mesh == null) {
            return;
        }
        List<ProcessHandle> envoys =
                ENVOYS.stream().flatMap(name -> envoyOf(name).stream()).toList();
        mesh.close();
        assertThat(envoys).hasSameSizeAs(ENVOYS).noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void callsPassWithMutualTlsBetweenTheTwoKindsAndEachSeesTheOthersIdentity() throws IOException {
        Witness witness = new Witness(mesh);

        Calls.Http answer = calls.get("client", URL);
        Command.Result said = calls.say("client", "frontend", 9000, "hello");

        assertThat(answer.body()).contains("\"service\":\"ratings\"");
        assertThat(said.out().strip()).isEqualTo("hello frontend catalog ratings");
        Hop.ofRequest(witness, answer.id()).forEach(hop -> hop.show(mesh, 8080, screen));
        Hop.ofConversation(witness).forEach(hop -> hop.show(mesh, 9000, screen));
        assertThat(screen.failed()).isEmpty();
    }

    @Test
    void refusalsAndPlaintextFromOutsideEndAsTheyDoEverywhere() throws IOException {
        DeniedStep.run(mesh, calls, screen);
        PlaintextStep.run(mesh, calls, screen);

        assertThat(screen.failed()).isEmpty();
    }

    @Test
    void envoyRunsAsTheSidecarsUserAndItsAgentsSocketIsThatUsersOnly() throws IOException {
        ProcessHandle envoy = envoyOf("catalog").orElseThrow();

        assertThat(Files.readAllLines(Path.of("/proc", Long.toString(envoy.pid()), "status")))
                .contains("Uid:\t1337\t1337\t1337\t1337", "NoNewPrivs:\t1", "CapEff:\t0000000000000000");
        // What cannot be traced belongs to root.
        assertThat(Files.getAttribute(Path.of("/proc", Long.toString(envoy.pid()), "environ"), "unix:uid"))
                .isEqualTo(0);
        Path socket = socketOf(envoy);
        assertThat(Files.getAttribute(socket.getParent(), "unix:uid")).isEqualTo(1337);
        assertThat(Files.getPosixFilePermissions(socket.getParent()))
                .allMatch(each -> each.name().startsWith("OWNER"));
        assertThat(Files.readString(socket.resolveSibling("bootstrap.json"))).doesNotContain("PRIVATE", "token");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whenAgentOrEnvoyDiesBothDoTrafficFailsClosedAndAnotherPairJoins(boolean agentDies) throws Exception {
        Supervised sidecar = mesh.workload("catalog").sidecar().orElseThrow();
        int joined = sidecar.readyCount();
        ProcessHandle agent = ProcessHandle.of(sidecar.pid()).orElseThrow();
        ProcessHandle envoy = envoyOf("catalog").orElseThrow();

        assertThat((agentDies ? agent : envoy).destroyForcibly()).isTrue();
        await().atMost(PATIENCE).until(() -> !agent.isAlive() && !envoy.isAlive());
        Witness witness = new Witness(mesh);
        if (sidecar.readyCount() == joined) {
            assertThat(calls.get("client", URL).status()).isNotEqualTo(200);
            assertThat(witness.applicationSawNothing("catalog", line -> true)).isTrue();
        }

        await().atMost(PATIENCE).until(() -> sidecar.readyCount() > joined);
        await().atMost(PATIENCE).until(() -> calls.get("client", URL).status() == 200);
        assertThat(envoyOf("catalog")).isPresent().get().isNotEqualTo(envoy);
    }

    @Test
    void whileTheControlPlaneIsAwayNothingFailsAndAfterwardsOnlyDifferencesTravel() throws Exception {
        try (SequentialCalls traffic = new SequentialCalls(calls, URL)) {
            traffic.awaitMore(3);

            mesh.controlPlane().close();
            traffic.awaitMore(10);
            mesh.controlPlane().start();

            await().atMost(PATIENCE).until(() -> metric("pilot_xds") == 4);
            traffic.awaitMore(3);
            assertThat(metric("pilot_xds_sent_bytes_total")).isZero();
            configure("/closed");
            await().atMost(PATIENCE).until(() -> closed("catalog", "http://catalog/closed"));
            assertThat(metric("pilot_xds_sent_bytes_total")).isPositive();
            assertThat(metric("pilot_total_xds_rejects")).isZero();
            assertThat(traffic.failures).isEmpty();
        }
    }

    /** Denied by catalog's Envoy, to whom only frontend may speak. */
    private static boolean closed(String workload, String url) throws IOException {
        Witness witness = new Witness(mesh);
        Calls.Http answer = calls.get("frontend", url);
        return answer.status() == 403
                && witness.sidecar(workload, line -> line.of("request_id").equals(answer.id()))
                        .filter(line -> line.of("response_code_details").contains("policy[closed]"))
                        .isPresent();
    }

    private static void configure(String path) throws IOException {
        mesh.configure("closed.yaml", """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata:
                  name: closed
                  namespace: shop
                spec:
                  selector:
                    matchLabels:
                      app: catalog
                  action: DENY
                  rules:
                    - to:
                        - operation:
                            paths: ["%s"]
                """.formatted(path));
    }

    private static long metric(String name) throws IOException {
        String outsider = mesh.workload(Shop.OUTSIDER).namespace().name();
        return Kernel.read(outsider, "curl", "-sS", "http://10.33.0.1:15014/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
                .sum();
    }

    private static Optional<ProcessHandle> envoyOf(String workload) {
        return mesh.workload(workload)
                .sidecar()
                .flatMap(sidecar -> ProcessHandle.of(sidecar.pid()))
                .flatMap(agent -> agent.children().findFirst());
    }

    private static Path socketOf(ProcessHandle envoy) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(Files.readString(Path.of("/proc", Long.toString(envoy.pid()), "cmdline"))
                        .split("\0")));
        return Path.of(command.get(command.indexOf("-c") + 1)).resolveSibling("socket");
    }
}
