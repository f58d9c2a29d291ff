package lateen.xds.source;

import com.google.protobuf.Any;
import java.util.Collection;
import java.util.List;
import lateen.xds.ResourceType;

/**
 * What came of one type.
 *
 * @param version of the response as a whole; may be empty
 * @param removed names that the source says it does not have
 * @param whole what is not among the items is gone (state of the world, listeners and clusters only)
 */
public record Update(ResourceType type, String version, List<Item> items, Collection<String> removed, boolean whole) {

    /**
     * A resource as it came.
     *
     * @param name under which it was sent
     * @param version its own, or that of the response
     */
    public record Item(String name, String version, Any body) {}
}
