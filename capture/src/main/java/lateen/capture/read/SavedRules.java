package lateen.capture.read;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lateen.capture.model.Chain;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Numbers;
import lateen.capture.model.Rule;
import lateen.capture.model.RuleSet;
import lateen.capture.model.Table;
import lateen.capture.model.TableRules;

/**
 * Reader of {@code iptables-save} output, with or without {@code -c}. Rules that are not understood are kept as {@link
 * Rule.Opaque}; tables that capture never uses (such as {@code security}) are left out. Format: iptables-save(8).
 */
public final class SavedRules {
    /** Most that is read, in characters: some ten thousand rules. */
    static final int MAX_TEXT = 4_000_000;

    private static final int MAX_LINE = 8_192;
    private static final int MAX_RULES = 50_000;

    private final IpFamily family;
    private final List<TableRules> tables = new ArrayList<>();
    private final Set<Table> seen = new HashSet<>();
    private final Map<String, Pending> chains = new LinkedHashMap<>();
    private Optional<Table> table = Optional.empty();
    private boolean inTable;
    private int lineNumber;
    private int rules;

    private record Pending(Optional<String> policy, List<Rule> rules) {}

    private SavedRules(IpFamily family) {
        this.family = family;
    }

    /** Reads one family's tables. */
    public static RuleSet parse(IpFamily family, String text) throws RuleFormatException {
        if (text.length() > MAX_TEXT) {
            throw new RuleFormatException(0, text.length() + " characters (expected: at most " + MAX_TEXT + ")");
        }
        SavedRules reader = new SavedRules(family);
        for (String line : text.lines().toList()) {
            reader.line(line);
        }
        if (reader.inTable) {
            throw reader.malformed("the text ends within a table (expected: COMMIT)");
        }
        return new RuleSet(reader.tables);
    }

    private void line(String line) throws RuleFormatException {
        lineNumber++;
        if (line.length() > MAX_LINE) {
            throw malformed(line.length() + " characters (expected: at most " + MAX_LINE + ")");
        }
        if (line.isBlank() || line.startsWith("#")) {
            return;
        }
        if (line.startsWith("*")) {
            begin(line.substring(1).strip());
        } else if (!inTable) {
            throw malformed("text outside a table (expected: a line like *nat)");
        } else if (line.equals("COMMIT")) {
            commit();
        } else if (line.startsWith(":")) {
            chain(line.substring(1));
        } else {
            rule(line);
        }
    }

    private void begin(String name) throws RuleFormatException {
        if (inTable) {
            throw malformed("a table within a table (expected: COMMIT first)");
        }
        inTable = true;
        table = Table.of(name);
        if (table.isPresent() && !seen.add(table.get())) {
            throw malformed("table " + name + " a second time (expected: once)");
        }
    }

    private void commit() {
        table.ifPresent(t -> tables.add(new TableRules(
                family,
                t,
                chains.entrySet().stream()
                        .map(e -> new Chain(e.getKey(), e.getValue().policy, e.getValue().rules))
                        .toList())));
        chains.clear();
        inTable = false;
    }

    private void chain(String declaration) throws RuleFormatException {
        String[] words = declaration.split(" ", 3);
        if (words.length < 2 || words[0].isEmpty()) {
            throw malformed("a chain's line (expected: :NAME POLICY [packets:bytes])");
        }
        Optional<String> policy = words[1].equals("-") ? Optional.empty() : Optional.of(words[1]);
        if (chains.putIfAbsent(words[0], new Pending(policy, new ArrayList<>())) != null) {
            throw malformed("chain " + words[0] + " a second time (expected: once)");
        }
    }

    private void rule(String line) throws RuleFormatException {
        Rule.Counters counters = Rule.Counters.ZERO;
        String rest = line;
        if (rest.startsWith("[")) {
            int end = rest.indexOf("] ");
            int colon = rest.indexOf(':');
            long packets = end < 0 || colon < 0 || colon > end ? -1 : counter(rest.substring(1, colon));
            long bytes = packets < 0 ? -1 : counter(rest.substring(colon + 1, end));
            if (bytes < 0) {
                throw malformed("counters (expected: [packets:bytes] before the rule)");
            }
            counters = new Rule.Counters(packets, bytes);
            rest = rest.substring(end + 2);
        }
        String[] words = rest.split(" ", 3);
        if (words.length < 2 || !words[0].equals("-A")) {
            throw malformed("not a rule (expected: -A CHAIN …)");
        }
        Pending chain = chains.get(words[1]);
        if (chain == null) {
            throw malformed("a rule for a chain that is not declared (expected: a line :" + words[1] + " before it)");
        }
        if (++rules > MAX_RULES) {
            throw malformed("one rule too many (expected: at most " + MAX_RULES + ")");
        }
        String spec = words.length == 3 ? words[2] : "";
        Rule.Counters counted = counters;
        chain.rules.add(RuleParser.parse(family, spec)
                .map(known -> (Rule) new Rule.Known(known.matches(), known.target(), counted))
                .orElseGet(() -> new Rule.Opaque(spec, counted)));
    }

    private static long counter(String text) {
        return Numbers.parseLong(text, 0, Long.MAX_VALUE);
    }

    private RuleFormatException malformed(String what) {
        return new RuleFormatException(lineNumber, what);
    }
}
