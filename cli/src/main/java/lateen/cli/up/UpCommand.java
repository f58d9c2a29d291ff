package lateen.cli.up;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import lateen.local.Distribution;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lateen up DIR}: exit status 1 when the mesh did not start, 2 for wrong arguments. */
@Command(
        name = "up",
        description = "Runs a directory of Istio YAML and LocalWorkloads as a mesh on this machine, until Ctrl-C.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "A LocalWorkload is a program that is a member of the mesh. It stands beside Istio's own kinds in",
            "the *.yaml and *.yml files of DIR:",
            "",
            "  apiVersion: local.lateen.dev/v1alpha1",
            "  kind: LocalWorkload",
            "  metadata:",
            "    name: hello-v2           # its instances: hello-v2, hello-v2-2, hello-v2-3, ...",
            "    namespace: hello         # in the sense of Kubernetes (default: default)",
            "    labels:                  # by which Services, subsets and policies select it; app: its name",
            "      version: v2",
            "  spec:",
            "    service: hello           # a Service of this namespace whose selector's labels it gets",
            "    serviceAccount: hello    # spiffe://cluster.local/ns/hello/sa/hello (default: default)",
            "    instances: 2             # 0 to 100 (default: 1)",
            "    command: [java, Hello.java, \"8080\"]   # absent: a place to run commands in",
            "    workingDirectory: .      # seen from DIR; ./programs are looked for here (default: DIR)",
            "    user: 1000               # uid and gid (default: 1000; 1337 is the sidecar's: not captured)",
            "    environment:             # beside PATH, HOME and LANG",
            "      GREETING: hi",
            "    ports: [8080]            # ready when each of these accepts connections",
            "    sidecar: true            # false: outside of the mesh",
            "",
            "All but name is optional. What is unknown or wrong is refused with file and line.",
            "Edits are followed while it runs: Istio's kinds at once, instances added and removed, a changed",
            "workload replaced instance by instance. Examples: samples/hello, samples/tcp."
        })
public final class UpCommand implements Callable<Integer> {
    static final String DEFAULT_RUN = "up";

    @Parameters(index = "0", paramLabel = "DIR", description = "directory of YAML files; watched")
    private Path directory = Path.of(".");

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "COMMAND",
            description = "after --, with --once: what is run")
    private List<String> command = List.of();

    @Option(
            names = "--name",
            defaultValue = DEFAULT_RUN,
            description = "Name of the run, one of several at a time (default: ${DEFAULT-VALUE}).")
    private String name = DEFAULT_RUN;

    @Option(
            names = "--once",
            paramLabel = "WORKLOAD",
            description = "Run COMMAND in this workload's place, clean up, and end with its status.")
    private @Nullable String once;

    @Override
    public Integer call() throws InterruptedException {
        if (!Files.isDirectory(directory)) {
            System.err.println("lateen up: " + directory + ": no directory (expected: one with YAML files)");
            return 2;
        }
        if ((once == null) != command.isEmpty()) {
            System.err.println("lateen up: --once WORKLOAD and a COMMAND after -- belong together");
            return 2;
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Distribution distribution = new Distribution(Path.of(System.getProperty("lateen.home", ".")));
        Up up = new Up(name, directory, distribution, out);
        return once == null ? up.stay() : up.once(once, command);
    }
}
