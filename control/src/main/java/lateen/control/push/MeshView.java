package lateen.control.push;

import java.util.Map;
import lateen.xds.ResourceType;
import lateen.xdsserver.EncodedResource;
import lateen.xdsserver.ResourceView;

/** What all proxies with equal translation inputs see. Immutable. */
record MeshView(Map<ResourceType, Map<String, EncodedResource>> byType) implements ResourceView {

    MeshView {
        byType = Map.copyOf(byType);
    }

    @Override
    public Map<String, EncodedResource> resources(ResourceType type) {
        return byType.getOrDefault(type, Map.of());
    }
}
