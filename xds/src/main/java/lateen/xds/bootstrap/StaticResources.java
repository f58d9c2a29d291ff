package lateen.xds.bootstrap;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ListenerConfig;
import lateen.xds.ResourceType;
import lateen.xds.client.Need;
import lateen.xds.client.Need.Needs;
import lateen.xds.client.Reading.Read;
import lateen.xds.decode.SecretConfig;

/** What stands in {@code static_resources}, decoded, with everything that is wrong told. */
final class StaticResources {

    private final StandaloneReading reading;
    private final BiConsumer<String, String> problem;
    private final Map<String, ListenerConfig> listeners = new LinkedHashMap<>();
    private final Map<String, ClusterConfig> clusters = new LinkedHashMap<>();
    private final Map<String, SecretConfig> secrets = new LinkedHashMap<>();
    private final Map<String, Server> servers = new LinkedHashMap<>();
    private final Map<ResourceType, Map<String, Any>> bodies = new EnumMap<>(ResourceType.class);
    private final List<Need> needs = new ArrayList<>();
    /** That stand in clusters of servers, which are dialled before any configuration is in effect. */
    private final Map<String, SecretConfig> serverSecrets = new LinkedHashMap<>();

    /** @param problem takes path and text */
    StaticResources(StandaloneReading reading, BiConsumer<String, String> problem) {
        this.reading = reading;
        this.problem = problem;
    }

    void read(Bootstrap.StaticResources resources) {
        for (int i = 0; i < resources.getSecretsCount(); i++) {
            Secret secret = resources.getSecrets(i);
            read(ResourceType.SECRET, secret.getName(), secret, "static_resources.secrets[" + i + "]");
        }
        for (int i = 0; i < resources.getClustersCount(); i++) {
            Cluster cluster = resources.getClusters(i);
            String path = "static_resources.clusters[" + i + "]";
            server(cluster, path);
            read(ResourceType.CLUSTER, cluster.getName(), cluster, path);
        }
        for (int i = 0; i < resources.getListenersCount(); i++) {
            Listener listener = named(resources.getListeners(i));
            read(ResourceType.LISTENER, listener.getName(), listener, "static_resources.listeners[" + i + "]");
        }
        References.check(resources, listeners, problem);
    }

    /** Envoy makes a name for a listener that has none. */
    static Listener named(Listener listener) {
        if (!listener.getName().isEmpty()) {
            return listener;
        }
        SocketAddress address = listener.getAddress().getSocketAddress();
        return listener.toBuilder()
                .setName(
                        listener.getAddress().hasPipe()
                                ? listener.getAddress().getPipe().getPath()
                                : address.getAddress() + "_" + address.getPortValue())
                .build();
    }

    private void read(ResourceType type, String name, Message message, String path) {
        if (bodies.getOrDefault(type, Map.of()).containsKey(name)) {
            problem.accept(path + ".name", "'" + name + "' (expected: a name that no other has)");
            return;
        }
        switch (reading.read(type, message, path, null)) {
            case Read.Bad(String reason) -> refused(reason, path);
            case Read.Good(Object record, Needs found) -> {
                bodies.computeIfAbsent(type, _ -> new LinkedHashMap<>())
                        .put(
                                name,
                                Any.newBuilder()
                                        .setTypeUrl(type.typeUrl())
                                        .setValue(message.toByteString())
                                        .build());
                needs.addAll(found.named());
                switch (record) {
                    case ListenerConfig listener -> listeners.put(name, listener);
                    case ClusterConfig cluster -> clusters.put(name, cluster);
                    case SecretConfig secret -> secrets.put(name, secret);
                    default -> throw new AssertionError("no other kind is static");
                }
            }
        }
    }

    /** Any cluster with endpoints of its own may turn out to be one: a resource that comes later may say so. */
    @SuppressWarnings("deprecation") // The rates of DNS have another place beside this one by now.
    private void server(Cluster cluster, String path) {
        List<Server.Target> targets = Server.targets(cluster);
        if (targets == null) {
            return;
        }
        Cluster alone = cluster.toBuilder()
                .setType(Cluster.DiscoveryType.STATIC)
                .clearLoadAssignment()
                .clearDnsLookupFamily()
                .clearDnsRefreshRate()
                .clearDnsFailureRefreshRate()
                .build();
        // One that is no good is told of when it is read as a cluster.
        if (reading.read(ResourceType.CLUSTER, alone, path, null)
                instanceof Read.Good(ClusterConfig decoded, Needs found)) {
            servers.put(cluster.getName(), new Server(cluster.getName(), targets, decoded.tls()));
            serverSecrets.putAll(found.secrets());
        }
    }

    /** The decoder begins with kind and name, which the path of a file says as well. */
    private void refused(String reason, String path) {
        String inner = reason.matches("(?s)[a-z]+ '.*?': .*")
                ? path + "." + reason.substring(reason.indexOf("': ") + 3)
                : reason;
        int colon = inner.indexOf(": ");
        if (colon < 0) {
            problem.accept(path, reason);
        } else {
            problem.accept(inner.substring(0, colon), inner.substring(colon + 2));
        }
    }

    Map<String, ListenerConfig> listeners() {
        return listeners;
    }

    Map<String, ClusterConfig> clusters() {
        return clusters;
    }

    /** By name; those too that stand in the clusters of servers. */
    Map<String, SecretConfig> secrets() {
        Map<String, SecretConfig> all = new LinkedHashMap<>(serverSecrets);
        all.putAll(secrets);
        return all;
    }

    Map<String, Server> servers() {
        return servers;
    }

    /** Messages as they stand in the file, by name. */
    Map<String, Any> bodies(ResourceType type) {
        return bodies.getOrDefault(type, Map.of());
    }

    List<Need> needs() {
        return needs;
    }
}
