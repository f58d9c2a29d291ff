package lateen.local;

import java.nio.file.Path;

/** Something that a run made and has to remove: one line of its journal. */
sealed interface Created {

    /** A network namespace that {@code ip netns} lists, with every process in it. */
    record NetworkNamespace(String name) implements Created {}

    record Child(ProcessStamp process) implements Created {}

    /** A folder and all that is in it. */
    record Folder(Path path) implements Created {}

    /** A folder shared with others: removed only when empty. */
    record SharedFolder(Path path) implements Created {}

    default String line() {
        return switch (this) {
            case NetworkNamespace(String name) -> "netns " + name;
            case Child(ProcessStamp process) -> "process " + process;
            case Folder(Path path) -> "folder " + path;
            case SharedFolder(Path path) -> "shared-folder " + path;
        };
    }

    static Created parse(String line) {
        int space = line.indexOf(' ');
        String rest = line.substring(space + 1);
        return switch (line.substring(0, Math.max(space, 0))) {
            case "netns" -> new NetworkNamespace(rest);
            case "process" -> new Child(ProcessStamp.parse(rest));
            case "folder" -> new Folder(Path.of(rest));
            case "shared-folder" -> new SharedFolder(Path.of(rest));
            default ->
                throw new IllegalArgumentException("journal: \"" + line + "\" (expected: netns, process, folder)");
        };
    }
}
