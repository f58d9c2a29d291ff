package lateen.cli;

import java.util.Arrays;
import java.util.List;
import lateen.capture.command.CaptureShowCommand;
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
            case "capture" -> capture(rest);
            default -> {
                System.err.println(
                        "lateen: '" + command + "' is not on this class path (expected: istio-iptables or capture)");
                yield 2;
            }
        };
    }

    private static int capture(List<String> arguments) {
        if (arguments.isEmpty() || !arguments.getFirst().equals("show")) {
            boolean help =
                    arguments.isEmpty() || List.of("-h", "--help", "help").contains(arguments.getFirst());
            (help ? System.out : System.err).println("""
                    Usage: lateen capture show (--netns NAME | --pid PID) [--counters]
                      Prints the capture rules of a network namespace as the kernel holds them, a sentence for
                      each, and where a packet in and a packet out goes.""");
            return help ? 0 : 2;
        }
        return CaptureShowCommand.run(arguments.subList(1, arguments.size()), System.out, System.err);
    }
}
