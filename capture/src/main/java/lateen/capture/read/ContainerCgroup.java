package lateen.capture.read;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the path of a process's cgroup says: container and pod. Kubelet and container runtimes write both ids into it, in a
 * form for each cgroup driver: {@code /kubepods/burstable/pod<uid>/<id>}, {@code …-pod<uid>.slice/cri-containerd-<id>.scope},
 * {@code …-pod<uid>.slice:cri-containerd:<id>}, {@code /docker/<id>}, {@code /<namespace>/<name>} of containerd's own {@code
 * ctr}.
 *
 * @param pod its uid with dashes; empty outside a pod, and for a container within a container of a pod
 * @param container its id: 64 hexadecimal digits, or with {@code ctr} any name
 */
record ContainerCgroup(Optional<String> pod, String container) {
    /** Most that is read of a process's file. */
    static final int MAX_TEXT = 65_536;

    // A static pod's uid is a hash without dashes.
    private static final Pattern POD =
            Pattern.compile("(?:^|-)pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\\.slice)?$");
    // Not crio-conmon-<id>.scope: a helper outside of the container.
    private static final Pattern CONTAINER =
            Pattern.compile("^(?:(?:cri-containerd|crio|docker|libpod)-)?([0-9a-f]{64})(?:\\.scope)?$");

    /** Reads {@code /proc/PID/cgroup} (cgroups(7)): {@code number:controllers:path}, a line for each hierarchy. */
    static Optional<ContainerCgroup> read(String text) {
        for (String line : text.lines().toList()) {
            String[] parts = line.split(":", 3);
            Optional<ContainerCgroup> found = parts.length < 3 ? Optional.empty() : of(parts[2]);
            // Where processes belong as a whole, not only for one resource.
            if (found.isEmpty() && parts.length == 3 && (parts[1].isEmpty() || parts[1].equals("name=systemd"))) {
                found = plain(parts[2]);
            }
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<ContainerCgroup> of(String path) {
        Optional<String> pod = Optional.empty();
        String container = "";
        for (String segment : path.split("[/:]", -1)) {
            Matcher podName = POD.matcher(segment);
            Matcher name = CONTAINER.matcher(segment);
            if (podName.find()) {
                pod = Optional.of(podName.group(1).replace('_', '-'));
                container = "";
            } else if (name.matches()) {
                // Within a container of the pod another one has a network of its own.
                pod = container.isEmpty() ? pod : Optional.empty();
                container = name.group(1);
            }
        }
        return container.isEmpty() ? Optional.empty() : Optional.of(new ContainerCgroup(pod, container));
    }

    /** Two parts and no unit of systemd: a namespace of containerd, and a name in it. */
    private static Optional<ContainerCgroup> plain(String path) {
        List<String> parts = List.of(path.split("/", -1));
        boolean named = parts.size() == 3
                && parts.getFirst().isEmpty()
                && !parts.get(1).isEmpty()
                && !parts.get(2).isEmpty()
                && !POD.matcher(parts.get(2)).find()
                && parts.stream().noneMatch(p -> p.matches(".*\\.(slice|scope|service)") || p.equals(".."));
        return named ? Optional.of(new ContainerCgroup(Optional.empty(), parts.get(2))) : Optional.empty();
    }
}
