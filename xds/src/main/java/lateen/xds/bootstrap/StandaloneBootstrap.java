package lateen.xds.bootstrap;

import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lateen.decision.config.OverloadConfig;
import lateen.decision.config.ProxyConfig;
import lateen.decision.net.SocketAddr;
import lateen.xds.ConfigDump;
import lateen.xds.ResourceType;
import lateen.xds.client.ConfigSink;
import lateen.xds.client.ReceivedResource;
import lateen.xds.client.ResourceClient;
import lateen.xds.client.SecretSink;
import lateen.xds.decode.SecretConfig;
import lateen.xds.source.SourceRef;
import lateen.xds.text.Problem;
import org.jspecify.annotations.Nullable;

/**
 * Envoy's bootstrap, as {@code envoy -c} takes it: static resources, and where all others come from. Immutable.
 */
public final class StandaloneBootstrap {

    private final BootstrapFile.Parsed parsed;
    private final BootstrapCheck checked;

    private StandaloneBootstrap(BootstrapFile.Parsed parsed, BootstrapCheck checked) {
        this.parsed = parsed;
        this.checked = checked;
    }

    /** What came of reading. */
    public sealed interface Read {
        /** @param bootstrap of which every field is understood */
        record Usable(StandaloneBootstrap bootstrap) implements Read {}

        /** @param problems all that were found */
        record Broken(List<Problem> problems) implements Read {}
    }

    /** @throws IOException when the file itself cannot be read */
    public static Read read(BootstrapFile file) throws IOException {
        BootstrapFile.Parsed parsed = file.parse();
        BootstrapCheck check = new BootstrapCheck(file, parsed);
        check.all();
        return check.problems().isEmpty()
                ? new Read.Usable(new StandaloneBootstrap(parsed, check))
                : new Read.Broken(check.problems());
    }

    /**
     * One that has to be good.
     *
     * @throws IllegalArgumentException with all problems
     * @throws IOException when the file itself cannot be read
     */
    public static StandaloneBootstrap usable(Path file) throws IOException {
        return switch (read(BootstrapFile.of(file))) {
            case Read.Usable(StandaloneBootstrap bootstrap) -> bootstrap;
            case Read.Broken(List<Problem> problems) ->
                throw new IllegalArgumentException(String.join(
                        "; ", problems.stream().map(Problem::toString).toList()));
        };
    }

    /**
     * The static resources. Clusters whose host names are still to be looked up are among them, without endpoints.
     */
    public ProxyConfig config() {
        return new ProxyConfig(
                checked.resources().listeners(), Map.of(), checked.resources().clusters(), Map.of());
    }

    /** Static secrets, by name. */
    public Map<String, SecretConfig> secrets() {
        return Map.copyOf(checked.resources().secrets());
    }

    /** Where the administration interface listens; null: nowhere. */
    public @Nullable SocketAddr admin() {
        return checked.adminAddress();
    }

    /** {@code overload_manager}; null: there is none. */
    public @Nullable OverloadConfig overload() {
        return checked.overload();
    }

    /** The node's id; may be empty. */
    public String node() {
        return parsed.bootstrap().getNode().getId();
    }

    /** Paths of what is accepted and changes nothing. */
    public List<String> withoutEffect() {
        return checked.withoutEffect();
    }

    /** Whether all that the proxy will ever be told stands in the file. */
    public boolean isStatic() {
        return checked.roots().isEmpty() && checked.resources().needs().isEmpty();
    }

    /** Names of static listeners: without one of them there is no use in running. */
    public Set<String> staticListeners() {
        return Set.copyOf(checked.resources().listeners().keySet());
    }

    /**
     * A client that brings the static resources and asks for all others; not started yet.
     *
     * @param secrets takes the static ones too
     */
    public ResourceClient client(ConfigSink sink, SecretSink secrets) {
        StandaloneSources sources = new StandaloneSources(self(), checked.resources(), checked.ads());
        ResourceClient client = new ResourceClient(
                sources, checked.reading(), sink, sources.heard(secrets), checked.roots(), Instant::now);
        for (ResourceType type : List.of(ResourceType.SECRET, ResourceType.CLUSTER, ResourceType.LISTENER)) {
            client.add(type, new SourceRef.Ads(), checked.resources().bodies(type));
        }
        return client;
    }

    private Node self() {
        return parsed.bootstrap().getNode().toBuilder()
                .setUserAgentName("lateen")
                .build();
    }

    /**
     * As Envoy's {@code /config_dump}: the file, private keys redacted, and what came from elsewhere.
     *
     * @param received of the client
     */
    public String configDump(Map<ResourceType, List<ReceivedResource>> received) {
        Bootstrap bootstrap = parsed.bootstrap();
        String own = "{\"configs\": [" + Redaction.json(bootstrap);
        String others = ConfigDump.json(received);
        return received.isEmpty() ? own + "]}\n" : own + ",\n" + others.substring(others.indexOf('[') + 1);
    }

    /** A problem of a static resource that was found later: {@code listener 'x': …}, {@code cluster 'x': …}. */
    public Problem located(String file, String text) {
        for (ResourceType type : List.of(ResourceType.LISTENER, ResourceType.CLUSTER)) {
            int i = 0;
            for (String name : checked.resources().bodies(type).keySet()) {
                if (text.startsWith(StandaloneReading.kind(type) + " '" + name + "'")) {
                    String path = "static_resources." + (type == ResourceType.LISTENER ? "listeners[" : "clusters[") + i
                            + "]";
                    return new Problem(file, parsed.lines().of(path), path, text);
                }
                i++;
            }
        }
        return new Problem(file, 0, "", text);
    }
}
