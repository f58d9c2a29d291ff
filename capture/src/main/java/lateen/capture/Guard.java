package lateen.capture;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * Keeps new connections waiting while rules are replaced. One table changes in one step, but two tables or two families
 * do not: without the guard a connection begun in between would escape capture. Dropped first packets are sent again.
 */
final class Guard {
    private static final String CHAIN = "ISTIO_GUARD";

    interface Step {
        void run() throws CaptureException;
    }

    private Guard() {}

    static void around(KernelRules kernel, Step step) throws CaptureException {
        try {
            for (IpFamily family : IpFamily.values()) {
                kernel.restore(kernel.backend(), family, closing());
            }
            step.run();
        } finally {
            open(kernel);
        }
    }

    private static String closing() {
        Rule drop = Rule.of(
                new Target.Drop(),
                new Match.Transport(Protocol.TCP),
                new Match.State(EnumSet.of(Match.ConnectionState.NEW)));
        return "*filter\n:" + CHAIN + " - [0:0]\n" + RuleText.line(CHAIN, drop) + "\n-I INPUT 1 -j " + CHAIN
                + "\n-I OUTPUT 1 -j " + CHAIN + "\nCOMMIT\n";
    }

    private static void open(KernelRules kernel) throws CaptureException {
        for (IpFamily family : IpFamily.values()) {
            RuleSet own = OwnRules.of(kernel.read(kernel.backend(), family));
            Optional<TableRules> filter = own.table(family, Table.FILTER);
            if (filter.isPresent()) {
                RuleSet guard = new RuleSet(List.of(filter.get()));
                kernel.restore(kernel.backend(), family, OwnRules.replacement(guard, new RuleSet(List.of()), family));
                kernel.prune(kernel.backend(), guard);
            }
        }
    }
}
