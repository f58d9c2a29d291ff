package lateen.proxy.cluster;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.proxy.balance.Balancer;
import lateen.proxy.outlier.OutlierDetector;
import lateen.proxy.stats.ProxyMetrics;
import lateen.proxy.tls.SecretStore;
import org.jspecify.annotations.Nullable;

/** A cluster ready for use. Made anew when its configuration or its endpoints change. */
public final class Cluster {
    /** More different original destinations than this at a time are not remembered; each is then connected afresh. */
    private static final int MAX_DESTINATIONS = 4096;

    private static final IpAddress ANY_V4 = IpAddress.v4(0);
    private static final IpAddress ANY_V6 = IpAddress.v6(0, 0);

    private final ClusterConfig config;
    private final @Nullable ClusterEndpoints endpoints;
    private final Breakers breakers;
    private final Hosts hosts;
    private final @Nullable OutlierDetector outliers;
    private volatile Choice choice;
    private final @Nullable InetSocketAddress sourceV4;
    private final @Nullable InetSocketAddress sourceV6;
    private final ConcurrentHashMap<SocketAddr, Host> destinations;
    private final Transport transport;
    private final ProxyMetrics metrics;
    /** Made when first asked for: most clusters of a mesh are never used by one workload. */
    private volatile ProxyMetrics.@Nullable Cluster counters;

    /** @param epoch of the outlier detector whose state this knows */
    private record Choice(Balancer balancer, int epoch) {}

    private Cluster(
            ClusterConfig config,
            @Nullable ClusterEndpoints endpoints,
            Breakers breakers,
            Hosts hosts,
            ConcurrentHashMap<SocketAddr, Host> destinations,
            Transport transport,
            @Nullable OutlierDetector outliers,
            ProxyMetrics metrics) {
        this.outliers = outliers;
        this.metrics = metrics;
        this.config = config;
        this.endpoints = endpoints;
        this.breakers = breakers;
        this.hosts = hosts;
        // Before the balancer looks: what changes meanwhile is found with the first choice.
        int epoch = outliers == null ? 0 : outliers.epoch();
        this.choice = new Choice(Balancer.of(config.lbPolicy(), hosts.tiers(), config.panicThreshold()), epoch);
        this.sourceV4 = source(config, ANY_V4);
        this.sourceV6 = source(config, ANY_V6);
        this.destinations = destinations;
        this.transport = transport;
    }

    /**
     * @param before the cluster of that name until now; returned itself when nothing changed
     * @param endpoints null when it has none (yet)
     */
    @SuppressWarnings("ReferenceEquality") // unchanged parts of a configuration are the same objects
    public static Cluster compile(
            ClusterConfig config,
            @Nullable ClusterEndpoints endpoints,
            @Nullable Cluster before,
            SecretStore secrets,
            ProxyMetrics metrics) {
        if (before != null && before.config == config && before.endpoints == endpoints) {
            return before;
        }
        boolean same = before != null && before.config.equals(config);
        Transports transports = same && before != null ? before.hosts.transports() : Transports.of(config, secrets);
        Breakers breakers = before != null ? before.breakers : new Breakers(config.circuitBreakers());
        OutlierDetector outliers = outliers(config, endpoints, before, metrics);
        Hosts hosts = Hosts.of(endpoints, transports, outliers, same && before != null ? before.hosts : Hosts.NONE);
        return new Cluster(
                config,
                endpoints,
                breakers,
                hosts,
                same && before != null ? before.destinations : new ConcurrentHashMap<>(),
                transports.otherwise(),
                outliers,
                metrics);
    }

    /** Picks a host for one request or connection. Null: none is healthy, or there is no original destination. */
    public @Nullable Host choose(@Nullable SocketAddr originalDestination, int worker, long random) {
        return switch (config.discovery()) {
            case STATIC, EDS -> balancer().choose(worker, random);
            case ORIGINAL_DST -> originalDestination == null ? null : destination(originalDestination);
        };
    }

    private Balancer balancer() {
        Choice now = choice;
        OutlierDetector watching = outliers;
        // Two loops may both find it out of date; either result is right.
        if (watching != null && now.epoch != watching.epoch()) {
            int epoch = watching.epoch();
            now = new Choice(now.balancer.with(hosts.tiers(), config.panicThreshold()), epoch);
            choice = now;
        }
        return now.balancer;
    }

    /** Null: no outlier is looked for. */
    public @Nullable OutlierDetector outliers() {
        return outliers;
    }

    /** To be called when the configuration that this was made of is in effect. */
    public void inEffect() {
        breakers.limits(config.circuitBreakers());
    }

    private static @Nullable OutlierDetector outliers(
            ClusterConfig config,
            @Nullable ClusterEndpoints endpoints,
            @Nullable Cluster before,
            ProxyMetrics metrics) {
        if (config.outlierDetection() == null || config.discovery() == ClusterConfig.Discovery.ORIGINAL_DST) {
            return null;
        }
        return OutlierDetector.of(
                config.outlierDetection(),
                Hosts.addresses(endpoints),
                before == null ? null : before.outliers,
                new OutlierReport(config.name(), metrics),
                new SplittableRandom());
    }

    private Host destination(SocketAddr address) {
        Host known = destinations.get(address);
        if (known != null) {
            return known;
        }
        Host fresh = new Host(address, "", transport, "", null);
        if (destinations.size() >= MAX_DESTINATIONS) {
            return fresh;
        }
        Host raced = destinations.putIfAbsent(address, fresh);
        return raced == null ? fresh : raced;
    }

    /** Called when the last connection to an original destination is gone. */
    public void forget(Host host) {
        destinations.remove(host.address(), host);
    }

    public String name() {
        return config.name();
    }

    public ClusterConfig config() {
        return config;
    }

    /** The same counters for all clusters of that name, over updates. */
    public ProxyMetrics.Cluster counters() {
        ProxyMetrics.Cluster known = counters;
        if (known == null) {
            known = metrics.cluster(name());
            if (outliers != null) {
                var _ = metrics.outliers(name());
            }
            // Not this cluster itself, which the metrics would keep: the breakers live as long as the name.
            Breakers of = breakers;
            metrics.breakers(
                    name(),
                    () -> of.open(Breakers.Resource.CONNECTION),
                    () -> of.open(Breakers.Resource.PENDING),
                    () -> of.open(Breakers.Resource.REQUEST),
                    () -> of.open(Breakers.Resource.RETRY));
            counters = known;
        }
        return known;
    }

    public Breakers breakers() {
        return breakers;
    }

    /** Those told by configuration, in its order. */
    public List<Host> hosts() {
        return hosts.all();
    }

    /** Health of {@link #hosts()} at the same index. */
    public List<ClusterEndpoints.Health> health() {
        return hosts.health();
    }

    private static @Nullable InetSocketAddress source(ClusterConfig config, IpAddress family) {
        IpAddress from = config.sourceFor(family);
        return from == null ? null : new InetSocketAddress(from.toInetAddress(), 0);
    }

    /** Local address of connections to the host, of its family. Envoy: {@code upstream_bind_config}. Null: any. */
    public @Nullable InetSocketAddress source(Host host) {
        if (host.address().isUnix()) {
            return null;
        }
        return host.address().ip().v6() ? sourceV6 : sourceV4;
    }
}
