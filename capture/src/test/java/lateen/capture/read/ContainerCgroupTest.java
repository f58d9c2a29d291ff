package lateen.capture.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The forms in which kubelets and runtimes write ids into cgroup paths; {@code C} and {@code D} are 64 digits. */
class ContainerCgroupTest {
    private static final String C = "c0ffee".repeat(10) + "0123";
    private static final String D = "d".repeat(64);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /kubepods/burstable/podU/C                                                          | U | C
            /kubepods/podU/C                                                                    | U | C
            /kubepods/besteffort/podH/C                                                         | H | C
            /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podV.slice/cri-containerd-C.scope | U | C
            /kubepods.slice/kubepods-podV.slice/crio-C.scope                                    | U | C
            /kubepods.slice/kubepods-podV.slice/docker-C.scope                                  | U | C
            /kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-podV.slice/cri-containerd-C.scope | U | C
            /system.slice/containerd.service/kubepods-burstable-podV.slice:cri-containerd:C     | U | C
            /docker/D/kubelet/kubepods/burstable/podU/C                                         | U | C
            /../../kubepods/podU/C                                                              | U | C
            /kubepods/podU/C/system.slice/some.service                                          | U | C
            /kubepods/podU/D/docker/C                                                           |   | C
            /docker/C                                                                           |   | C
            /system.slice/docker-C.scope                                                        |   | C
            /machine.slice/libpod-C.scope/container                                             |   | C
            /k8s.io/C                                                                           |   | C
            /default/web                                                                        |   | web
            /kubepods.slice/kubepods-podV.slice/crio-conmon-C.scope                             |   |
            /kubepods/podU                                                                      |   |
            /system.slice/ssh.service                                                           |   |
            /user.slice/user-0.slice/session-1.scope                                            |   |
            /init.scope                                                                         |   |
            /                                                                                   |   |
            """)
    void a_path_names_pod_and_container(String path, String pod, String container) {
        String uid = "2f0e7a1c-5b1d-4c6e-9f00-0123456789ab";
        String hash = "0123456789abcdef".repeat(2);
        String full = path.replace("podU", "pod" + uid)
                .replace("podV", "pod" + uid.replace('-', '_'))
                .replace("podH", "pod" + hash)
                .replace("C", C)
                .replace("D", D);
        Optional<ContainerCgroup> expected = Optional.ofNullable(container)
                .map(c -> new ContainerCgroup(
                        Optional.ofNullable(pod).map(p -> p.equals("U") ? uid : hash), c.equals("C") ? C : c));
        assertThat(ContainerCgroup.read("0::" + full)).as(full).isEqualTo(expected);
        assertThat(ContainerCgroup.read("12:cpuset:/\n9:name=systemd:" + full + "\n0::/\n"))
                .isEqualTo(expected);
        // For a single resource any program can have a group of such a name.
        assertThat(ContainerCgroup.read("3:cpu,cpuacct:" + full + "\n0::/\n"))
                .isEqualTo(full.equals("/default/web") ? Optional.empty() : expected);
    }

    @Property
    void any_text_is_a_cgroup_or_none(@ForAll("texts") String text) {
        assertThat(ContainerCgroup.read(text)).isNotNull();
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of(
                        "0::", "1:cpu:", "/", ":", "pod", C, "kubepods", "\n", "-", ".scope", "..", "pod" + C, "é")
                .list()
                .ofMaxSize(12)
                .map(parts -> String.join("", parts));
    }
}
