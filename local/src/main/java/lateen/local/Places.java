package lateen.local;

import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which instances have a place, a network namespace each, and what the control plane is told of them. Safe for use by
 * several threads.
 */
final class Places {
    private static final String ENTRIES = "workloads-of-this-run.yaml";

    private final Network network; // guarded by this
    private final ConfigFolder config;
    private final Map<String, Instance> placed = new LinkedHashMap<>(); // guarded by this
    private final Set<String> listed = new HashSet<>(); // have a WorkloadEntry; guarded by this
    private Map<String, List<String>> hosts; // guarded by this

    /** @param hosts names and addresses, for the instances' hosts files */
    Places(Network network, ConfigFolder config, Map<String, List<String>> hosts) {
        this.network = network;
        this.config = config;
        this.hosts = hosts;
    }

    /** Makes a place for one more instance, of which nobody hears before {@link #list}. */
    synchronized Instance add(MeshPlan.Workload workload) throws IOException {
        return add(workload, hosts);
    }

    /** The same with a hosts file of its own. */
    synchronized Instance add(MeshPlan.Workload workload, Map<String, List<String>> names) throws IOException {
        int number = 1;
        while (placed.containsKey(workload.instance(number))) {
            number++;
        }
        String name = workload.instance(number);
        Instance instance = new Instance(workload, name, network.add(name));
        placed.put(name, instance);
        network.hosts(instance.namespace(), names);
        return instance;
    }

    /**
     * Others may call these now: each has a WorkloadEntry. Until then its sidecar goes by the labels that
     * it was started with, so that its policies hold from the beginning.
     */
    synchronized void list(Collection<Instance> instances) throws IOException {
        instances.stream().map(Instance::name).forEach(listed::add);
        publish();
    }

    private void publish() throws IOException {
        config.write(
                ENTRIES,
                WorkloadEntries.yaml(placed.values().stream()
                        .filter(one -> listed.contains(one.name()))
                        .toList()));
    }

    /** The instance is nobody's peer any more; it still has its namespace. */
    synchronized Instance withdraw(String name) throws IOException {
        Instance instance = placed.remove(name);
        if (instance == null) {
            throw new IllegalArgumentException("workload: \"" + name + "\" (expected: " + placed.keySet() + ")");
        }
        if (listed.remove(name)) {
            publish();
        }
        return instance;
    }

    /** Removes the namespace of an instance that was withdrawn. */
    synchronized void demolish(Instance instance) throws IOException {
        network.remove(instance.namespace());
    }

    /** Replaces the hosts files of all instances; running programs see the change. */
    synchronized void hosts(Map<String, List<String>> names) throws IOException {
        hosts = names;
        for (Instance one : placed.values()) {
            network.hosts(one.namespace(), names);
        }
    }
}
