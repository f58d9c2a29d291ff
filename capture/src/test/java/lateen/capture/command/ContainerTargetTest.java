package lateen.capture.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import lateen.capture.host.ProcessRunner;
import lateen.capture.host.TwoHosts;
import lateen.capture.read.Workloads;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Targets that are found by the kernel's own cgroups: a process in a namespace of its own, in cgroups of the names that a
 * kubelet gives. No runtime is needed for that.
 */
@NeedsRoot
class ContainerTargetTest {
    private final String uid = UUID.randomUUID().toString();
    private final String container =
            UUID.randomUUID().toString().replace("-", "").repeat(2);
    private final Path group =
            root().resolve("lateen-test-" + ProcessHandle.current().pid());
    private final Path leaf = group.resolve("pod" + uid).resolve(container);

    @TempDir
    private Path podLogs;

    private TwoHosts hosts;
    private Process process;

    /** Of cgroup v2, or of one hierarchy of v1. */
    private static Path root() {
        Path fs = Path.of("/sys/fs/cgroup");
        return Files.exists(fs.resolve("cgroup.procs")) ? fs : fs.resolve("pids");
    }

    @BeforeEach
    void start() throws IOException {
        hosts = new TwoHosts();
        Files.createDirectories(leaf);
        String command = "ip netns exec " + hosts.pod + " setpriv --reuid=4321 --regid=8765 --clear-groups";
        List<String> words = new java.util.ArrayList<>(List.of(command.split(" ")));
        words.addAll(List.of("sh", "-c", "echo READY; exec sleep 600"));
        process = new ProcessBuilder(words).start();
        assertThat(process.inputReader().readLine()).isEqualTo("READY");
        Files.writeString(leaf.resolve("cgroup.procs"), Long.toString(process.pid()));
        Files.createDirectory(podLogs.resolve("shop_web_" + uid));
    }

    @AfterEach
    void stop() throws Exception {
        process.destroyForcibly().waitFor();
        for (Path folder : List.of(leaf, leaf.getParent(), group)) {
            Files.deleteIfExists(folder);
        }
        hosts.close();
    }

    private String capture(String... args) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        int status = CaptureCommand.run(List.of(args), Map.of(), out, out);
        return status + " " + said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_containers_namespace_is_entered_and_its_user_is_the_packets() throws Exception {
        hosts.inPod("iptables-nft -A OUTPUT -m owner --uid-owner 4321 -j ACCEPT");
        for (String id : List.of(container, container.substring(0, 12), "containerd://" + container)) {
            assertThat(capture("show", id))
                    .startsWith("0 container " + id + " (process " + process.pid() + "): 0 capture rules")
                    .contains("--uid-owner 4321");
        }
        assertThat(capture("explain", "tcp", TwoHosts.PEER4 + ":80", container))
                .startsWith("0 ")
                .contains("sent by user 4321, group 8765, by way of eth0", "✔ -m owner --uid-owner 4321");
        assertThat(capture("diff", container, "--", "-i", "*")).startsWith("3 ").contains("+ -A OUTPUT");
        assertThat(capture("clean", container)).startsWith("0 ").contains("no capture rules here");
        assertThat(capture("watch", container, "--seconds", "1"))
                .startsWith("0 ")
                .contains("watching container " + container);
    }

    @Test
    void a_pod_is_found_through_the_kubelets_folders_and_the_kernels_cgroups() throws Exception {
        Workloads workloads = new Workloads(Path.of("/proc"), podLogs, new ProcessRunner(Duration.ofSeconds(10)));
        Arguments arguments = Arguments.parse(List.of("pod/web", "-n", "shop"), Place.FLAGS, Set.of());
        Place place = Place.of(arguments, arguments.rest(), workloads);
        assertThat(place.name()).isEqualTo("pod shop/web (process " + process.pid() + ")");
        assertThat(place.commands().run(List.of("ip", "-o", "addr", "show"), ""))
                .contains(TwoHosts.POD4);
        assertThat(place.owner()).isEmpty();
    }
}
