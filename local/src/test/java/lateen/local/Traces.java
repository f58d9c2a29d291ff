package lateen.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Whatever of a run can be seen on the machine. */
final class Traces {
    private Traces() {}

    static List<String> of(String run) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path folder : List.of(Path.of("/run/netns"), Path.of("/etc/netns"), RunDirectory.ROOT, Path.of("/tmp"))) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> entries = Files.list(folder)) {
                    entries.map(Path::toString)
                            .filter(path -> path.contains("lateen-" + run + "-") || path.endsWith("/" + run))
                            .forEach(found::add);
                }
            }
        }
        // By the run's own folders on the command line: a supervisor under test may be alive elsewhere.
        ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains("/lateen-" + run + "-"))
                        .isPresent())
                .forEach(process -> found.add("process " + process.pid()));
        return found;
    }
}
