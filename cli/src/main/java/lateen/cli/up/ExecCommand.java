package lateen.cli.up;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import lateen.local.Account;
import lateen.local.LocalMesh;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lateen exec}: exit status of the command, or 1 when there is no such place. */
@Command(
        name = "exec",
        description = "Runs a command in the place of a workload of `lateen up`, as its application would: uid 1000.",
        mixinStandardHelpOptions = true)
public final class ExecCommand implements Callable<Integer> {
    @Option(
            names = "--name",
            defaultValue = UpCommand.DEFAULT_RUN,
            description = "Name of the run (default: ${DEFAULT-VALUE}).")
    private String run = UpCommand.DEFAULT_RUN;

    @Parameters(index = "0", paramLabel = "WORKLOAD", description = "name of an instance, as `lateen up` prints it")
    private String workload = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "after --")
    private List<String> command = List.of();

    @Override
    public Integer call() throws InterruptedException {
        try {
            List<String> inside = LocalMesh.commandInside(run, workload, Account.APPLICATION, command);
            return new ProcessBuilder(inside).inheritIO().start().waitFor();
        } catch (IOException e) {
            System.err.println("lateen exec: " + e.getMessage());
            return 1;
        }
    }
}
