package lateen.xdsserver;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import lateen.xds.ResourceType;

/** A configuration that a test changes step by step. */
final class SampleMesh {

    private static final ConfigSource ADS = ConfigSource.newBuilder()
            .setAds(AggregatedConfigSource.getDefaultInstance())
            .setResourceApiVersion(ApiVersion.V3)
            .build();

    private final Map<ResourceType, Map<String, EncodedResource>> resources = new EnumMap<>(ResourceType.class);

    SampleMesh put(ResourceType type, String name, Message message) {
        resources.computeIfAbsent(type, t -> new HashMap<>()).put(name, EncodedResource.of(name, message));
        return this;
    }

    SampleMesh remove(ResourceType type, String name) {
        resources.get(type).remove(name);
        return this;
    }

    ResourceView view() {
        Map<ResourceType, Map<String, EncodedResource>> copy = new EnumMap<>(ResourceType.class);
        resources.forEach((type, map) -> copy.put(type, Map.copyOf(map)));
        return type -> copy.getOrDefault(type, Map.of());
    }

    SampleMesh cluster(String name) {
        return put(ResourceType.CLUSTER, name, clusterMessage(name));
    }

    static Cluster clusterMessage(String name) {
        return Cluster.newBuilder()
                .setName(name)
                .setType(Cluster.DiscoveryType.EDS)
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setEdsConfig(ADS))
                .build();
    }

    SampleMesh endpoints(String name, int port) {
        return endpoints(name, "10.0.0.9", port);
    }

    SampleMesh endpoints(String name, String ip, int port) {
        ClusterLoadAssignment.Builder assignment =
                ClusterLoadAssignment.newBuilder().setClusterName(name);
        assignment
                .addEndpointsBuilder()
                .addLbEndpointsBuilder()
                .getEndpointBuilder()
                .setAddress(address(ip, port));
        return put(ResourceType.ENDPOINT, name, assignment.build());
    }

    SampleMesh route(String name, String cluster) {
        return put(
                ResourceType.ROUTE,
                name,
                RouteConfiguration.newBuilder()
                        .setName(name)
                        .addVirtualHosts(VirtualHost.newBuilder()
                                .setName("all")
                                .addDomains("*")
                                .addRoutes(Route.newBuilder()
                                        .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                                        .setRoute(RouteAction.newBuilder().setCluster(cluster))))
                        .build());
    }

    SampleMesh listener(String name, int port, String route) {
        return put(ResourceType.LISTENER, name, listenerMessage(name, port, route));
    }

    static Listener listenerMessage(String name, int port, String route) {
        HttpConnectionManager manager = HttpConnectionManager.newBuilder()
                .setStatPrefix(name)
                .setRds(Rds.newBuilder().setRouteConfigName(route).setConfigSource(ADS))
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("envoy.filters.http.router")
                        .setTypedConfig(Any.pack(Router.getDefaultInstance())))
                .build();
        return Listener.newBuilder()
                .setName(name)
                .setAddress(address("0.0.0.0", port))
                .setBindToPort(BoolValue.of(false))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder()
                                .setName("envoy.filters.network.http_connection_manager")
                                .setTypedConfig(Any.pack(manager))))
                .build();
    }

    static Address address(String ip, int port) {
        return Address.newBuilder()
                .setSocketAddress(SocketAddress.newBuilder().setAddress(ip).setPortValue(port))
                .build();
    }
}
