package lateen.xds.text;

/**
 * Something in a file that is wrong or not supported.
 *
 * @param file as it was named
 * @param line where it stands, from 1; 0: not known
 * @param path of the field, such as {@code static_resources.listeners[0].name}; empty: the file as a whole
 * @param text value and what was expected
 */
public record Problem(String file, int line, String path, String text) {

    @Override
    public String toString() {
        return file + (line > 0 ? ":" + line : "") + ": " + (path.isEmpty() ? "" : path + ": ") + text;
    }
}
