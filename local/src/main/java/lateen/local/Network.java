package lateen.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * The network of a run: a namespace with a bridge (and the control plane), and one for each workload, joined by veth pairs
 * that are created straight into their namespaces. The host's namespace gets no device, rule or setting.
 *
 * <p>Addresses: the bridge is 10.33.0.1 and fd33::1, workloads follow in the order of {@link #add}; one that was freed is
 * used again only after all others. There is a default route
 * to the bridge, which forwards nothing: a virtual address leads somewhere only by capture.
 *
 * <p>Not safe for use by several threads.
 */
final class Network {
    private static final Path ETC_NETNS = Path.of("/etc/netns");
    private static final int FIRST = 2;
    private static final int LAST = 254;

    private final RunDirectory run;
    private final String prefix;
    private final Namespace mesh;
    private final BitSet used = new BitSet();
    private int last = 1;

    private Network(RunDirectory run, String prefix) {
        this.run = run;
        this.prefix = prefix;
        this.mesh = new Namespace(prefix + "mesh", "10.33.0.1", "fd33::1");
    }

    /** What the names of a run's namespaces begin with. */
    static String prefix(String run) {
        return run.equals("demo") ? "lateen-" : "lateen-" + run + "-";
    }

    /** Makes the namespace of the bridge. The run named {@code demo} has the short names ({@code lateen-mesh}). */
    static Network create(RunDirectory run) throws IOException {
        Network network = new Network(run, prefix(run.run()));
        network.addNamespace(network.mesh.name());
        Command.check("""
                link set lo up
                link add br0 type bridge forward_delay 0
                addr add 10.33.0.1/24 dev br0
                addr add fd33::1/64 dev br0 nodad
                link set br0 up
                """, "ip", "-n", network.mesh.name(), "-batch", "-");
        return network;
    }

    /** The bridge's, where the control plane runs. */
    Namespace mesh() {
        return mesh;
    }

    /** Makes a workload's namespace, up and routed. */
    Namespace add(String workload) throws IOException {
        int number = next(workload);
        Namespace namespace =
                new Namespace(prefix + workload, "10.33.0." + number, "fd33::" + Integer.toHexString(number));
        addNamespace(namespace.name());
        used.set(number);
        Command.check("""
                link add veth%d type veth peer name eth0 netns %s
                link set veth%d master br0 up
                """.formatted(number, namespace.name(), number), "ip", "-n", mesh.name(), "-batch", "-");
        Command.check("""
                link set lo up
                addr add %s/24 dev eth0
                addr add %s/64 dev eth0 nodad
                link set eth0 up
                route add default via 10.33.0.1
                route add default via fd33::1
                """.formatted(namespace.ipv4(), namespace.ipv6()), "ip", "-n", namespace.name(), "-batch", "-");
        return namespace;
    }

    private int next(String workload) throws IOException {
        for (int i = 0; i <= LAST - FIRST; i++) {
            int candidate = FIRST + (last + 1 - FIRST + i) % (LAST - FIRST + 1);
            if (!used.get(candidate)) {
                last = candidate;
                return candidate;
            }
        }
        throw new IOException("workload " + workload + ": no address left (expected: at most " + (LAST - FIRST + 1)
                + " instances in all)");
    }

    /** Removes a workload's namespace with every process in it. */
    void remove(Namespace namespace) throws IOException {
        int number =
                Integer.parseInt(namespace.ipv4().substring(namespace.ipv4().lastIndexOf('.') + 1));
        // At once, and with its peer: the kernel would do it some time after the namespace is gone.
        Command.check("", "ip", "-n", mesh.name(), "link", "del", "veth" + number);
        List<String> left = Removal.of(List.of(
                new Created.NetworkNamespace(namespace.name()),
                new Created.Folder(ETC_NETNS.resolve(namespace.name()))));
        if (!left.isEmpty()) {
            throw new IOException("could not remove " + String.join("; ", left));
        }
        used.clear(number);
    }

    private void addNamespace(String name) throws IOException {
        if (Files.exists(Namespace.file(name))) {
            throw new IOException("network namespace " + name + " exists and is not this run's"
                    + " (expected: none; if it is not needed: ip netns del " + name + ")");
        }
        run.created(new Created.NetworkNamespace(name));
        if (UserMap.here().nested()) {
            // `ip netns add` goes back to where it came from, and the machine's own namespace lets nobody but root in.
            Files.createFile(Namespace.file(name));
            Command.check("", "unshare", "--net=" + Namespace.file(name), "true");
        } else {
            Command.check("", "ip", "netns", "add", name);
        }
    }

    /**
     * Writes the hosts file that {@code ip netns exec} puts in place of the machine's for programs inside. It is written
     * where it lies, so that running programs see the change too.
     */
    void hosts(Namespace namespace, Map<String, List<String>> addressesByName) throws IOException {
        StringBuilder text = new StringBuilder("127.0.0.1 localhost\n::1 localhost\n");
        addressesByName.forEach((names, addresses) -> addresses.forEach(
                address -> text.append(address).append(' ').append(names).append('\n')));
        if (!Files.exists(ETC_NETNS)) {
            run.created(new Created.SharedFolder(ETC_NETNS));
        }
        Path folder = ETC_NETNS.resolve(namespace.name());
        run.created(new Created.Folder(folder));
        Files.createDirectories(folder);
        RunDirectory.openToOthers(folder);
        Files.writeString(folder.resolve("hosts"), text);
    }
}
