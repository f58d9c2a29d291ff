package lateen.capture.apply;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lateen.capture.host.CaptureException;
import lateen.capture.model.Chain;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Rule;
import lateen.capture.model.RuleSet;
import lateen.capture.model.Table;
import lateen.capture.model.TableRules;
import lateen.capture.model.Target;
import lateen.capture.render.RuleText;

/** Finds the rule that a kernel cannot take, by asking for each alone, and says what it lacks. */
final class RefusedRule {
    private final String backEnd;

    /**
     * One table with one rule in it, or with none.
     *
     * @param rule empty to ask for the table itself
     */
    record Part(IpFamily family, Table table, String chain, Optional<Rule.Known> rule) {
        /** A rule set that holds nothing but this, with the chain that it leads to. */
        RuleSet alone() {
            List<Chain> chains = new ArrayList<>();
            chains.add(
                    new Chain(chain, Optional.empty(), List.copyOf(rule.stream().toList())));
            if (rule.isPresent() && rule.get().target() instanceof Target.Jump(String next) && !next.equals(chain)) {
                chains.add(new Chain(next, Optional.empty(), List.of()));
            }
            return new RuleSet(List.of(new TableRules(family, table, chains)));
        }

        private String line() {
            return rule.map(r -> RuleText.line(chain, r)).orElse("table " + table.text());
        }
    }

    /** Whether the kernel takes a part; its words when it does not. */
    interface Question {
        Optional<String> refusal(Part part) throws CaptureException;
    }

    /** The kernel modules of which one must be missing. */
    interface Modules {
        List<String> of(Part part);
    }

    RefusedRule(String backEnd) {
        this.backEnd = backEnd;
    }

    /** The error that names the first refused part, or, where each alone is taken, repeats what was said of the whole. */
    CaptureException among(RuleSet rules, String whole, Question question, Modules modules) throws CaptureException {
        for (TableRules table : rules.tables()) {
            Part itself = new Part(table.family(), table.table(), "OUTPUT", Optional.empty());
            Optional<String> refusal = question.refusal(itself);
            if (refusal.isPresent()) {
                return error(itself, refusal.get(), modules);
            }
            for (Chain chain : table.chains()) {
                for (Rule rule : chain.rules()) {
                    if (rule instanceof Rule.Known known) {
                        Part part = new Part(table.family(), table.table(), chain.name(), Optional.of(known));
                        refusal = question.refusal(part);
                        if (refusal.isPresent()) {
                            return error(part, refusal.get(), modules);
                        }
                    }
                }
            }
        }
        return new CaptureException(backEnd + " refuses the rules: " + whole + " (nothing was changed)");
    }

    private CaptureException error(Part part, String refusal, Modules modules) {
        String missing = String.join(", ", modules.of(part));
        return new CaptureException(backEnd + " refuses \"" + part.line() + "\": "
                + refusal.lines().findFirst().orElse("without a reason") + " (expected: kernel module " + missing
                + ", which `modprobe` loads on the node; nothing was changed)");
    }
}
