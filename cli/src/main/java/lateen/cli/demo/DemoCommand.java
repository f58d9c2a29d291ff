package lateen.cli.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import lateen.local.Distribution;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lateen demo}: exit status 0 when every step held, 1 when one did not or the mesh did not start. */
@Command(
        name = "demo",
        description =
                "Brings a small mesh up on this machine (no Kubernetes; without root where user namespaces are allowed) and shows what it does.",
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
    @Option(names = "--once", description = "Run every step, check it, clean up; status 1 names the step that failed.")
    private boolean once;

    @Option(names = "--name", defaultValue = "demo", description = "Name of the run (default: ${DEFAULT-VALUE}).")
    private String name = "demo";

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "STEP",
            description = "Show these steps only: ${COMPLETION-CANDIDATES}.")
    private Set<Chapter> only = EnumSet.allOf(Chapter.class);

    @Option(
            names = "--sidecar",
            defaultValue = "lateen",
            description =
                    "What the sidecars are: ${COMPLETION-CANDIDATES}; a real Envoy 1.40 is taken from LATEEN_ENVOY or"
                            + " PATH, or fetched (default: ${DEFAULT-VALUE}).")
    private SidecarKind sidecar = SidecarKind.lateen;

    @Option(names = "--sabotage", hidden = true, defaultValue = "NONE")
    private Sabotage sabotage = Sabotage.NONE;

    /** The folder that holds {@code dist} is told by system property {@code lateen.home}. */
    @Override
    public Integer call() throws InterruptedException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Distribution distribution = new Distribution(Path.of(System.getProperty("lateen.home", ".")));
        Optional<Path> envoy;
        try {
            envoy = sidecar == SidecarKind.envoy ? Optional.of(Tool.find(distribution, "envoy")) : Optional.empty();
        } catch (IOException e) {
            System.err.println("lateen demo: " + e.getMessage());
            return 1;
        }
        return new Demo(name, once, sabotage, envoy, only, distribution, out).run();
    }

    /** Named as it is typed. */
    enum SidecarKind {
        lateen,
        envoy
    }
}
