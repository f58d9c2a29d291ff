package lateen.xds.source;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From where a resource is to be had. Envoy: {@code config.core.v3.ConfigSource}. */
public sealed interface SourceRef {

    /** The one aggregated stream. */
    record Ads() implements SourceRef {}

    /**
     * A stream of its own for each type. Envoy: {@code ApiConfigSource}.
     *
     * @param cluster where the server is
     * @param delta whether the incremental variant is spoken
     * @param metadata sent with each stream, in this order
     * @param nodeOnce {@code set_node_on_first_message_only}
     */
    record Stream(
            String cluster, String authority, boolean delta, List<Map.Entry<String, String>> metadata, boolean nodeOnce)
            implements SourceRef {
        public Stream {
            metadata = List.copyOf(metadata);
        }
    }

    /**
     * A file that is read again when it changes. Envoy: {@code PathConfigSource}.
     *
     * @param watched a directory in which something is moved when the file changes; null: the file's own
     */
    record Files(Path path, @Nullable Path watched) implements SourceRef {}

    /** Names to be looked up. Envoy: clusters of type STRICT_DNS and LOGICAL_DNS. */
    record Dns(DnsNames names) implements SourceRef {}
}
