package lateen.capture.apply;

import java.util.EnumSet;
import lateen.capture.host.CaptureException;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.Protocol;
import lateen.capture.model.Rule;
import lateen.capture.model.Table;
import lateen.capture.model.Target;
import lateen.capture.render.RuleText;

/**
 * Keeps new connections and DNS queries waiting while rules are replaced. One table changes in one step, but two tables or
 * two families do not: without the guard a connection begun in between would escape capture. Dropped first packets are
 * sent again.
 */
final class Guard {
    private static final String CHAIN = "ISTIO_GUARD";

    interface Step {
        void run() throws CaptureException;
    }

    private Guard() {}

    static void around(IptablesBackEnd backEnd, Step step) throws CaptureException {
        try {
            for (IpFamily family : backEnd.families()) {
                backEnd.restore(family, closing());
            }
            step.run();
        } finally {
            for (IpFamily family : backEnd.families()) {
                backEnd.removeTable(family, Table.FILTER);
            }
        }
    }

    private static String closing() {
        Rule tcp = Rule.of(
                new Target.Drop(),
                new Match.Transport(Protocol.TCP),
                new Match.State(EnumSet.of(Match.ConnectionState.NEW)));
        Rule dns = Rule.of(
                new Target.Drop(),
                new Match.Transport(Protocol.UDP),
                new Match.DestinationPort(Protocol.UDP, 53, false),
                new Match.State(EnumSet.of(Match.ConnectionState.NEW)));
        return "*filter\n:" + CHAIN + " - [0:0]\n" + RuleText.line(CHAIN, tcp) + "\n" + RuleText.line(CHAIN, dns)
                + "\n-I INPUT 1 -j " + CHAIN + "\n-I OUTPUT 1 -j " + CHAIN + "\nCOMMIT\n";
    }
}
