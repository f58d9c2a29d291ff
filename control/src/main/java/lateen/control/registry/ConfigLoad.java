package lateen.control.registry;

import java.util.List;
import lateen.control.source.ConfigObject;
import lateen.control.source.ConfigParser;
import lateen.control.source.Problem;
import lateen.control.source.Problems;
import lateen.control.source.SourceFile;

/** The outcome of reading a whole configuration: all of it, or the reasons why not. */
public sealed interface ConfigLoad {

    record Accepted(MeshSnapshot snapshot, List<Problem> warnings) implements ConfigLoad {}

    /**
     * @param problems all of them; never empty
     */
    record Refused(List<Problem> problems) implements ConfigLoad {}

    /** Pure. */
    static ConfigLoad of(List<SourceFile> files, MeshSettings defaults, AddressPool pool) {
        Problems problems = new Problems();
        List<ConfigObject> objects = ConfigParser.parse(files, problems);
        MeshSnapshot snapshot = MeshBuilder.build(objects, defaults, pool, problems);
        return problems.hasErrors() ? new Refused(problems.errors()) : new Accepted(snapshot, problems.warnings());
    }
}
