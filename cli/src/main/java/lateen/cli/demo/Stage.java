package lateen.cli.demo;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;
import lateen.local.MeshPlan;

/**
 * What every step works with.
 *
 * @param picture where the dashboard is
 * @param envoy what all sidecars are; empty: Lateen's own proxy
 */
record Stage(LocalMesh mesh, Shop shop, Calls calls, URI picture, Optional<Path> envoy, Screen screen) {

    /** One more instance of ratings. */
    LocalWorkload addRatings() throws IOException, InterruptedException {
        MeshPlan.Workload ratings = shop.ratings();
        return mesh.add(envoy.map(ratings::withEnvoy).orElse(ratings));
    }
}
