package lateen.control.source;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Kubernetes: {@code ObjectMeta}, and where the object stands.
 *
 * @param created null: unknown, which counts as the oldest
 * @param lines line of each field by its path, as in {@code spec.rules[0].from[0].source.principals[0]}
 */
public record ObjectMeta(
        String namespace,
        String name,
        Map<String, String> labels,
        Map<String, String> annotations,
        @Nullable Instant created,
        Origin origin,
        Map<String, Integer> lines) {

    public ObjectMeta {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        lines = Map.copyOf(lines);
    }

    /** Where a field stands; the object itself when it does not have the field. */
    public Origin at(String path) {
        Integer line = lines.get(path);
        return line == null ? origin : new Origin(origin.file(), line);
    }

    /** {@code namespace/name}. */
    public String key() {
        return namespace + "/" + name;
    }
}
