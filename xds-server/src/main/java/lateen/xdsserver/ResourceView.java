package lateen.xdsserver;

import java.util.Map;
import lateen.xds.ResourceType;

/** What one proxy may see at one moment. Immutable, and may be shared by proxies that see the same. */
public interface ResourceView {

    /**
     * By name; empty when there are none.
     *
     * <p>Returning the same map object again tells the server without a comparison that nothing changed.
     */
    Map<String, EncodedResource> resources(ResourceType type);
}
