package lateen.control.source;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file as it was read.
 *
 * @param name within the directory; origins show it
 * @param content never changed after construction
 * @param unreadable why there is no content; null: there is
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode below compare the content
public record SourceFile(
        String name, byte[] content, @Nullable String unreadable) {

    public SourceFile(String name, byte[] content) {
        this(name, content, null);
    }

    public boolean isEmpty() {
        return content.length == 0 && unreadable == null;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof SourceFile other
                && name.equals(other.name)
                && Arrays.equals(content, other.content)
                && Objects.equals(unreadable, other.unreadable);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Arrays.hashCode(content);
    }
}
