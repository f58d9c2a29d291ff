package lateen.xds.bootstrap;

import io.envoyproxy.envoy.config.bootstrap.v3.Admin;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.DynamicResources;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lateen.decision.config.OverloadConfig;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.xds.ResourceType;
import lateen.xds.client.Need;
import lateen.xds.client.ResourceClient.Root;
import lateen.xds.source.SourceRef;
import lateen.xds.text.Problem;
import org.jspecify.annotations.Nullable;

/** Looks at all of a bootstrap and collects everything that is wrong with it. Used once. */
final class BootstrapCheck {

    private final String file;
    private final Bootstrap bootstrap;
    private final BootstrapFile.Parsed parsed;
    private final ConfigSources sources;
    private final StandaloneReading reading;
    private final StaticResources resources;
    private final List<Problem> problems;
    private final Set<String> withoutEffect = new TreeSet<>();
    private final List<Root> roots = new ArrayList<>();
    private SourceRef.@Nullable Stream ads;
    private @Nullable SocketAddr admin;
    private @Nullable OverloadConfig overload;

    BootstrapCheck(BootstrapFile from, BootstrapFile.Parsed parsed) {
        this.file = from.name();
        this.parsed = parsed;
        this.bootstrap = parsed.bootstrap();
        this.problems = new ArrayList<>(parsed.problems());
        Set<String> servers = bootstrap.getStaticResources().getClustersList().stream()
                .filter(each -> Server.targets(each) != null)
                .map(Cluster::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> secrets = bootstrap.getStaticResources().getSecretsList().stream()
                .map(Secret::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        sources = new ConfigSources(servers, bootstrap.getDynamicResources().hasAdsConfig());
        reading = new StandaloneReading(sources, new DataSources(from.environment()), secrets);
        resources = new StaticResources(reading, this::problem);
    }

    /** Nothing more is said of a file that could not be read as a whole. */
    void all() {
        if (!problems.isEmpty()) {
            return;
        }
        BootstrapFields.check(bootstrap, withoutEffect::add, this::problem);
        admin = admin();
        if (bootstrap.hasOverloadManager()) {
            attempt(() -> overload = OverloadReading.read(bootstrap.getOverloadManager()));
        }
        resources.read(bootstrap.getStaticResources());
        dynamic(bootstrap.getDynamicResources());
        servers();
        boolean asks = roots.stream().anyMatch(root -> asks(root.source()))
                || resources.needs().stream().anyMatch(need -> asks(need.source()));
        if (asks
                && (bootstrap.getNode().getId().isEmpty()
                        || bootstrap.getNode().getCluster().isEmpty())) {
            problem("node", "no id or no cluster (expected: both, or --service-node and --service-cluster)");
        }
    }

    /** Of the clusters that are named as the place of a server. */
    private void servers() {
        Set<String> named = Stream.of(
                        Stream.ofNullable(ads),
                        roots.stream().map(Root::source),
                        resources.needs().stream().map(Need::source))
                .flatMap(each -> each)
                .filter(SourceRef.Stream.class::isInstance)
                .map(source -> ((SourceRef.Stream) source).cluster())
                .collect(Collectors.toSet());
        List<Cluster> clusters = bootstrap.getStaticResources().getClustersList();
        for (int i = 0; i < clusters.size(); i++) {
            Server server = resources.servers().get(clusters.get(i).getName());
            if (server != null && server.tls() != null && named.contains(server.name())) {
                String unsupported = ServerTrust.unsupported(server.tls());
                if (unsupported != null) {
                    problem("static_resources.clusters[" + i + "].transport_socket", unsupported + ": unsupported");
                }
            }
        }
    }

    /** Whether there is a server that has to be told who asks. */
    private static boolean asks(SourceRef source) {
        return switch (source) {
            case SourceRef.Ads _, SourceRef.Stream _ -> true;
            case SourceRef.Files _, SourceRef.Dns _ -> false;
        };
    }

    private void problem(String path, String text) {
        problems.add(new Problem(file, parsed.lines().of(path), path, text));
    }

    private void dynamic(DynamicResources dynamic) {
        if (dynamic.hasAdsConfig()) {
            attempt(() -> ads = sources.stream(dynamic.getAdsConfig(), "dynamic_resources.ads_config"));
        }
        // In this order: listeners wait for clusters.
        if (dynamic.hasCdsConfig()) {
            root(ResourceType.CLUSTER, dynamic.getCdsConfig(), "dynamic_resources.cds_config");
        }
        if (dynamic.hasLdsConfig()) {
            root(ResourceType.LISTENER, dynamic.getLdsConfig(), "dynamic_resources.lds_config");
        }
    }

    private void root(ResourceType type, ConfigSource source, String path) {
        attempt(() -> {
            ConfigSources.Found found = sources.find(source, path, null);
            roots.add(new Root(type, found.source(), found.patience()));
        });
    }

    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (Unsupported e) {
            problem(e.path(), e.reason());
        }
    }

    private @Nullable SocketAddr admin() {
        Admin configured = bootstrap.getAdmin();
        if (!configured.hasAddress()) {
            return null;
        }
        String path = "admin.address.socket_address";
        SocketAddress address = configured.getAddress().getSocketAddress();
        if (!configured.getAddress().hasSocketAddress()) {
            problem("admin.address", configured.getAddress().getAddressCase() + " (expected: socket_address)");
        } else if (address.getProtocol() != SocketAddress.Protocol.TCP) {
            problem(path + ".protocol", address.getProtocol() + " (expected: TCP)");
        } else if (!address.getNamedPort().isEmpty()) {
            problem(path + ".named_port", "'" + address.getNamedPort() + "' (expected: port_value)");
        } else if (!address.getResolverName().isEmpty()) {
            problem(path + ".resolver_name", "unsupported field");
        } else {
            try {
                return new SocketAddr(IpAddress.parse(address.getAddress()), address.getPortValue());
            } catch (IllegalArgumentException e) {
                problem(path, e.getMessage() + " (expected: an IP address and a port)");
            }
        }
        return null;
    }

    List<Problem> problems() {
        return List.copyOf(problems);
    }

    List<String> withoutEffect() {
        return List.copyOf(withoutEffect);
    }

    List<Root> roots() {
        return List.copyOf(roots);
    }

    StaticResources resources() {
        return resources;
    }

    StandaloneReading reading() {
        return reading;
    }

    SourceRef.@Nullable Stream ads() {
        return ads;
    }

    @Nullable
    OverloadConfig overload() {
        return overload;
    }

    @Nullable
    SocketAddr adminAddress() {
        return admin;
    }
}
