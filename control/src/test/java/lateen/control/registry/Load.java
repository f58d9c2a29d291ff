package lateen.control.registry;

import java.nio.charset.StandardCharsets;
import java.util.List;
import lateen.control.source.SourceFile;

/** Configuration written in a test. */
public final class Load {

    private Load() {}

    public static ConfigLoad load(String yaml) {
        return load(yaml, AddressPool.DEFAULT);
    }

    static ConfigLoad load(String yaml, AddressPool pool) {
        SourceFile file = new SourceFile("mesh.yaml", yaml.getBytes(StandardCharsets.UTF_8));
        return ConfigLoad.of(List.of(file), MeshSettings.defaults("cluster.local"), pool, List.of());
    }

    /** Fails with the problems when there are any. */
    public static MeshSnapshot mesh(String yaml) {
        ConfigLoad load = load(yaml);
        if (!load.errors().isEmpty()) {
            throw new AssertionError(load.errors());
        }
        return load.snapshot();
    }
}
