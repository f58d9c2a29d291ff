package lateen.capture.command;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import lateen.capture.host.CaptureException;
import lateen.capture.model.Chain;
import lateen.capture.model.HookTable;
import lateen.capture.model.HostFacts;
import lateen.capture.model.OwnRules;
import lateen.capture.model.RuleSet;
import lateen.capture.model.TableRules;
import lateen.capture.plan.CaptureOptions;
import lateen.capture.plan.CapturePlan;
import lateen.capture.plan.InvalidOptionException;
import lateen.capture.read.NamespaceState;
import lateen.capture.render.LineDifference;
import lateen.capture.render.NftText;
import lateen.capture.render.RuleText;

/** {@code capture diff}: our rules in a namespace against those that flags would make. */
final class DiffCommand {
    static final String USAGE = """
            Usage: lateen capture diff [target] [-- flags of istio-iptables]

            Compares the capture rules of a namespace with those that the flags would make: a line that begins with - is
            there and would go, one with + is missing. Ends with status 0 when there is no difference, else with 3.
            """ + Place.HELP;

    /** There is a difference. */
    private static final int DIFFERENT = 3;

    private DiffCommand() {}

    static int run(List<String> args, Map<String, String> env, PrintStream out)
            throws InvalidOptionException, CaptureException, IOException {
        int dashes = args.indexOf("--");
        List<String> flags = dashes < 0 ? List.of() : args.subList(dashes + 1, args.size());
        Arguments arguments = Arguments.parse(dashes < 0 ? args : args.subList(0, dashes), Place.FLAGS, Set.of());
        Place place = Place.of(arguments, arguments.rest());
        List<String> lines = difference(place, CaptureOptions.parse(flags, env));
        if (lines.stream().noneMatch(l -> l.startsWith("+") || l.startsWith("-"))) {
            out.println(place.name() + ": no difference, " + lines.size() + " lines compared");
            return 0;
        }
        lines.forEach(out::println);
        return DIFFERENT;
    }

    private static List<String> difference(Place place, CaptureOptions options) throws CaptureException {
        NamespaceState state = place.read();
        HostFacts facts = new HostFacts(
                state.network().addresses().stream().map(a -> a.address()).toList(), state.dnsServers());
        RuleSet wanted = OwnRules.of(CapturePlan.of(options, facts).rules());
        Map<String, List<String>> there = new TreeMap<>();
        for (HookTable.Engine engine : HookTable.Engine.values()) {
            OwnRules.of(state.xtables().getOrDefault(engine, new RuleSet(List.of())))
                    .tables()
                    .forEach(t -> there.computeIfAbsent(title(t), _ -> new ArrayList<>())
                            .addAll(lines(t)));
        }
        for (HookTable table : state.nativeTables()) {
            if (NftText.TABLES.containsValue(table.name())) {
                there.put(
                        table.title(),
                        table.chains().stream()
                                .sorted((a, b) -> a.name().compareTo(b.name()))
                                .flatMap(c -> c.rules().stream().map(r -> c.name() + ": " + uncounted(r.text())))
                                .toList());
            }
        }
        Map<String, List<String>> wish = new TreeMap<>();
        if (options.run().nativeNftables()) {
            NftText.tables(wanted).forEach((table, chains) -> {
                List<String> lines = new ArrayList<>();
                new TreeMap<>(chains)
                        .forEach((chain, rules) -> rules.stream()
                                .filter(rule -> !rule.startsWith("type "))
                                .forEach(rule -> lines.add(chain + ": " + uncounted(rule))));
                wish.put("nft table inet " + table, lines);
            });
        } else {
            wanted.tables().forEach(t -> wish.put(title(t), lines(t)));
        }
        List<String> result = new ArrayList<>();
        Set<String> titles = new java.util.TreeSet<>(there.keySet());
        titles.addAll(wish.keySet());
        for (String title : titles) {
            result.add("  " + title);
            result.addAll(LineDifference.of(there.getOrDefault(title, List.of()), wish.getOrDefault(title, List.of())));
        }
        return result;
    }

    /** Numbers that are equal and only written differently in the two listings. */
    private static String uncounted(String rule) {
        return rule.replaceAll("counter packets \\d+ bytes \\d+ ?", "")
                .replaceAll("0x0*([0-9a-f]+)", "0x$1")
                .strip();
    }

    private static String title(TableRules table) {
        return table.family() + " " + table.table().text();
    }

    private static List<String> lines(TableRules table) {
        List<String> lines = new ArrayList<>();
        for (Chain chain : table.chains()) {
            chain.rules().forEach(rule -> lines.add(RuleText.line(chain.name(), rule)));
        }
        return lines;
    }
}
