package lateen.capture.command;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lateen.capture.host.CaptureException;
import lateen.capture.host.NetworkNamespace;
import lateen.capture.host.ProcessRunner;
import lateen.capture.model.HostFacts;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Numbers;
import lateen.capture.model.OwnRules;
import lateen.capture.model.RuleSet;
import lateen.capture.plan.InvalidOptionException;
import lateen.capture.read.HostFactsReader;
import lateen.capture.read.KernelRules;
import lateen.capture.render.RuleExplanation;
import lateen.capture.simulate.PacketExamples;

/** {@code capture show}: the rules of a namespace as the kernel lists them, a sentence for each, and where packets go. */
public final class CaptureShowCommand {
    private static final String USAGE = """
            Usage: lateen capture show [--netns NAME | --pid PID] [--counters]

            Prints the capture rules of a network namespace, what each means, and where packets go.
              --netns NAME  a namespace that `ip netns` lists, or a path
              --pid PID     the namespace of a process
              --counters    print how many packets each rule has seen
            """;

    private record Request(NetworkNamespace namespace, String name, boolean counters) {}

    private CaptureShowCommand() {}

    /** Runs once; returns 0, or 1 after an error message. */
    public static int run(List<String> args, PrintStream out, PrintStream err) {
        if (args.contains("--help") || args.contains("-h")) {
            out.print(USAGE);
            return 0;
        }
        try {
            show(request(args), out);
            return 0;
        } catch (InvalidOptionException | CaptureException | IOException e) {
            err.println("capture show: " + e.getMessage());
            return 1;
        }
    }

    private static Request request(List<String> args) throws InvalidOptionException, IOException {
        Optional<String> name = Optional.empty();
        boolean counters = false;
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            int equals = arg.indexOf('=');
            String flag = equals < 0 ? arg : arg.substring(0, equals);
            switch (flag) {
                case "--counters" -> counters = true;
                case "--netns", "--pid" -> {
                    String value = equals >= 0 ? arg.substring(equals + 1) : ++i < args.size() ? args.get(i) : "";
                    if (name.isPresent()) {
                        throw new InvalidOptionException(flag, value, "one of --netns and --pid, once");
                    }
                    if (value.isEmpty() || (flag.equals("--pid") && Numbers.parse(value, 1, Integer.MAX_VALUE) < 0)) {
                        throw new InvalidOptionException(
                                flag, value, flag.equals("--pid") ? "a process id" : "a namespace");
                    }
                    name = Optional.of(value);
                }
                default -> throw new InvalidOptionException("argument", arg, "--netns, --pid or --counters");
            }
        }
        NetworkNamespace namespace = name.isPresent() ? NetworkNamespace.parse(name.get()) : NetworkNamespace.own();
        return new Request(namespace, name.orElse("this namespace"), counters);
    }

    private static void show(Request request, PrintStream out) throws CaptureException, IOException {
        KernelRules kernel = new KernelRules(request.namespace);
        RuleSet rules = kernel.read();
        out.println(request.name + ": " + OwnRules.of(rules).ruleCount() + " capture rules, " + kernel.backend());
        String heading = "";
        for (RuleExplanation rule : RuleExplanation.of(rules)) {
            String table = (rule.family() == IpFamily.IPV4 ? "iptables" : "ip6tables") + " -t "
                    + rule.table().text();
            if (!table.equals(heading)) {
                out.println();
                out.println(table);
                heading = table;
            }
            out.println((request.counters ? String.format("%8d ", rule.packets()) : "  ") + rule.line());
            out.println((request.counters ? "         " : "  ") + "    " + rule.sentence());
        }
        out.println();
        out.println("where packets go");
        examples(rules, new HostFactsReader(new ProcessRunner(Duration.ofSeconds(10))).read(request.namespace))
                .forEach(line -> out.println("  " + line));
    }

    /** Typical packets for the first address of each family, one line each. */
    private static List<String> examples(RuleSet rules, HostFacts facts) {
        List<String> lines = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            Optional<InetAddress> own = facts.addresses().stream()
                    .filter(a -> a.getAddress().length * 8 == family.bits())
                    .filter(a -> !a.isLoopbackAddress() && !a.isLinkLocalAddress())
                    .findFirst();
            own.ifPresent(address -> lines.addAll(PacketExamples.lines(rules, address)));
        }
        return lines.isEmpty() ? List.of("nowhere: no interface here has an address but loopback") : lines;
    }
}
