package lateen.decision.route;

import java.nio.charset.StandardCharsets;
import lateen.decision.config.RouteConfig.PathMatch;
import lateen.decision.match.PathPart;
import lateen.decision.request.ByteSlice;

/**
 * Puts other text in place of what a route's path match matched. Envoy: {@code RouteAction.prefix_rewrite}: of a prefix,
 * the prefix; of an exact path or a pattern, the whole path. Query and fragment stay. The texts are put together as they
 * are: {@code /a} → {@code /} makes {@code //b} of {@code /a/b}. Immutable.
 */
public final class PathRewrite {

    /** Bytes of the path that are replaced; −1: all up to the query. */
    private final int replaced;

    private final byte[] replacement;

    private PathRewrite(int replaced, byte[] replacement) {
        this.replaced = replaced;
        this.replacement = replacement;
    }

    public static PathRewrite compile(PathMatch match, String replacement) {
        int replaced = switch (match) {
            case PathMatch.Prefix p -> bytes(p.value()).length;
            case PathMatch.SegmentPrefix p -> bytes(p.value()).length;
            case PathMatch.Exact p -> -1;
            case PathMatch.Regex p -> -1;
            case PathMatch.Connect p -> -1;
        };
        return new PathRewrite(replaced, bytes(replacement));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** @param path a path (and query) that the match matched */
    public int length(ByteSlice path) {
        return replacement.length + path.end() - kept(path);
    }

    /**
     * Writes the new path and query.
     *
     * @param path a path (and query) that the match matched
     * @param into room for {@link #length} bytes from {@code at}
     * @return index after the last byte written
     */
    public int write(ByteSlice path, byte[] into, int at) {
        int kept = kept(path);
        System.arraycopy(replacement, 0, into, at, replacement.length);
        System.arraycopy(path.array(), kept, into, at + replacement.length, path.end() - kept);
        return at + replacement.length + path.end() - kept;
    }

    private int kept(ByteSlice path) {
        return replaced < 0 ? PathPart.endOfPath(path) : path.start() + replaced;
    }
}
