package lateen.capture.model;

import java.util.List;
import java.util.Optional;

/** Rules of both families, as they are to be written or as they were read. At most one entry for a family and table. */
public record RuleSet(List<TableRules> tables) {
    public RuleSet {
        tables = List.copyOf(tables);
    }

    public Optional<TableRules> table(IpFamily family, Table table) {
        return tables.stream()
                .filter(t -> t.family() == family && t.table() == table)
                .findFirst();
    }

    public RuleSet family(IpFamily family) {
        return new RuleSet(tables.stream().filter(t -> t.family() == family).toList());
    }

    public int ruleCount() {
        return tables.stream().mapToInt(TableRules::ruleCount).sum();
    }

    /** True when no table holds a rule or a chain of a user. */
    public boolean isEmpty() {
        return tables.stream()
                .allMatch(t -> t.ruleCount() == 0 && t.chains().stream().allMatch(Chain::builtIn));
    }
}
