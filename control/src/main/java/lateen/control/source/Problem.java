package lateen.control.source;

import java.util.Comparator;

/**
 * One thing that is wrong with the configuration, or worth a warning.
 *
 * @param path of the field, as in {@code spec.rules[0].to[0].operation.paths[0]}; empty: the object or file as a whole
 * @param text the value, what was expected, and what to do
 */
public record Problem(Origin origin, String path, String text) {

    /** By file and line. */
    public static final Comparator<Problem> ORDER =
            Comparator.comparing(Problem::origin).thenComparing(Problem::path);

    /** As people read it: {@code shop.yaml:31: spec.mtls.mode: "ON" (expected: …)}. */
    @Override
    public String toString() {
        return path.isEmpty() ? origin + ": " + text : origin + ": " + path + ": " + text;
    }
}
