package lateen.control.source;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Collects what is wrong while a load goes on to the end. Owned by the thread that loads. */
public final class Problems {

    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final Set<ObjectMeta> blamed = Collections.newSetFromMap(new IdentityHashMap<>());

    public void error(Origin origin, String path, String text) {
        errors.add(new Problem(origin, path, text));
    }

    void addErrors(List<Problem> more) {
        errors.addAll(more);
    }

    /** What an object says in a field, and for which it is to be left out. */
    public void error(ObjectMeta about, String path, String text) {
        error(about, about.at(path), path, text);
    }

    /** The same for a field that stands in a text within the object. */
    public void error(ObjectMeta about, Origin origin, String path, String text) {
        error(origin, path, text);
        blamed.add(about);
    }

    public void warn(ObjectMeta about, String path, String text) {
        warn(about.at(path), path, text);
    }

    /** Those that an error names; compared by identity. */
    public boolean blames(ObjectMeta about) {
        return blamed.contains(about);
    }

    public void warn(Origin origin, String path, String text) {
        warnings.add(new Problem(origin, path, text));
    }

    /** By file and line. */
    public List<Problem> errors() {
        return errors.stream().sorted(Problem.ORDER).distinct().toList();
    }

    /** By file and line. */
    public List<Problem> warnings() {
        return warnings.stream().sorted(Problem.ORDER).distinct().toList();
    }

    public boolean hasErrors() {
        return !errors.isEmpty();
    }

    int errorCount() {
        return errors.size();
    }
}
