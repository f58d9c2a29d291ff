package lateen.control.push;

import com.google.protobuf.Message;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import lateen.xds.ResourceType;
import lateen.xdsserver.EncodedResource;
import org.jspecify.annotations.Nullable;

/**
 * The encoded resources of one snapshot. A resource whose bytes are those of the snapshot before is the same object, so
 * that nothing is held twice. Any thread.
 */
final class EncodedPool {

    private final Map<Key, EncodedResource> resources = new ConcurrentHashMap<>();

    /** Of the snapshot before; a plain map, so that generations do not hold on to each other. */
    private final Map<Key, EncodedResource> before;

    EncodedPool(@Nullable EncodedPool before) {
        this.before = before == null ? Map.of() : Map.copyOf(before.resources);
    }

    EncodedResource encode(ResourceType type, String name, Message message) {
        EncodedResource fresh = EncodedResource.of(name, message);
        Key key = new Key(type, name, fresh.version());
        return resources.computeIfAbsent(key, k -> before.getOrDefault(k, fresh));
    }

    private record Key(ResourceType type, String name, String version) {}
}
