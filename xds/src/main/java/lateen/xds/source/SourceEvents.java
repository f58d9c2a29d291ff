package lateen.xds.source;

import java.util.Map;
import lateen.xds.ResourceType;
import org.jspecify.annotations.Nullable;

/** What a source tells. Called on the client's thread only. */
public interface SourceEvents {

    /** Takes what is good; null, or why some of it, or all, was refused. */
    @Nullable
    String received(Update update);

    /** The source has answered for what was received; now it may be asked for more. */
    void answered();

    /** There is no connection, or nothing could be read; the source tries again by itself. */
    void disconnected(String reason);

    /** Versions of what is held of a type, by name. */
    Map<String, String> versions(ResourceType type);
}
