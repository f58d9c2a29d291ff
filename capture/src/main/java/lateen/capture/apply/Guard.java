package lateen.capture.apply;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import lateen.capture.host.CaptureException;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.OwnRules;
import lateen.capture.model.Protocol;
import lateen.capture.model.Rule;
import lateen.capture.model.RuleSet;
import lateen.capture.model.Table;
import lateen.capture.model.TableRules;
import lateen.capture.model.Target;
import lateen.capture.render.RestoreText;
import lateen.capture.render.RuleText;

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

    static void around(KernelWriter writer, Step step) throws CaptureException {
        try {
            for (IpFamily family : IpFamily.values()) {
                writer.restore(writer.kernel().backend(), family, closing());
            }
            step.run();
        } finally {
            open(writer);
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

    private static void open(KernelWriter writer) throws CaptureException {
        for (IpFamily family : IpFamily.values()) {
            RuleSet own = OwnRules.of(writer.kernel().read(writer.kernel().backend(), family));
            Optional<TableRules> filter = own.table(family, Table.FILTER);
            if (filter.isPresent()) {
                RuleSet guard = new RuleSet(List.of(filter.get()));
                writer.restore(
                        writer.kernel().backend(),
                        family,
                        RestoreText.replacement(guard, new RuleSet(List.of()), family));
                writer.prune(writer.kernel().backend(), guard);
            }
        }
    }
}
