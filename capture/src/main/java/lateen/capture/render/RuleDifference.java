package lateen.capture.render;

import java.util.ArrayList;
import java.util.List;
import lateen.capture.model.Chain;
import lateen.capture.model.RuleSet;
import lateen.capture.model.TableRules;

/** What is there against what should be. */
public final class RuleDifference {
    private RuleDifference() {}

    /** The first difference, in words; for the message of a refused run. */
    public static String first(RuleSet present, RuleSet wanted) {
        List<String> there = lines(present);
        List<String> wish = lines(wanted);
        String surplus =
                there.stream().filter(l -> !wish.contains(l)).findFirst().orElse("");
        String missing =
                wish.stream().filter(l -> !there.contains(l)).findFirst().orElse("");
        if (surplus.isEmpty() && missing.isEmpty()) {
            return "the same rules in another order or number";
        }
        return (surplus.isEmpty() ? "" : "there: \"" + surplus + "\"")
                + (surplus.isEmpty() || missing.isEmpty() ? "" : ", ")
                + (missing.isEmpty() ? "" : "missing: \"" + missing + "\"");
    }

    private static List<String> lines(RuleSet rules) {
        List<String> lines = new ArrayList<>();
        for (TableRules table : rules.tables()) {
            for (Chain chain : table.chains()) {
                chain.rules()
                        .forEach(rule -> lines.add(
                                table.family() + " " + table.table().text() + " " + RuleText.line(chain.name(), rule)));
            }
        }
        return lines;
    }
}
