package lateen.xds.client;

import java.util.Map;
import java.util.Set;
import lateen.xds.ResourceType;
import org.jspecify.annotations.Nullable;

/**
 * How the client stands.
 *
 * @param connected a stream is open and has answered
 * @param ready a first complete configuration was accepted by the sink; stays true when the control plane is away
 * @param versions {@code system_version_info} of the last accepted response
 * @param rejections by type: the reason of a NACK that no later response of that type has cleared
 * @param warming names of listeners, routes and clusters that wait for what they refer to
 * @param lastError of the connection; null: none since it was opened
 */
public record Status(
        boolean connected,
        boolean ready,
        Map<ResourceType, String> versions,
        Map<ResourceType, String> rejections,
        Set<String> warming,
        @Nullable String lastError) {

    static final Status INITIAL = new Status(false, false, Map.of(), Map.of(), Set.of(), null);

    public Status {
        versions = Map.copyOf(versions);
        rejections = Map.copyOf(rejections);
        warming = Set.copyOf(warming);
    }
}
