package lateen.cli;

import java.util.Arrays;
import java.util.List;
import lateen.capture.command.CaptureCommand;
import lateen.capture.command.IstioIptablesCommand;

/**
 * The {@code lateen} command on the capture class path (this module and {@code capture}; nothing else): {@code
 * istio-iptables} and {@code capture …}. An init container runs it, so it starts fast and loads little.
 */
public final class CaptureMain {

    private CaptureMain() {}

    public static void main(String[] arguments) {
        System.exit(run(Arrays.asList(arguments)));
    }

    /** @return the exit status: 0 done, 126 validation failed, 1 any other error, 2 a command that does not exist */
    static int run(List<String> arguments) {
        List<String> rest = arguments.isEmpty() ? arguments : arguments.subList(1, arguments.size());
        String command = arguments.isEmpty() ? "" : arguments.getFirst();
        return switch (command) {
            case "istio-iptables" -> IstioIptablesCommand.run(rest, System.getenv(), System.out, System.err);
            case "capture" -> CaptureCommand.run(rest, System.getenv(), System.out, System.err);
            default -> {
                System.err.println(
                        "lateen: '" + command + "' is not on this class path (expected: istio-iptables or capture)");
                yield 2;
            }
        };
    }
}
