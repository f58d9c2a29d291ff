package lateen.capture.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All rules that packets meet in one network namespace, whichever programs wrote them.
 *
 * @param notes what could not be read, a sentence each
 */
public record Netfilter(List<HookTable> tables, List<String> notes) {
    public Netfilter {
        tables = List.copyOf(tables);
        notes = List.copyOf(notes);
    }

    /** A base chain with its table. */
    public record Called(HookTable table, HookChain chain, HookChain.Base base) {}

    /** The base chains of a hook in the order of the calls; those of one priority in the order of the tables. */
    public List<Called> at(Hook hook, IpFamily family) {
        List<Called> calls = new ArrayList<>();
        for (HookTable table : tables) {
            for (HookChain chain : table.chains()) {
                Optional<HookChain.Base> base = chain.base().filter(b -> b.hook() == hook);
                if (base.isPresent() && table.sees(family)) {
                    calls.add(new Called(table, chain, base.get()));
                }
            }
        }
        calls.sort((a, b) -> Integer.compare(a.base().priority(), b.base().priority()));
        return calls;
    }

    /** Number of capture's own rules. */
    public int ownRules() {
        int count = 0;
        for (HookTable table : tables) {
            for (HookChain chain : table.chains()) {
                count += (int) chain.rules().stream()
                        .filter(rule -> table.ours(chain, rule))
                        .count();
            }
        }
        return count;
    }
}
