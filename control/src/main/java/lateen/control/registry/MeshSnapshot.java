package lateen.control.registry;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import lateen.decision.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * The mesh at one moment. Immutable.
 *
 * @param services by host
 * @param workloads by namespace and name
 */
public record MeshSnapshot(
        MeshSettings settings,
        SortedMap<String, Service> services,
        List<Workload> workloads,
        Policies policies,
        Routing routing) {

    public MeshSnapshot {
        services = Collections.unmodifiableSortedMap(new TreeMap<>(services));
        workloads = List.copyOf(workloads);
    }

    /** A mesh with nothing in it. */
    public static MeshSnapshot empty(MeshSettings settings) {
        return new MeshSnapshot(
                settings,
                new TreeMap<>(),
                List.of(),
                new Policies(settings.rootNamespace(), List.of(), List.of(), List.of()),
                new Routing(settings, List.of(), List.of()));
    }

    /**
     * The workload that a proxy serves: of its authenticated namespace and service account, at one of its addresses.
     *
     * @return null: none is known
     */
    public @Nullable Workload workload(String namespace, String account, Collection<IpAddress> addresses) {
        return workloads.stream()
                .filter(w ->
                        w.namespace().equals(namespace) && w.serviceAccount().equals(account))
                .filter(w -> w.addresses().stream().anyMatch(addresses::contains))
                .findFirst()
                .orElse(null);
    }
}
