package lateen.control.source;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A document of a file, and what became of it.
 *
 * @param id kind, namespace and name; empty: they cannot be told
 * @param object null: it has errors
 * @param source null: the file itself cannot be read to its end, and these are the reasons
 */
public record ConfigDocument(
        String file,
        String id,
        @Nullable ConfigObject object,
        @Nullable SourceText source,
        List<Problem> errors,
        List<Problem> warnings) {

    public ConfigDocument {
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }

    static ConfigDocument unreadable(String file, Problems problems) {
        return new ConfigDocument(file, "", null, null, problems.errors(), problems.warnings());
    }

    /** The same, refused for what is wrong between it and others. */
    public ConfigDocument refused(List<Problem> reasons) {
        return new ConfigDocument(file, id, null, source, reasons, warnings);
    }

    /**
     * Whether it is, or may be, an object that says who may call whom, or how: without it the mesh could be more open
     * than was meant.
     */
    public boolean mayGuard() {
        return id.isEmpty() || ConfigKinds.isGuard(id.substring(0, id.indexOf(' ')));
    }

    /** As people read it: {@code shop.yaml:12: Service shop/catalog}. */
    @Override
    public String toString() {
        String where = source == null ? file : file + ":" + source.line();
        return id.isEmpty() ? where : where + ": " + id;
    }
}
