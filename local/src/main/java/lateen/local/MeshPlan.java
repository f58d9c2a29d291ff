package lateen.local;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lateen.identity.SpiffeId;

/**
 * What a mesh on this machine consists of.
 *
 * @param run the run's name: {@code demo} has the short namespace names
 * @param trustDomain of all identities
 * @param config files of YAML by name ({@code services.yaml}); the workloads' own are added
 * @param hosts a name, or several with spaces between → addresses, for the workloads' hosts files
 * @param workloads in the order of their addresses
 */
public record MeshPlan(
        String run,
        String trustDomain,
        Map<String, String> config,
        Map<String, List<String>> hosts,
        List<Workload> workloads) {

    public MeshPlan {
        config = Map.copyOf(config);
        hosts = Collections.unmodifiableMap(new LinkedHashMap<>(hosts));
        workloads = List.copyOf(workloads);
    }

    /**
     * One workload in its own namespace.
     *
     * @param name also its label {@code app}, and with the run's prefix its namespace
     * @param namespace in the sense of Kubernetes
     * @param capture whether rules are written
     * @param sidecar whether it has a sidecar and an identity of the mesh
     * @param application what runs there all the time; empty: nothing
     */
    public record Workload(
            String name,
            String namespace,
            String serviceAccount,
            boolean capture,
            boolean sidecar,
            List<Application> application) {

        public Workload {
            application = List.copyOf(application);
        }

        /** A member of the mesh. */
        public static Workload member(String name, String namespace, Application... application) {
            return new Workload(name, namespace, name, true, true, List.of(application));
        }

        /** Somebody without sidecar and rules. */
        public static Workload outsider(String name, String namespace, Application... application) {
            return new Workload(name, namespace, name, false, false, List.of(application));
        }

        public Workload uncaptured() {
            return new Workload(name, namespace, serviceAccount, false, sidecar, application);
        }

        SpiffeId identity(String trustDomain) {
            return new SpiffeId(trustDomain, namespace, serviceAccount);
        }
    }

    /**
     * A Java program.
     *
     * @param port it is ready when this accepts connections
     */
    public record Application(Path jar, String mainClass, List<String> arguments, int port) {
        public Application {
            arguments = List.copyOf(arguments);
        }
    }
}
