package lateen.xdsserver;

import java.time.Duration;

/**
 * What one stream may ask of the server.
 *
 * @param subscriptions names of one type
 * @param nameLength characters of a name
 * @param nodeBytes of the node message
 * @param responseBytes a response is cut when its resources exceed this; one larger resource still goes alone
 * @param coalesce how long changes that follow a push are gathered before the next one
 */
record StreamLimits(int subscriptions, int nameLength, int nodeBytes, int responseBytes, Duration coalesce) {

    static final StreamLimits DEFAULT = new StreamLimits(20_000, 1024, 64 * 1024, 1024 * 1024, Duration.ofMillis(10));
}
