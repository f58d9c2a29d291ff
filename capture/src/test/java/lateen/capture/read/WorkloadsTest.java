package lateen.capture.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.ProcessRunner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pods and containers of a node that a folder tree describes: /proc, /var/log/pods, and what crictl would say. */
class WorkloadsTest {
    private static final String WEB = "11111111-2222-3333-4444-555555555555";
    private static final String OLD = "99999999-2222-3333-4444-555555555555";
    private static final String DB = "aaaaaaaa-2222-3333-4444-555555555555";
    private static final String STATIC = "0123456789abcdef".repeat(2);
    private static final String PAUSE = "ab".repeat(32);
    private static final String APP = "abc1" + "0".repeat(60);
    private static final String OTHER = "abc2" + "0".repeat(60);

    @TempDir
    private Path node;

    private final Map<String, String> crictl = new HashMap<>();

    @BeforeEach
    void fill() throws IOException {
        Files.createDirectories(node.resolve("proc/self"));
        Files.createDirectories(node.resolve("pods"));
        process(1, "systemd", "0::/init.scope", "1");
        process(90, "app", "0::" + systemd(WEB, APP), "90\t1");
        process(95, "app-worker", "0::" + systemd(WEB, APP), "95\t7");
        process(120, "pause", "0::" + systemd(WEB, PAUSE), "120\t1");
        process(70, "conmon", "0::/kubepods.slice/kubepods-pod" + WEB + ".slice/crio-conmon-" + APP + ".scope", "70");
        process(200, "postgres", "9:memory:/kubepods/burstable/pod" + DB + "/" + OTHER + "\n0::/", "200\t1");
        process(300, "etcd", "0::/kubepods/pod" + STATIC + "/" + "e".repeat(64), "300\t1");
        process(400, "sleep", "4:cpu:/\n0::/default/web\n", "400\t1");
        pod("shop_web_" + WEB);
        pod("shop_web_" + OLD);
        pod("shop_db-0_" + DB);
        pod("kube-system_etcd-node_" + STATIC);
        pod("other_web_" + "bbbbbbbb-2222-3333-4444-555555555555");
    }

    private static String systemd(String uid, String container) {
        return "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + uid.replace('-', '_')
                + ".slice/cri-containerd-" + container + ".scope";
    }

    private void process(long pid, String name, String cgroup, String ids) throws IOException {
        Path folder = Files.createDirectories(node.resolve("proc/" + pid));
        Files.writeString(folder.resolve("cgroup"), cgroup);
        Files.writeString(folder.resolve("comm"), name + "\n");
        Files.writeString(folder.resolve("status"), "Name:\t" + name + "\nState:\tS (sleeping)\nNSpid:\t" + ids + "\n");
    }

    private void pod(String folder) throws IOException {
        Files.createDirectories(node.resolve("pods/" + folder));
    }

    private Workloads workloads() {
        return new Workloads(node.resolve("proc"), node.resolve("pods"), new CommandRunner() {
            @Override
            public Result run(List<String> command, String input) {
                String answer = crictl.get(String.join(" ", command));
                return answer == null ? new Result(1, "", "not found") : new Result(0, answer, "");
            }

            @Override
            public boolean installed(String program) {
                return !crictl.isEmpty();
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"APP, 90", "containerd://APP, 90", "cri-o://APP, 90", "abc1, 90", "PAUSE, 120", "OTHER, 200", "web, 400"
    })
    void a_container_is_found_by_its_id_or_the_beginning_of_it(String id, long pid) throws Exception {
        assertThat(workloads()
                        .ofContainer(
                                id.replace("APP", APP).replace("PAUSE", PAUSE).replace("OTHER", OTHER)))
                .isEqualTo(pid);
    }

    @Test
    void a_container_that_is_not_there_or_not_the_only_one_is_told_with_candidates() {
        assertThatThrownBy(() -> workloads().ofContainer("abc"))
                .isInstanceOf(IOException.class)
                .hasMessage("container: \"abc\" (expected: more of the id of one of abc1000000000, abc2000000000)");
        assertThatThrownBy(() -> workloads().ofContainer("f".repeat(64)))
                .hasMessageContaining("the id of a container that runs on this node; there are ")
                .hasMessageContaining("abc1000000000 (pod shop/web), abc2000000000 (pod shop/db-0)")
                .hasMessageContaining("web");
    }

    @Test
    void a_node_on_which_nothing_is_to_be_seen_says_what_is_needed() throws Exception {
        Workloads empty = new Workloads(
                Files.createDirectories(node.resolve("nothing")),
                node.resolve("none"),
                new ProcessRunner(Duration.ofSeconds(10)));
        assertThatThrownBy(() -> empty.ofContainer("abc"))
                .hasMessageContaining("this needs root on the node, outside of containers");
        assertThatThrownBy(() -> empty.ofPod("shop", "web"))
                .hasMessageContaining("a pod of this node")
                .hasMessageContaining("has none");
    }

    @ParameterizedTest
    @CsvSource({"shop, web, 120", "shop, db-0, 200", "kube-system, etcd-node, 300"})
    void a_pod_is_found_by_its_log_folder_and_its_pause_is_preferred(String namespace, String name, long pid)
            throws Exception {
        assertThat(workloads().ofPod(namespace, name)).isEqualTo(pid);
    }

    @Test
    void what_has_ended_is_no_process_of_a_pod() throws Exception {
        Files.writeString(node.resolve("proc/120/status"), "State:\tZ (zombie)\nNSpid:\t120\t1\n");
        assertThat(workloads().ofPod("shop", "web")).isEqualTo(90);
        Files.delete(node.resolve("proc/90/cgroup"));
        assertThat(workloads().ofPod("shop", "web")).isEqualTo(95);
    }

    @Test
    void a_pod_that_is_not_there_or_not_the_only_one_is_told_with_candidates() throws Exception {
        assertThatThrownBy(() -> workloads().ofPod("default", "web"))
                .hasMessageContaining("pod: \"default/web\" (expected: a pod of this node; ")
                .hasMessageContaining("has other/web, shop/web)");
        assertThatThrownBy(() -> workloads().ofPod("shop", "d")).hasMessageContaining("has shop/db-0)");
        assertThatThrownBy(() -> workloads().ofPod("other", "web"))
                .hasMessageContaining("expected: a pod that runs; it has logs in ");
        process(500, "app", "0::" + systemd(OLD, "9".repeat(64)), "500\t1");
        assertThatThrownBy(() -> workloads().ofPod("shop", "web"))
                .hasMessageContaining(WEB)
                .hasMessageContaining(OLD)
                .hasMessageContaining("give a container id");
    }

    @Test
    void where_cgroups_do_not_tell_the_runtime_is_asked() throws Exception {
        crictl.put("crictl inspect --output json " + "f".repeat(64), "{\"info\": {\"pid\": 777}}");
        assertThat(workloads().ofContainer("f".repeat(64))).isEqualTo(777);
        crictl.put("crictl pods --state ready --namespace x --name ^hidden$ --quiet", "s1\n");
        crictl.put("crictl inspectp --output json s1", "{\"info\": {\"pid\": 778}}");
        assertThat(workloads().ofPod("x", "hidden")).isEqualTo(778);
        crictl.put("crictl pods --state ready --namespace x --name ^twice$ --quiet", "s1\ns2\n");
        assertThatThrownBy(() -> workloads().ofPod("x", "twice")).hasMessageContaining("x/twice");
        crictl.put("crictl inspect --output json 00", "{\"info\": \"none\"}");
        assertThatThrownBy(() -> workloads().ofContainer("00")).hasMessageContaining("container: \"00\"");
    }
}
