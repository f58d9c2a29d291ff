package lateen.cli;

import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The {@code lateen} command on the full class path. The launcher sends {@code proxy} and the capture commands to class
 * paths of their own; started directly they work here too.
 */
@Command(
        name = "lateen",
        description =
                "A service mesh: control plane, sidecar, traffic capture, and one command to run and question it all.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {
            "",
            "Also:",
            "  istio-iptables      writes the capture rules of a network namespace (--help lists the flags)",
            "  capture show        prints these rules, a sentence for each, and where packets go",
            "  capture explain     the way of one packet, rule by rule; also: diff, watch, clean",
            "  proxy sidecar       agent and proxy of one workload",
            "  proxy -c FILE       the proxy alone, on a file that Envoy takes"
        })
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        List<String> words = Arrays.asList(arguments);
        String command = words.isEmpty() ? "" : words.getFirst();
        System.exit(
                switch (command) {
                    case "istio-iptables", "capture" -> CaptureMain.run(words);
                    case "proxy" -> SidecarMain.run(words);
                    default -> commandLine().execute(arguments);
                });
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main())
                .addSubcommand(new DiscoveryCommand())
                .addSubcommand(new lateen.cli.services.AuthzCommand())
                .addSubcommand(new lateen.cli.services.DashboardCommand())
                .addSubcommand(new lateen.cli.demo.DemoCommand())
                .addSubcommand(new lateen.cli.up.UpCommand())
                .addSubcommand(new lateen.cli.up.ExecCommand())
                .addSubcommand(new lateen.cli.demo.TrainCommand())
                .addSubcommand(new CommandLine.HelpCommand());
        // Without a subcommand: the help, and a status that says nothing was done.
        line.setExecutionStrategy(parsed -> {
            if (parsed.subcommand() == null && !parsed.isUsageHelpRequested() && !parsed.isVersionHelpRequested()) {
                line.usage(System.err);
                return CommandLine.ExitCode.USAGE;
            }
            return new CommandLine.RunLast().execute(parsed);
        });
        return line;
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"lateen 0.1.0", "JDK " + Runtime.version()};
        }
    }
}
