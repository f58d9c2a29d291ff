package lateen.capture.render;

import java.util.ArrayList;
import java.util.List;
import lateen.capture.model.Chain;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Rule;
import lateen.capture.model.RuleSet;
import lateen.capture.model.Table;
import lateen.capture.model.TableRules;

/**
 * One rule, told.
 *
 * @param line the rule as the kernel lists it
 * @param sentence what it does, in English
 * @param packets how many packets it has seen (nat: connections); 0 for rules not yet in a kernel
 */
public record RuleExplanation(IpFamily family, Table table, String line, String sentence, long packets) {
    /** All rules of the set, in the order of the listing. */
    public static List<RuleExplanation> of(RuleSet rules) {
        List<RuleExplanation> explanations = new ArrayList<>();
        for (TableRules table : rules.tables()) {
            for (Chain chain : table.chains()) {
                for (Rule rule : chain.rules()) {
                    explanations.add(new RuleExplanation(
                            table.family(),
                            table.table(),
                            RuleText.line(chain.name(), rule),
                            Sentences.rule(chain.name(), rule),
                            rule.counters().packets()));
                }
            }
        }
        return explanations;
    }
}
