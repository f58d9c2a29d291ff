package lateen.control.source;

import java.util.Arrays;

/**
 * A file as it was read.
 *
 * @param name within the directory; origins show it
 * @param content never changed after construction
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode below compare the content
public record SourceFile(String name, byte[] content) {

    @Override
    public boolean equals(Object o) {
        return o instanceof SourceFile other && name.equals(other.name) && Arrays.equals(content, other.content);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Arrays.hashCode(content);
    }
}
