package lateen.xds.client;

import lateen.xds.ResourceType;
import lateen.xds.source.ClientThread;
import lateen.xds.source.Source;
import lateen.xds.source.SourceEvents;
import lateen.xds.source.SourceRef;
import org.jspecify.annotations.Nullable;

/** Opens sources; called on the client's thread. */
@FunctionalInterface
public interface Sources {

    /**
     * @param type null: for all types
     * @param thread the client's, on which the source must call back
     */
    Source open(SourceRef ref, @Nullable ResourceType type, SourceEvents events, ClientThread thread);
}
