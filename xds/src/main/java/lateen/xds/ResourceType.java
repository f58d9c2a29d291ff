package lateen.xds;

import org.jspecify.annotations.Nullable;

/** The kinds of xDS v3 resources that Lateen serves and takes, in the order in which changes are told. */
public enum ResourceType {
    CLUSTER("envoy.config.cluster.v3.Cluster"),
    ENDPOINT("envoy.config.endpoint.v3.ClusterLoadAssignment"),
    LISTENER("envoy.config.listener.v3.Listener"),
    ROUTE("envoy.config.route.v3.RouteConfiguration"),
    SECRET("envoy.extensions.transport_sockets.tls.v3.Secret");

    private static final String PREFIX = "type.googleapis.com/";

    private final String message;
    private final String typeUrl;

    ResourceType(String message) {
        this.message = message;
        this.typeUrl = PREFIX + message;
    }

    /** Full name of the message. */
    public String message() {
        return message;
    }

    public String typeUrl() {
        return typeUrl;
    }

    /** Whether a first subscription without names means "all" (xDS protocol, "Wildcard"). */
    public boolean wildcardByDefault() {
        return this == CLUSTER || this == LISTENER;
    }

    /** The type of that URL; null when Lateen does not know it. */
    public static @Nullable ResourceType of(String typeUrl) {
        for (ResourceType type : values()) {
            if (type.typeUrl.equals(typeUrl)) {
                return type;
            }
        }
        return null;
    }
}
