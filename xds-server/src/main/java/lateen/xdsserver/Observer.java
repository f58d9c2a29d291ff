package lateen.xdsserver;

import java.time.Duration;
import lateen.xds.ResourceType;

/**
 * Told what happens on streams, for logs and metrics. Called on the stream's thread: it must be quick and must not throw.
 */
public interface Observer {

    /** Listens to nothing. */
    Observer NONE = new Observer() {};

    default void connected(ProxyNode node) {}

    /** Also after an error; called once for each {@link #connected}. */
    default void disconnected(ProxyNode node, String reason) {}

    /** A stream that never got as far as {@link #connected}. */
    default void refused(String nodeId, String reason) {}

    /** A request for a type that is not served; the stream goes on. */
    default void unsupported(ProxyNode node, String typeUrl) {}

    /**
     * @param version {@code system_version_info} of the response
     * @param bytes of the resources
     * @param sinceChange from the change of configuration, or the request, to the sending
     */
    default void pushed(
            ProxyNode node,
            ResourceType type,
            String version,
            int resources,
            int removed,
            long bytes,
            Duration sinceChange) {}

    /** @param sincePush from sending to the answer */
    default void acked(ProxyNode node, ResourceType type, String version, Duration sincePush) {}

    /** @param reason in the proxy's words */
    default void nacked(ProxyNode node, ResourceType type, String version, String reason) {}
}
