package lateen.local;

import java.util.List;
import java.util.Optional;
import lateen.identity.SpiffeId;

/**
 * An instance of a workload that runs.
 *
 * @param name of this instance
 * @param workload what it is an instance of
 * @param identity empty: not a member of the mesh
 * @param applications in the order of the plan
 * @param rulesMillis how long writing its capture rules took; 0 without
 */
public record LocalWorkload(
        String name,
        MeshPlan.Workload workload,
        Namespace namespace,
        Optional<SpiffeId> identity,
        Optional<Supervised> sidecar,
        List<Supervised> applications,
        long rulesMillis) {

    public LocalWorkload {
        applications = List.copyOf(applications);
    }

    /** The first application. */
    public Optional<Supervised> application() {
        return applications.stream().findFirst();
    }
}
