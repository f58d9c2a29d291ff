package lateen.xds.source;

import java.util.Set;
import lateen.xds.ResourceType;

/** One place from which resources come. Called on the client's thread only. */
public interface Source extends AutoCloseable {

    /** Begins, and goes on by itself, whatever fails, until closed. */
    void start();

    /**
     * From now on these are subscribed to, and no others of that type. The same as before is no news.
     *
     * @param wildcard all there are, whatever their names
     */
    void want(ResourceType type, Set<String> names, boolean wildcard);

    /** Ends the connection, where there is one, and opens another. */
    void reconnect(String reason);

    @Override
    void close();
}
