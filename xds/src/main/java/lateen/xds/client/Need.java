package lateen.xds.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import lateen.xds.ResourceType;
import lateen.xds.decode.SecretConfig;
import lateen.xds.source.SourceRef;

/**
 * A resource that another one names.
 *
 * @param patience how long the other one waits for it at first (Envoy: {@code initial_fetch_timeout}); zero: until it is
 *     there
 */
public record Need(ResourceType type, String name, SourceRef source, Duration patience) {

    /**
     * All that one resource needs.
     *
     * @param secrets that stand in the resource itself, by names made for them
     */
    public record Needs(List<Need> named, Map<String, SecretConfig> secrets) {
        public static final Needs NONE = new Needs(List.of(), Map.of());

        public Needs {
            named = List.copyOf(named);
            secrets = Map.copyOf(secrets);
        }
    }
}
