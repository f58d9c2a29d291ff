package lateen.control.registry;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import lateen.control.source.Origin;
import lateen.decision.net.IpAddress;

/**
 * A service and where it runs.
 *
 * @param host full name, {@code name.namespace.svc.cluster.local}
 * @param addresses virtual ones, at least one, at most one of each family, IPv4 first
 */
public record Service(
        String host,
        String name,
        String namespace,
        List<IpAddress> addresses,
        List<Port> ports,
        List<Workload> workloads,
        Origin origin) {

    public Service {
        addresses = List.copyOf(addresses);
        ports = List.copyOf(ports);
        workloads = List.copyOf(workloads);
    }

    /**
     * @param endpoints in the order of the workloads' names
     */
    public record Port(String name, int port, Protocol protocol, List<Endpoint> endpoints, Origin origin) {
        public Port {
            endpoints = List.copyOf(endpoints);
        }
    }

    /**
     * @param port on which the workload listens
     */
    public record Endpoint(Workload workload, int port) {}

    /** Service accounts of its workloads, as {@code namespace/account}. */
    public SortedSet<String> accounts() {
        SortedSet<String> accounts = new TreeSet<>();
        for (Workload workload : workloads) {
            accounts.add(workload.namespace() + "/" + workload.serviceAccount());
        }
        return accounts;
    }
}
