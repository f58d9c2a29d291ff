package lateen.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.function.Function;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.RouteConfig;
import lateen.xds.ResourceType;
import lateen.xds.decode.Decoding.Decoded;
import lateen.xds.decode.Decoding.Rejected;

/** A resource as it travels → a record that is usable as it is, or the reason why not. Never throws on foreign bytes. */
public final class ResourceDecoder {

    private ResourceDecoder() {}

    /** The record is a {@link ListenerConfig}, {@link RouteConfig}, {@link ClusterConfig} and so on, by type. */
    public static Decoding<?> decode(ResourceType type, Any body) {
        return switch (type) {
            case LISTENER -> listener(body);
            case ROUTE -> route(body);
            case CLUSTER -> cluster(body);
            case ENDPOINT -> endpoints(body);
            case SECRET -> secret(body);
        };
    }

    public static Decoding<ListenerConfig> listener(Any body) {
        return guarded(body, any -> {
            Unchecked<Listener> read =
                    Values.parsed(any, Listener.getDefaultInstance(), "listener", ResourceType.LISTENER);
            FieldPath at =
                    read.inside(FieldPath.resource("listener", read.message().getName()));
            Listener listener = read.checked(at);
            return ListenerDecoder.listener(listener, at);
        });
    }

    public static Decoding<RouteConfig> route(Any body) {
        return guarded(body, any -> {
            Unchecked<RouteConfiguration> read =
                    Values.parsed(any, RouteConfiguration.getDefaultInstance(), "route", ResourceType.ROUTE);
            FieldPath at =
                    read.inside(FieldPath.resource("route", read.message().getName()));
            RouteConfiguration routes = read.checked(at);
            var _ = at.required(routes.getName(), "name");
            return RouteDecoder.routes(routes, at);
        });
    }

    public static Decoding<ClusterConfig> cluster(Any body) {
        return guarded(body, any -> {
            Unchecked<Cluster> read = Values.parsed(any, Cluster.getDefaultInstance(), "cluster", ResourceType.CLUSTER);
            FieldPath at =
                    read.inside(FieldPath.resource("cluster", read.message().getName()));
            Cluster cluster = read.checked(at);
            return ClusterDecoder.cluster(cluster, at);
        });
    }

    public static Decoding<ClusterEndpoints> endpoints(Any body) {
        return guarded(body, any -> {
            Unchecked<ClusterLoadAssignment> read =
                    Values.parsed(any, ClusterLoadAssignment.getDefaultInstance(), "endpoints", ResourceType.ENDPOINT);
            FieldPath at =
                    read.inside(FieldPath.resource("endpoints", read.message().getClusterName()));
            ClusterLoadAssignment assignment = read.checked(at);
            var _ = at.required(assignment.getClusterName(), "cluster_name");
            return EndpointDecoder.endpoints(assignment, at);
        });
    }

    public static Decoding<SecretConfig> secret(Any body) {
        return guarded(body, TlsDecoder::secret);
    }

    private static <T> Decoding<T> guarded(Any body, Function<Any, T> decoder) {
        try {
            return new Decoded<>(decoder.apply(body));
        } catch (Refusal refusal) {
            return new Rejected<>(String.valueOf(refusal.getMessage()));
        }
    }
}
