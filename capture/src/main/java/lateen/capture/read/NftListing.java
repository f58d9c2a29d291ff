package lateen.capture.read;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lateen.capture.model.Clause;
import lateen.capture.model.Hook;
import lateen.capture.model.HookChain;
import lateen.capture.model.HookRule;
import lateen.capture.model.HookTable;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Numbers;
import lateen.capture.model.Rule;

/**
 * Reader of {@code nft -j list ruleset} (libnftables-json(5)). The text of each rule comes from {@code nft -a list
 * ruleset}, found by its handle. Families that IP packets of a host do not meet are left out. Confined to one thread.
 */
final class NftListing {
    private static final Set<String> FAMILIES = Set.of("ip", "ip6", "inet");

    private final Map<String, Pending> tables = new LinkedHashMap<>();
    private final Map<String, Json.Value> sets = new HashMap<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<String, String> texts;

    private record PendingChain(String name, Optional<HookChain.Base> base, List<HookRule> rules) {}

    private record Pending(Optional<IpFamily> family, String name, Map<String, PendingChain> chains) {}

    /** What was read, with a note for each thing that was left out. */
    record Result(List<HookTable> tables, List<String> notes) {}

    private NftListing(Map<String, String> texts) {
        this.texts = texts;
    }

    /**
     * Reads a listing.
     *
     * @param listing output of {@code nft -a list ruleset}; may be of another moment, or empty
     */
    static Result parse(String json, String listing) throws RuleFormatException {
        NftListing reader = new NftListing(texts(listing));
        Json.Value root = Json.parse(json);
        List<Json.Value> objects = root.get("nftables")
                .orElseThrow(
                        () -> new RuleFormatException("nft -j", "no \"nftables\" (expected: an array of that name)"))
                .elements();
        for (Json.Value object : objects) {
            object.get("table").ifPresent(reader::table);
            object.get("set").ifPresent(s -> reader.sets.put(key(s, "table") + " " + s.text("name"), s));
        }
        for (Json.Value object : objects) {
            object.get("chain").ifPresent(reader::chain);
        }
        for (Json.Value object : objects) {
            object.get("rule").ifPresent(reader::rule);
        }
        return new Result(
                reader.tables.values().stream()
                        .map(t -> new HookTable(
                                HookTable.Engine.NATIVE,
                                t.family,
                                t.name,
                                t.chains.values().stream()
                                        .map(c -> new HookChain(c.name, c.base, c.rules))
                                        .toList()))
                        .toList(),
                reader.notes);
    }

    /** Rules by family, table and handle: lines that end in {@code # handle 7} inside a chain. */
    private static Map<String, String> texts(String listing) {
        Map<String, String> texts = new HashMap<>();
        String table = "";
        for (String line : listing.lines().toList()) {
            int mark = line.lastIndexOf(" # handle ");
            String[] words = line.split(" ", 4);
            if (line.startsWith("table ") && words.length >= 3) {
                table = words[1] + " " + words[2];
            } else if (mark > 0 && line.startsWith("\t\t")) {
                texts.put(
                        table + " "
                                + line.substring(mark + " # handle ".length()).strip(),
                        line.substring(0, mark).strip());
            }
        }
        return texts;
    }

    private static String key(Json.Value object, String table) {
        return object.text("family") + " " + object.text(table);
    }

    private void table(Json.Value table) {
        String family = table.text("family");
        if (!FAMILIES.contains(family)) {
            return;
        }
        tables.putIfAbsent(key(table, "name"), new Pending(family(family), table.text("name"), new LinkedHashMap<>()));
    }

    private static Optional<IpFamily> family(String text) {
        return switch (text) {
            case "ip" -> Optional.of(IpFamily.IPV4);
            case "ip6" -> Optional.of(IpFamily.IPV6);
            default -> Optional.empty();
        };
    }

    private void chain(Json.Value chain) {
        Pending table = tables.get(key(chain, "table"));
        if (table == null) {
            return;
        }
        String name = chain.text("name");
        Optional<HookChain.Base> base = Optional.empty();
        if (chain.get("hook").isPresent()) {
            Optional<Hook> hook = Hook.of(chain.text("hook"));
            Optional<Integer> priority = priority(chain.text("prio"));
            if (hook.isEmpty() || priority.isEmpty()) {
                notes.add("chain " + name + " of table " + table.name + " is called at " + chain.text("hook")
                        + ", priority " + chain.text("prio") + ", which is not looked at here");
            } else {
                HookChain.Kind kind = switch (chain.text("type")) {
                    case "nat" -> HookChain.Kind.NAT;
                    case "route" -> HookChain.Kind.ROUTE;
                    default -> HookChain.Kind.FILTER;
                };
                base = Optional.of(new HookChain.Base(
                        hook.get(), kind, priority.get(), chain.text("policy").equals("drop")));
            }
        }
        table.chains.putIfAbsent(name, new PendingChain(name, base, new ArrayList<>()));
    }

    private static Optional<Integer> priority(String text) {
        boolean minus = text.startsWith("-");
        long value = Numbers.parseLong(minus ? text.substring(1) : text, 0, Integer.MAX_VALUE);
        return value < 0 ? Optional.empty() : Optional.of((int) (minus ? -value : value));
    }

    private void rule(Json.Value rule) {
        Pending table = tables.get(key(rule, "table"));
        PendingChain chain = table == null ? null : table.chains.get(rule.text("chain"));
        if (chain == null) {
            return;
        }
        List<Clause> clauses = new ArrayList<>();
        Optional<Rule.Counters> counters = Optional.empty();
        NftExpressions expressions =
                new NftExpressions(name -> Optional.ofNullable(sets.get(key(rule, "table") + " " + name)));
        for (Json.Value expression : rule.get("expr").map(Json.Value::elements).orElse(List.of())) {
            if (expression.get("counter").isPresent() && counters.isEmpty()) {
                counters = counters(expression.get("counter").get());
            }
            clauses.addAll(expressions.clauses(expression));
        }
        String text = texts.getOrDefault(
                key(rule, "table") + " " + rule.text("handle"), "rule with handle " + rule.text("handle"));
        chain.rules.add(new HookRule(text, clauses, counters));
    }

    private static Optional<Rule.Counters> counters(Json.Value counter) {
        long packets = Numbers.parseLong(counter.text("packets"), 0, Long.MAX_VALUE);
        long bytes = Numbers.parseLong(counter.text("bytes"), 0, Long.MAX_VALUE);
        return packets < 0 || bytes < 0 ? Optional.empty() : Optional.of(new Rule.Counters(packets, bytes));
    }
}
