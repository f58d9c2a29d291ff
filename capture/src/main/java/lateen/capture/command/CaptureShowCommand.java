package lateen.capture.command;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lateen.capture.host.CaptureException;
import lateen.capture.model.HookChain;
import lateen.capture.model.HookRule;
import lateen.capture.model.HookTable;
import lateen.capture.model.HostNetwork;
import lateen.capture.model.Netfilter;
import lateen.capture.plan.InvalidOptionException;
import lateen.capture.read.NamespaceState;
import lateen.capture.render.ChainListing;
import lateen.capture.render.ChainPicture;
import lateen.capture.render.ClauseWords;
import lateen.capture.render.RuleOrigin;
import lateen.capture.render.TreeText;
import lateen.capture.simulate.PacketExamples;
import lateen.capture.simulate.PacketSimulator;

/** {@code capture show}: all rules of a namespace, a sentence for each, what made it, and where packets go. */
final class CaptureShowCommand {
    static final String USAGE = """
            Usage: lateen capture show [target] [--counters] [-o text|json|yaml|dot] [--graph FILE.svg]

            Prints the rules of a network namespace, what each means, which flag made it, and where packets go.
              --counters    print how many packets each rule has seen (in the nat table: connections)
              -o FORMAT     for programs: json, yaml, or dot, a graph
              --graph FILE  also draws the chains, as SVG
            """ + Place.HELP;

    private CaptureShowCommand() {}

    static int run(List<String> args, PrintStream out) throws InvalidOptionException, CaptureException, IOException {
        Set<String> valued = new HashSet<>(Place.FLAGS);
        valued.addAll(List.of("-o", "--graph"));
        Arguments arguments = Arguments.parse(args, valued, Set.of("--counters"));
        String format = arguments.value("-o").orElse("text");
        if (!Set.of("text", "json", "yaml", "dot").contains(format)) {
            throw new InvalidOptionException("-o", format, "text, json, yaml or dot");
        }
        Place place = Place.of(arguments, arguments.rest());
        NamespaceState state = place.read();
        Netfilter rules = Place.rules(state);
        if (arguments.has("--graph")) {
            Files.writeString(
                    Path.of(arguments.value("--graph").orElseThrow()), ChainPicture.of(rules), StandardCharsets.UTF_8);
        }
        switch (format) {
            case "json" -> out.print(TreeText.json(ChainListing.tree(rules)));
            case "yaml" -> out.print(TreeText.yaml(ChainListing.tree(rules)));
            case "dot" -> out.print(ChainListing.dot(rules));
            default -> {
                out.println(place.name() + ": " + rules.ownRules() + " capture rules" + engines(rules));
                rules.tables().forEach(table -> table(table, arguments.has("--counters"), out));
                surroundings(state, out);
                rules.notes().forEach(note -> out.println("note: " + note));
                out.println();
                out.println("where packets go");
                examples(rules, state.network()).forEach(line -> out.println("  " + line));
            }
        }
        return 0;
    }

    private static String engines(Netfilter rules) {
        List<String> engines = new ArrayList<>();
        for (HookTable table : rules.tables()) {
            boolean own =
                    table.chains().stream().anyMatch(c -> c.rules().stream().anyMatch(r -> table.ours(c, r)));
            if (own && !engines.contains(table.engine().text())) {
                engines.add(table.engine().text());
            }
        }
        return engines.isEmpty() ? "" : ", " + String.join(" and ", engines);
    }

    private static void table(HookTable table, boolean counters, PrintStream out) {
        if (table.chains().stream()
                .allMatch(c -> c.rules().isEmpty()
                        && c.base().filter(HookChain.Base::drops).isEmpty())) {
            return;
        }
        out.println();
        out.println(table.title());
        boolean xtables = table.engine() != HookTable.Engine.NATIVE;
        String indent = counters ? "             " : "      ";
        for (HookChain chain : table.chains()) {
            chain.base()
                    .filter(HookChain.Base::drops)
                    .ifPresent(
                            _ -> out.println("  " + chain.name() + ": what reaches the end is dropped (its policy)"));
            for (HookRule rule : chain.rules()) {
                String count = !counters
                        ? "  "
                        : rule.counters()
                                .map(c -> String.format("%8d ", c.packets()))
                                .orElse("       - ");
                out.println(count + (xtables ? "-A " + chain.name() + " " : chain.name() + ": ") + rule.text());
                out.println(indent + ClauseWords.sentence(chain, rule) + " ["
                        + RuleOrigin.of(table, chain, rule)
                                .map(RuleOrigin::words)
                                .orElse("not ours") + "]");
            }
        }
    }

    /** What rules alone do not tell: policy rules, local routes of other tables, name servers. */
    private static void surroundings(NamespaceState state, PrintStream out) {
        List<String> lines = new ArrayList<>();
        for (HostNetwork.Policy policy : state.network().policies()) {
            if (policy.mask() != 0) {
                lines.add("ip rule, " + policy.family() + ": packets with mark " + policy.mark()
                        + " are routed by table " + policy.table());
            }
        }
        for (HostNetwork.Route route : state.network().routes()) {
            if (route.local() && !route.table().equals("local") && route.type().equals("local")) {
                lines.add("table " + route.table() + ": " + route.to() + " counts as an address of this host");
            }
        }
        if (!state.dnsServers().isEmpty()) {
            lines.add("resolv.conf: "
                    + String.join(
                            ", ",
                            state.dnsServers().stream()
                                    .map(lateen.capture.model.Cidr::addressText)
                                    .toList()));
        }
        if (!lines.isEmpty()) {
            out.println();
            out.println("routing and names");
            lines.forEach(line -> out.println("  " + line));
        }
    }

    /** Typical packets for the first address of each family, a line each. */
    private static List<String> examples(Netfilter rules, HostNetwork network) {
        List<String> lines = new ArrayList<>();
        for (lateen.capture.model.IpFamily family : lateen.capture.model.IpFamily.values()) {
            Optional<HostNetwork.Address> own = network.addresses().stream()
                    .filter(a -> a.address().getAddress().length * 8 == family.bits())
                    .filter(a ->
                            !a.address().isLoopbackAddress() && !a.address().isLinkLocalAddress())
                    .filter(a -> !a.device().equals("lo"))
                    .findFirst();
            own.ifPresent(
                    address -> lines.addAll(PacketExamples.lines(new PacketSimulator(rules, network), rules, address)));
        }
        return lines.isEmpty() ? List.of("nowhere: no interface here has an address but loopback") : lines;
    }
}
