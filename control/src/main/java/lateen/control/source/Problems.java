package lateen.control.source;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong while a load goes on to the end. Owned by the thread that loads. */
public final class Problems {

    private static final Comparator<Problem> ORDER =
            Comparator.comparing(Problem::origin).thenComparing(Problem::path);

    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    public void error(Origin origin, String path, String text) {
        errors.add(new Problem(origin, path, text));
    }

    public void warn(Origin origin, String path, String text) {
        warnings.add(new Problem(origin, path, text));
    }

    /** By file and line. */
    public List<Problem> errors() {
        return errors.stream().sorted(ORDER).distinct().toList();
    }

    /** By file and line. */
    public List<Problem> warnings() {
        return warnings.stream().sorted(ORDER).distinct().toList();
    }

    public boolean hasErrors() {
        return !errors.isEmpty();
    }
}
