package lateen.proxy.program;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import lateen.decision.chain.ListenerSelector;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ProxyConfig;
import lateen.decision.net.SocketAddr;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.outlier.OutlierDetector;
import org.jspecify.annotations.Nullable;

/** All that a proxy does, compiled. Immutable; a request keeps the program that it started with. */
public final class Program {
    static final Program EMPTY = new Program(ProxyConfig.EMPTY, Map.of(), null, Map.of(), Map.of());

    private final ProxyConfig config;
    private final Map<String, ListenerProgram> listeners;
    private final @Nullable ListenerSelector handover;
    private final Map<String, RouteProgram> routes;
    private final Map<String, Cluster> clusters;
    private final List<OutlierDetector> outliers;

    Program(
            ProxyConfig config,
            Map<String, ListenerProgram> listeners,
            @Nullable ListenerSelector handover,
            Map<String, RouteProgram> routes,
            Map<String, Cluster> clusters) {
        this.config = config;
        this.listeners = listeners;
        this.handover = handover;
        this.routes = routes;
        this.clusters = clusters;
        this.outliers = clusters.values().stream()
                .map(Cluster::outliers)
                .filter(Objects::nonNull)
                .toList();
    }

    public ProxyConfig config() {
        return config;
    }

    /** Null: there is none (any more). */
    public @Nullable ListenerProgram listener(String name) {
        return listeners.get(name);
    }

    public Map<String, ListenerProgram> listeners() {
        return listeners;
    }

    /** The listener that a captured connection is handed to, else the one that accepted it. */
    public ListenerProgram forDestination(ListenerProgram accepted, SocketAddr destination) {
        if (!accepted.config().useOriginalDst() || handover == null) {
            return accepted;
        }
        ListenerConfig other = handover.select(destination.ip(), destination.port());
        return other == null ? accepted : Objects.requireNonNull(listeners.get(other.name()));
    }

    public @Nullable Cluster cluster(String name) {
        return clusters.get(name);
    }

    public Map<String, Cluster> clusters() {
        return clusters;
    }

    /** Those of all clusters that have one. */
    public List<OutlierDetector> outliers() {
        return outliers;
    }

    /** Null: there are none of that name. */
    public @Nullable RouteProgram routes(String name) {
        return routes.get(name);
    }

    Map<String, RouteProgram> routes() {
        return routes;
    }
}
