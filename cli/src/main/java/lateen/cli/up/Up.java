package lateen.cli.up;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lateen.cli.services.LocalDashboard;
import lateen.control.registry.AddressPool;
import lateen.control.source.ConfigDirectory;
import lateen.control.source.DirectoryWatch;
import lateen.control.source.Problem;
import lateen.control.source.SourceFile;
import lateen.local.Command;
import lateen.local.Distribution;
import lateen.local.LocalMesh;
import lateen.local.MeshPlan;

/** Brings the mesh of a directory up, follows edits, and cleans up on Ctrl-C. */
final class Up {
    private static final Duration ONE_COMMAND = Duration.ofMinutes(10);

    private final String run;
    private final Path directory;
    private final Distribution distribution;
    private final PrintStream out;

    Up(String run, Path directory, Distribution distribution, PrintStream out) {
        this.run = run;
        this.directory = directory.toAbsolutePath().normalize();
        this.distribution = distribution;
        this.out = out;
    }

    /** Returns only when interrupted, or with status 1 when the mesh did not start. */
    int stay() throws InterruptedException {
        return with((mesh, first, files) -> {
            Words.addresses(run, mesh, first, out);
            Edits edits = new Edits(directory, mesh, first, out);
            try (DirectoryWatch _ = new DirectoryWatch(new ConfigDirectory(directory), files, edits::follow);
                    LocalDashboard _ = LocalDashboard.open(run, out::println)) {
                Thread.currentThread().join();
            }
            return 0;
        });
    }

    /** Runs one command in a workload's place, as uid 1000, and returns its exit status. */
    int once(String workload, List<String> command) throws InterruptedException {
        return with((mesh, _, _) -> {
            Command.Result result = mesh.run(mesh.workload(workload), ONE_COMMAND, command.toArray(String[]::new));
            out.print(result.out());
            out.flush();
            System.err.print(result.err());
            return result.exit();
        });
    }

    /** What is done with a mesh that is up. */
    private interface Stay {
        int run(LocalMesh mesh, Description.Good described, List<SourceFile> files)
                throws IOException, InterruptedException;
    }

    private int with(Stay stay) throws InterruptedException {
        try {
            List<SourceFile> files = new ConfigDirectory(directory).read();
            switch (Description.of(directory, files, AddressPool.DEFAULT)) {
                case Description.Bad(List<Problem> problems) -> {
                    problems.forEach(problem -> System.err.println(problem));
                    System.err.println("lateen up: nothing was started");
                    return 1;
                }
                case Description.Good first -> {
                    if (first.workloads().isEmpty()) {
                        System.err.println("lateen up: no LocalWorkload in the *.yaml and *.yml of " + directory
                                + " (expected: one or more; lateen up --help has an example)");
                        return 1;
                    }
                    MeshPlan plan = new MeshPlan(
                            run,
                            Description.TRUST_DOMAIN,
                            MeshPlan.LEAF_LIFETIME,
                            first.files(),
                            first.hosts(),
                            first.workloads());
                    long begun = System.nanoTime();
                    try (LocalMesh mesh = LocalMesh.start(
                            plan, distribution, line -> System.err.printf("  %5.1f s  %s%n", since(begun), line))) {
                        return stay.run(mesh, first, files);
                    }
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            System.err.println("lateen up: " + e.getMessage());
            return 1;
        }
    }

    private static double since(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }
}
