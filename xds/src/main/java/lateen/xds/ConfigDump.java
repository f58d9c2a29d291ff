package lateen.xds;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StderrAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import lateen.xds.client.ReceivedResource;

/**
 * Received resources as Envoy's {@code /config_dump} shows them (messages of {@code envoy.admin.v3}, names of fields as
 * in the protos). Of secrets only trusted roots are shown; anything else of them is left out.
 */
public final class ConfigDump {

    private static final TypeRegistry TYPES = TypeRegistry.newBuilder()
            .add(List.of(
                    Listener.getDescriptor(),
                    RouteConfiguration.getDescriptor(),
                    Cluster.getDescriptor(),
                    ClusterLoadAssignment.getDescriptor(),
                    Secret.getDescriptor(),
                    HttpConnectionManager.getDescriptor(),
                    TcpProxy.getDescriptor(),
                    io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDescriptor(),
                    io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.getDescriptor(),
                    Router.getDescriptor(),
                    OriginalDst.getDescriptor(),
                    TlsInspector.getDescriptor(),
                    HttpInspector.getDescriptor(),
                    FileAccessLog.getDescriptor(),
                    StdoutAccessLog.getDescriptor(),
                    StderrAccessLog.getDescriptor(),
                    DownstreamTlsContext.getDescriptor(),
                    UpstreamTlsContext.getDescriptor(),
                    RawBuffer.getDescriptor(),
                    HttpProtocolOptions.getDescriptor(),
                    Value.getDescriptor()))
            .add(List.of(
                    ClustersConfigDump.getDescriptor(),
                    EndpointsConfigDump.getDescriptor(),
                    ListenersConfigDump.getDescriptor(),
                    RoutesConfigDump.getDescriptor(),
                    SecretsConfigDump.getDescriptor()))
            .build();

    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().usingTypeRegistry(TYPES).preservingProtoFieldNames();

    private ConfigDump() {}

    /** A JSON document, resources in the order of their names. */
    public static String json(Map<ResourceType, List<ReceivedResource>> resources) {
        List<String> configs = new ArrayList<>();
        for (ResourceType type : ResourceType.values()) {
            List<ReceivedResource> sorted = resources.getOrDefault(type, List.of()).stream()
                    .sorted(Comparator.comparing(ReceivedResource::name))
                    .toList();
            configs.add(print(Any.pack(dump(type, sorted))));
        }
        return "{\"configs\": [" + String.join(",\n", configs) + "]}\n";
    }

    private static Message dump(ResourceType type, List<ReceivedResource> resources) {
        return switch (type) {
            case CLUSTER -> {
                ClustersConfigDump.Builder dump = ClustersConfigDump.newBuilder();
                resources.forEach(each -> dump.addDynamicActiveClustersBuilder()
                        .setVersionInfo(each.version())
                        .setLastUpdated(timestamp(each.received()))
                        .setCluster(printable(each)));
                yield dump.build();
            }
            case ENDPOINT -> {
                EndpointsConfigDump.Builder dump = EndpointsConfigDump.newBuilder();
                resources.forEach(each -> dump.addDynamicEndpointConfigsBuilder()
                        .setVersionInfo(each.version())
                        .setLastUpdated(timestamp(each.received()))
                        .setEndpointConfig(printable(each)));
                yield dump.build();
            }
            case LISTENER -> {
                ListenersConfigDump.Builder dump = ListenersConfigDump.newBuilder();
                resources.forEach(each -> dump.addDynamicListenersBuilder()
                        .setName(each.name())
                        .getActiveStateBuilder()
                        .setVersionInfo(each.version())
                        .setLastUpdated(timestamp(each.received()))
                        .setListener(printable(each)));
                yield dump.build();
            }
            case ROUTE -> {
                RoutesConfigDump.Builder dump = RoutesConfigDump.newBuilder();
                resources.forEach(each -> dump.addDynamicRouteConfigsBuilder()
                        .setVersionInfo(each.version())
                        .setLastUpdated(timestamp(each.received()))
                        .setRouteConfig(printable(each)));
                yield dump.build();
            }
            case SECRET -> {
                SecretsConfigDump.Builder dump = SecretsConfigDump.newBuilder();
                resources.forEach(each -> dump.addDynamicActiveSecretsBuilder()
                        .setName(each.name())
                        .setVersionInfo(each.version())
                        .setLastUpdated(timestamp(each.received()))
                        .setSecret(rootsOnly(each)));
                yield dump.build();
            }
        };
    }

    private static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    /** A part that only other programs know (tracing, say) must not take the whole page away. */
    private static Any printable(ReceivedResource resource) {
        try {
            var _ = PRINTER.print(resource.body());
            return resource.body();
        } catch (InvalidProtocolBufferException e) {
            return note("'" + resource.name() + "' cannot be shown: " + e.getMessage());
        }
    }

    private static Any note(String text) {
        return Any.pack(Value.newBuilder().setStringValue(text).build());
    }

    private static Any rootsOnly(ReceivedResource resource) {
        try {
            Secret secret = Secret.parseFrom(resource.body().getValue());
            Secret.Builder shown = Secret.newBuilder().setName(secret.getName());
            if (secret.hasValidationContext()) {
                shown.getValidationContextBuilder()
                        .setTrustedCa(secret.getValidationContext().getTrustedCa());
            }
            return Any.pack(shown.build());
        } catch (InvalidProtocolBufferException e) {
            return note("'" + resource.name() + "' cannot be shown");
        }
    }

    private static String print(Any config) {
        try {
            return PRINTER.print(config);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("each part was printed before", e);
        }
    }
}
