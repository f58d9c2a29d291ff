package lateen.xds.decode;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@link WireWalk} took out of a message before it was parsed, as a tree with the shape of the message. {@link
 * FieldPath} carries it along, so that a decoder finds it where it would call the getter, which says "not set".
 *
 * <p>Filled by one walk, then only read.
 */
final class Aside {

    static final Aside NOTHING = new Aside();

    private final Map<String, Aside> inside = new HashMap<>(0);
    private final Map<String, List<ByteString>> taken = new HashMap<>(0);

    /** What is inside of that field; {@link #NOTHING} when nothing is. */
    Aside at(String field, int index) {
        return inside.isEmpty() ? NOTHING : inside.getOrDefault(key(field, index), NOTHING);
    }

    /** All occurrences of a field of this message, without their tags and lengths. */
    List<ByteString> field(String name) {
        return taken.getOrDefault(name, List.of());
    }

    boolean isEmpty() {
        return inside.isEmpty() && taken.isEmpty();
    }

    void put(String field, ByteString value) {
        taken.computeIfAbsent(field, _ -> new ArrayList<>()).add(value);
    }

    /** Two occurrences of a message that is no list are one message. */
    void put(String field, int index, Aside part) {
        if (!part.isEmpty()) {
            inside.computeIfAbsent(key(field, index), _ -> new Aside()).merge(part);
        }
    }

    private void merge(Aside part) {
        part.taken.forEach((name, values) -> values.forEach(value -> put(name, value)));
        part.inside.forEach(
                (key, more) -> inside.computeIfAbsent(key, _ -> new Aside()).merge(more));
    }

    private static String key(String field, int index) {
        return index < 0 ? field : field + "[" + index + "]";
    }
}
