package lateen.capture.apply;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lateen.capture.model.Chain;
import lateen.capture.model.RuleSet;
import lateen.capture.model.TableRules;
import lateen.capture.render.RuleDifference;
import lateen.capture.render.RuleText;

/**
 * Our part of what one back end holds, as lines of its listing: comparable, whatever the back end.
 *
 * @param tables lines by table, each table changed by the kernel in one step
 */
record OwnState(Map<String, List<String>> tables) {
    OwnState {
        tables = new TreeMap<>(tables);
    }

    static OwnState of(RuleSet own) {
        Map<String, List<String>> tables = new LinkedHashMap<>();
        for (TableRules table : own.tables()) {
            List<String> lines = new ArrayList<>();
            for (Chain chain : table.chains().stream()
                    .sorted(Comparator.comparing(Chain::name))
                    .toList()) {
                if (!chain.builtIn()) {
                    lines.add(":" + chain.name());
                }
                chain.rules().forEach(rule -> lines.add(RuleText.line(chain.name(), rule)));
            }
            tables.put(table.family() + " " + table.table().text(), lines);
        }
        return new OwnState(tables);
    }

    boolean isEmpty() {
        return tables.isEmpty();
    }

    /**
     * True when this can be what a run left that was stopped on its way to {@code wanted}: of its tables some are there,
     * each as a whole, and nothing else.
     */
    boolean onTheWayTo(OwnState wanted) {
        return tables.entrySet().stream().allMatch(e -> e.getValue().equals(wanted.tables.get(e.getKey())));
    }

    String difference(OwnState wanted) {
        return RuleDifference.first(lines(), wanted.lines());
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        tables.forEach((table, rules) -> rules.forEach(rule -> lines.add(table + " " + rule)));
        return lines;
    }
}
