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

    /** One of the commands; throws what it cannot do. */
    private interface Body {
        void run(List<String> args, PrintStream out, PrintStream err)
                throws InvalidOptionException, CaptureException, IOException;
    }

    private CaptureCommand() {}

    /** Runs once; returns 0, 1 after an error message, or 2 for a command that does not exist. */
    public static int run(List<String> args, Map<String, String> env, PrintStream out, PrintStream err) {
        if (args.isEmpty() || List.of("-h", "--help", "help").contains(args.getFirst())) {
            out.print(USAGE);
            return 0;
        }
        String name = args.getFirst();
        List<String> rest = args.subList(1, args.size());
        return switch (name) {
            case "show" -> CaptureShowCommand.run(rest, out, err);
            case "explain" ->
                guarded(name, rest, out, err, ExplainCommand.USAGE, (a, o, _) -> ExplainCommand.run(a, o));
            case "diff" -> DiffCommand.run(rest, env, out, err);
            case "clean" -> guarded(name, rest, out, err, CleanCommand.USAGE, CleanCommand::run);
            case "watch" -> guarded(name, rest, out, err, WatchCommand.USAGE, (a, o, _) -> WatchCommand.run(a, o));
            default -> {
                err.println("capture: '" + name + "' (expected: show, explain, diff, clean or watch)");
                yield 2;
            }
        };
    }

    private static int guarded(
            String name, List<String> args, PrintStream out, PrintStream err, String usage, Body body) {
        if (args.contains("--help") || args.contains("-h")) {
            out.print(usage);
            return 0;
        }
        try {
            body.run(args, out, err);
            return 0;
        } catch (InvalidOptionException | CaptureException | IOException e) {
            err.println("capture " + name + ": " + e.getMessage());
            return 1;
        }
    }
}
