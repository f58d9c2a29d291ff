package lateen.capture.host;

import java.io.IOException;
import java.util.List;

/**
 * Programs of the system, run inside one network namespace. Blocking; used by one thread at a time.
 *
 * @param runner starts them
 * @param namespace where they see the network
 */
public record NamespaceCommands(CommandRunner runner, NetworkNamespace namespace) {
    private static final int NOT_FOUND = 127;
    private static final String PACKAGE =
            " (expected: the iptables commands; install the Debian package iptables, with nsenter from util-linux)";

    /** True when the program can be started here. */
    public boolean present(String program) throws CaptureException {
        try {
            // A missing program fails to start in the own namespace, and ends with 127 below nsenter.
            return runner.run(List.of(program, "--version"), "").status() != NOT_FOUND;
        } catch (CommandRunner.ProgramMissingException e) {
            return false;
        } catch (IOException e) {
            throw new CaptureException("looking for " + program + ": " + e.getMessage(), e);
        }
    }

    /** Runs a command whose failure does not matter; false when it failed. */
    public boolean succeeds(List<String> command) {
        try {
            run(command, "");
            return true;
        } catch (CaptureException e) {
            return false;
        }
    }

    /** Runs a command in the namespace and returns its output; any failure is an error with the command's own words. */
    public String run(List<String> command, String input) throws CaptureException {
        try {
            CommandRunner.Result result = runner.run(namespace.inside(command), input);
            if (!result.ok()) {
                String hint = result.status() == NOT_FOUND ? PACKAGE : "";
                throw new CaptureException(String.join(" ", command) + ": status " + result.status() + ": "
                        + result.errors().strip() + hint);
            }
            return result.output();
        } catch (CommandRunner.ProgramMissingException e) {
            throw new CaptureException(e.getMessage() + PACKAGE, e);
        } catch (IOException e) {
            throw new CaptureException(e);
        }
    }
}
