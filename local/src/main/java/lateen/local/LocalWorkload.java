package lateen.local;

import java.util.Optional;
import lateen.identity.SpiffeId;

/**
 * A workload that runs.
 *
 * @param identity empty: not a member of the mesh
 * @param rulesMillis how long writing its capture rules took; 0 without
 */
public record LocalWorkload(
        String name,
        Namespace namespace,
        Optional<SpiffeId> identity,
        Optional<Supervised> sidecar,
        Optional<Supervised> application,
        long rulesMillis) {}
