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

    /** True when the program can be started here. */
    public boolean present(String program) throws CaptureException {
        try {
            return runner.installed(program);
        } catch (IOException e) {
            throw new CaptureException("looking for " + program + ": " + e.getMessage(), e);
        }
    }

    /** What to install for a program, as the end of a message. */
    public static String expected(String program) {
        String name = program.substring(program.lastIndexOf('/') + 1);
        String[] known = switch (name) {
            case "nft" -> new String[] {"the nft command", "nftables"};
            case "ip" -> new String[] {"the ip command", "iproute2"};
            case "nsenter" -> new String[] {"the nsenter command", "util-linux"};
            default -> new String[] {"the iptables commands", "iptables"};
        };
        return " (expected: " + known[0] + "; install the Debian package " + known[1] + ")";
    }

    /** Runs a command and returns how it ended, whatever that is; only one that cannot be run is an error. */
    public CommandRunner.Result end(List<String> command, String input) throws CaptureException {
        try {
            return runner.run(namespace.inside(command), input);
        } catch (CommandRunner.ProgramMissingException e) {
            throw new CaptureException(
                    e.getMessage() + expected(namespace.file().isPresent() ? "nsenter" : command.getFirst()), e);
        } catch (IOException e) {
            throw new CaptureException(e);
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
        return output(command, end(command, input));
    }

    /** What a command has printed, or an error with its own words when it failed. */
    public String output(List<String> command, CommandRunner.Result result) throws CaptureException {
        if (!result.ok()) {
            String hint = result.status() == CommandRunner.Result.NOT_FOUND ? expected(command.getFirst()) : "";
            throw new CaptureException(String.join(" ", command) + ": status " + result.status() + ": "
                    + result.errors().strip() + hint);
        }
        return result.output();
    }
}
