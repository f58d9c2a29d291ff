package lateen.capture.model;

import java.util.List;
import java.util.Optional;

/** The chains of one table of one family. */
public record TableRules(IpFamily family, Table table, List<Chain> chains) {
    public TableRules {
        chains = List.copyOf(chains);
    }

    public Optional<Chain> chain(String name) {
        return chains.stream().filter(c -> c.name().equals(name)).findFirst();
    }

    public int ruleCount() {
        return chains.stream().mapToInt(c -> c.rules().size()).sum();
    }
}
