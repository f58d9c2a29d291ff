package lateen.capture.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lateen.capture.model.Chain;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.Rule;
import lateen.capture.model.Table;
import lateen.capture.model.TableRules;
import lateen.capture.model.Target;

/** Collects the chains of one table in the order of first mention. Confined to one thread. */
final class ChainBuilder {
    private final IpFamily family;
    private final Table table;
    private final Map<String, List<Rule>> chains = new LinkedHashMap<>();

    ChainBuilder(IpFamily family, Table table) {
        this.family = family;
        this.table = table;
    }

    ChainBuilder chain(String name) {
        chains.computeIfAbsent(name, _ -> new ArrayList<>());
        return this;
    }

    ChainBuilder add(String chain, Target target, Match... matches) {
        chain(chain);
        chains.getOrDefault(chain, new ArrayList<>()).add(Rule.of(target, matches));
        return this;
    }

    boolean isEmpty() {
        return chains.isEmpty();
    }

    TableRules build() {
        return new TableRules(
                family,
                table,
                chains.entrySet().stream()
                        .map(e -> new Chain(e.getKey(), Optional.empty(), e.getValue()))
                        .toList());
    }
}
