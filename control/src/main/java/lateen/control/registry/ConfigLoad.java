package lateen.control.registry;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import lateen.control.source.ConfigDocument;
import lateen.control.source.ConfigObject;
import lateen.control.source.ConfigParser;
import lateen.control.source.Origin;
import lateen.control.source.Problem;
import lateen.control.source.Problems;
import lateen.control.source.SourceFile;

/**
 * The outcome of reading a configuration. An object with errors is refused alone, and its last good version stays. What
 * a file with errors held before and holds no more stays too: until the file can be read as a whole, nobody knows
 * whether that was meant to go.
 *
 * @param snapshot of the objects in force
 * @param inForce their documents; what the next load goes back to
 * @param kept those of {@code inForce} that are not in the files as they are now
 * @param refused documents that are not in force, and files that cannot be read
 */
public record ConfigLoad(
        MeshSnapshot snapshot,
        List<ConfigDocument> inForce,
        List<ConfigDocument> kept,
        List<ConfigDocument> refused,
        List<Problem> warnings) {

    public ConfigLoad {
        inForce = List.copyOf(inForce);
        kept = List.copyOf(kept);
        refused = List.copyOf(refused);
        warnings = List.copyOf(warnings);
    }

    /**
     * Pure.
     *
     * @param before in force until now
     */
    public static ConfigLoad of(
            List<SourceFile> files, MeshSettings defaults, AddressPool pool, List<ConfigDocument> before) {
        List<ConfigDocument> documents = new ArrayList<>(ConfigParser.parse(files));
        for (SourceFile file : files) {
            // Most often a file that is being written; who means it removes the file.
            if (file.isEmpty() && before.stream().anyMatch(d -> d.file().equals(file.name()))) {
                Problem empty = new Problem(
                        new Origin(file.name(), 0), "", "is empty (expected: what it held; or remove the file)");
                documents.add(new ConfigDocument(file.name(), "", null, null, List.of(empty), List.of()));
            }
        }
        return new Loading(documents, before).load(defaults, pool);
    }

    /** What is wrong, by file and line. */
    public List<Problem> errors() {
        return refused.stream()
                .flatMap(d -> d.errors().stream())
                .sorted(Problem.ORDER)
                .distinct()
                .toList();
    }

    /** Whether something refused is, or may be, a policy, and no earlier version of it stands in. */
    public boolean lacksGuard() {
        Set<String> there = new HashSet<>();
        inForce.forEach(d -> there.add(d.id()));
        return refused.stream().anyMatch(d -> d.mayGuard() && !there.contains(d.id()));
    }

    /** One load while it goes on. */
    private static final class Loading {
        private final List<ConfigDocument> documents;
        private final List<ConfigDocument> before;

        /** Left out for what is wrong between objects, with the same document as refused. */
        private final IdentityHashMap<ConfigDocument, ConfigDocument> leftOut = new IdentityHashMap<>();

        Loading(List<ConfigDocument> documents, List<ConfigDocument> before) {
            this.documents = documents;
            this.before = before;
        }

        /** Each round leaves out one object more, so that there is an end. */
        ConfigLoad load(MeshSettings defaults, AddressPool pool) {
            while (true) {
                List<ConfigDocument> refused = refused();
                List<ConfigDocument> good = documents.stream()
                        .filter(d -> d.object() != null && !leftOut.containsKey(d))
                        .toList();
                List<ConfigDocument> kept = kept(good, refused);
                List<ConfigDocument> inForce =
                        Stream.concat(good.stream(), kept.stream()).toList();
                Problems problems = new Problems();
                MeshSnapshot snapshot = MeshBuilder.build(objects(inForce), defaults, pool, problems);
                if (!problems.hasErrors()) {
                    return new ConfigLoad(snapshot, inForce, kept, refused, warnings(inForce, problems));
                }
                leaveOut(inForce, problems);
            }
        }

        private List<ConfigDocument> refused() {
            return Stream.concat(documents.stream().filter(d -> d.object() == null), leftOut.values().stream())
                    .toList();
        }

        /** What was good before, for what is refused now and for what went from a file with errors. */
        private List<ConfigDocument> kept(List<ConfigDocument> good, List<ConfigDocument> refused) {
            Set<String> there = new HashSet<>();
            good.forEach(d -> there.add(d.id()));
            Set<String> refusedIds = new HashSet<>();
            Set<String> faulty = new HashSet<>();
            for (ConfigDocument document : refused) {
                refusedIds.add(document.id());
                faulty.add(document.file());
            }
            return before.stream()
                    .filter(d -> !there.contains(d.id()) && !leftOut.containsKey(d))
                    .filter(d -> refusedIds.contains(d.id()) || faulty.contains(d.file()))
                    .toList();
        }

        private void leaveOut(List<ConfigDocument> inForce, Problems problems) {
            int count = leftOut.size();
            for (ConfigDocument document : inForce) {
                ConfigObject object = document.object();
                if (object != null && problems.blames(object.meta())) {
                    leftOut.put(document, document.refused(problems.errors()));
                }
            }
            if (leftOut.size() == count) {
                throw new IllegalStateException("errors that name no object: " + problems.errors());
            }
        }

        private static List<ConfigObject> objects(List<ConfigDocument> inForce) {
            return inForce.stream()
                    .map(ConfigDocument::object)
                    .filter(Objects::nonNull)
                    .toList();
        }

        private static List<Problem> warnings(List<ConfigDocument> inForce, Problems problems) {
            return Stream.concat(inForce.stream().flatMap(d -> d.warnings().stream()), problems.warnings().stream())
                    .sorted(Problem.ORDER)
                    .distinct()
                    .toList();
        }
    }
}
