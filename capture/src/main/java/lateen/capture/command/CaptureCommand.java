package lateen.capture.command;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import lateen.capture.host.CaptureException;
import lateen.capture.plan.InvalidOptionException;

/** {@code lateen capture …}: looks at the rules of a namespace, explains them, compares, watches, and takes ours away. */
public final class CaptureCommand {
    private static final String USAGE = """
            Usage: lateen capture COMMAND [target] …

            Commands:
              show     the rules of a namespace, a sentence for each, and where packets go
              explain  the way of one packet, rule by rule
              diff     what is there against what flags of istio-iptables would make
              clean    takes all capture rules away, as istio-iptables --cleanup-only
              watch    counters that move, and the way of real packets, for some seconds

            Target:
            """ + Place.HELP + """

            lateen capture COMMAND --help says more.
            """;

    /** One of the commands: its exit status, or what it cannot do. */
    private interface Body {
        int run() throws InvalidOptionException, CaptureException, IOException;
    }

    private CaptureCommand() {}

    /** Runs once; returns 0, 1 after an error message, 2 for a command that does not exist, or 3 for a difference. */
    public static int run(List<String> args, Map<String, String> env, PrintStream out, PrintStream err) {
        if (args.isEmpty() || List.of("-h", "--help", "help").contains(args.getFirst())) {
            out.print(USAGE);
            return 0;
        }
        String name = args.getFirst();
        List<String> rest = args.subList(1, args.size());
        return switch (name) {
            case "show" ->
                guarded(name, rest, out, err, CaptureShowCommand.USAGE, () -> CaptureShowCommand.run(rest, out));
            case "explain" -> guarded(name, rest, out, err, ExplainCommand.USAGE, () -> ExplainCommand.run(rest, out));
            case "diff" -> guarded(name, rest, out, err, DiffCommand.USAGE, () -> DiffCommand.run(rest, env, out));
            case "clean" -> guarded(name, rest, out, err, CleanCommand.USAGE, () -> CleanCommand.run(rest, out, err));
            case "watch" -> guarded(name, rest, out, err, WatchCommand.USAGE, () -> WatchCommand.run(rest, out));
            default -> {
                err.println("capture: '" + name + "' (expected: show, explain, diff, clean or watch)");
                yield 2;
            }
        };
    }

    private static int guarded(
            String name, List<String> args, PrintStream out, PrintStream err, String usage, Body body) {
        // What follows two dashes are flags of another command.
        List<String> own = args.contains("--") ? args.subList(0, args.indexOf("--")) : args;
        if (own.contains("--help") || own.contains("-h")) {
            out.print(usage);
            return 0;
        }
        try {
            return body.run();
        } catch (InvalidOptionException | CaptureException | IOException e) {
            err.println("capture " + name + ": " + e.getMessage());
            return 1;
        }
    }
}
