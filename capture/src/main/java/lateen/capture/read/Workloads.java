package lateen.capture.read;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.ProcessRunner;
import lateen.capture.read.ContainerProcesses.Member;

/**
 * Finds pods and containers of this node by what the node itself knows: cgroups of processes, the names of the kubelet's
 * log folders, and, where those do not tell, {@code crictl}. No API server and no credentials; needs root in the node's own
 * pid namespace. Blocking.
 */
public final class Workloads {
    private static final int MAX_CANDIDATES = 5;
    private static final int SHORT_ID = 13;

    private final Path proc;
    private final Path podLogs;
    private final ContainerRuntime runtime;

    /** Of the node that this process runs on. */
    public Workloads() {
        this(Path.of("/proc"), Path.of("/var/log/pods"), new ProcessRunner(Duration.ofSeconds(10)));
    }

    /**
     * @param proc where the kernel shows processes
     * @param podLogs where the kubelet has a folder {@code namespace_name_uid} for each pod
     * @param runner starts {@code crictl}
     */
    public Workloads(Path proc, Path podLogs, CommandRunner runner) {
        this.proc = proc;
        this.podLogs = podLogs;
        this.runtime = new ContainerRuntime(runner);
    }

    /**
     * The first process of a container.
     *
     * @param id its id, or the beginning of it; a runtime's name before it ({@code containerd://}) is left out
     * @throws IOException naming candidates when none or several are meant
     */
    public long ofContainer(String id) throws IOException {
        String plain = id.substring(id.indexOf("://") < 0 ? 0 : id.indexOf("://") + 3);
        List<Member> all = ContainerProcesses.of(proc);
        List<Member> exact = chosen(all, m -> m.cgroup().container().equals(plain));
        List<Member> found = exact.isEmpty() && plain.matches("[0-9a-f]+")
                ? chosen(all, m -> m.cgroup().container().startsWith(plain))
                : exact;
        List<String> ids =
                found.stream().map(m -> m.cgroup().container()).distinct().toList();
        if (ids.size() > 1) {
            throw new IOException("container: \"" + id + "\" (expected: more of the id of one of "
                    + listed(ids.stream().map(Workloads::shortened).toList()) + ")");
        }
        if (!found.isEmpty()) {
            return found.getFirst().pid();
        }
        Optional<Long> told = runtime.ofContainer(plain);
        if (told.isPresent()) {
            return told.get();
        }
        List<String> running = all.stream()
                .map(m -> shortened(m.cgroup().container()) + podOf(m))
                .distinct()
                .sorted()
                .toList();
        throw new IOException("container: \"" + id + "\" (expected: the id of a container that runs on this node; "
                + (running.isEmpty()
                        ? "no process here is in one: this needs root on the node, outside of containers"
                        : "there are " + listed(running))
                + ")");
    }

    /**
     * A process of a pod: the one that holds its network where there is one, else the first of a container.
     *
     * @throws IOException naming candidates when none or several are meant
     */
    public long ofPod(String namespace, String name) throws IOException {
        List<PodFolder> folders = podFolders();
        List<String> uids = folders.stream()
                .filter(f -> f.namespace.equals(namespace) && f.name.equals(name))
                .map(PodFolder::uid)
                .toList();
        List<Member> members = uids.isEmpty()
                ? List.of()
                : chosen(
                        ContainerProcesses.of(proc),
                        m -> m.cgroup().pod().filter(uids::contains).isPresent());
        // Folders of former pods of that name stay for a while; what runs decides.
        List<String> running = members.stream()
                .flatMap(m -> m.cgroup().pod().stream())
                .distinct()
                .toList();
        String pod = "pod: \"" + namespace + "/" + name + "\" ";
        if (running.size() > 1) {
            throw new IOException(pod + "(expected: one pod; of that name there run those with uid " + listed(running)
                    + ": give a container id)");
        }
        if (!members.isEmpty()) {
            return members.getFirst().pid();
        }
        Optional<Long> told = runtime.ofPod(namespace, name);
        if (told.isPresent()) {
            return told.get();
        }
        if (!uids.isEmpty()) {
            throw new IOException(pod + "(expected: a pod that runs; it has logs in " + podLogs
                    + ", but no process is in its cgroup, or this is not root on the node)");
        }
        throw new IOException(pod + "(expected: a pod of this node; " + podLogs + " has "
                + listed(candidates(folders, namespace, name)) + ")");
    }

    private static List<Member> chosen(List<Member> all, Predicate<Member> wanted) {
        return all.stream().filter(wanted).sorted(Member.BEST).toList();
    }

    /** First pods of that name in other namespaces, then those whose name begins so, then all of the namespace. */
    private static List<String> candidates(List<PodFolder> folders, String namespace, String name) {
        for (Predicate<PodFolder> like : List.<Predicate<PodFolder>>of(
                f -> f.name.equals(name),
                f -> f.name.startsWith(name),
                f -> f.namespace.equals(namespace),
                _ -> true)) {
            List<String> found = folders.stream()
                    .filter(like)
                    .map(f -> f.namespace + "/" + f.name)
                    .distinct()
                    .sorted()
                    .toList();
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    private record PodFolder(String namespace, String name, String uid) {}

    private List<PodFolder> podFolders() throws IOException {
        List<PodFolder> folders = new ArrayList<>();
        if (!Files.isDirectory(podLogs)) {
            return folders;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(podLogs)) {
            for (Path entry : entries) {
                // None of the three may hold an underscore (RFC 1123 names, and a uid).
                String[] parts = entry.getFileName().toString().split("_", -1);
                if (parts.length == 3) {
                    folders.add(new PodFolder(parts[0], parts[1], parts[2]));
                }
            }
        }
        return folders;
    }

    private static String shortened(String id) {
        return id.length() == 64 ? id.substring(0, SHORT_ID) : id;
    }

    private String podOf(Member member) {
        return member.cgroup().pod().map(uid -> " (pod " + podName(uid) + ")").orElse("");
    }

    private String podName(String uid) {
        try {
            return podFolders().stream()
                    .filter(f -> f.uid.equals(uid))
                    .map(f -> f.namespace + "/" + f.name)
                    .findFirst()
                    .orElse(uid);
        } catch (IOException e) {
            return uid;
        }
    }

    private static String listed(List<String> candidates) {
        return candidates.isEmpty()
                ? "none"
                : candidates.stream().limit(MAX_CANDIDATES).collect(Collectors.joining(", "))
                        + (candidates.size() > MAX_CANDIDATES
                                ? " and " + (candidates.size() - MAX_CANDIDATES) + " more"
                                : "");
    }
}
