package lateen.xds.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where the fields of a text stand. Immutable. */
public final class Lines {

    public static final Lines NONE = new Lines(null);

    private static final Pattern SEGMENT = Pattern.compile("([^.\\[\\]]+)(?:\\[([0-9]{1,9})\\])?");

    private final @Nullable Tree root;

    Lines(@Nullable Tree root) {
        this.root = root;
    }

    /** The line of that path, or of the deepest part of it that is there; 0: not known. */
    public int of(String path) {
        Tree at = root;
        int line = 0;
        Matcher segments = SEGMENT.matcher(path);
        while (at != null && segments.find()) {
            if (!(at instanceof Tree.Fields fields) || !fields.entries().containsKey(segments.group(1))) {
                break;
            }
            Tree.Entry entry = fields.entries().get(segments.group(1));
            line = entry.line();
            at = entry.value();
            if (segments.group(2) != null && at instanceof Tree.Items items) {
                int index = Integer.parseInt(segments.group(2));
                if (index >= items.items().size()) {
                    break;
                }
                at = items.items().get(index);
                line = at.line();
            }
        }
        return line;
    }
}
