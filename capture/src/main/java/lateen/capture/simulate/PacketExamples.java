package lateen.capture.simulate;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lateen.capture.model.Clause;
import lateen.capture.model.HostNetwork;
import lateen.capture.model.Netfilter;
import lateen.capture.model.Protocol;

/** The packets that people ask about first, each with its way through the rules. */
public final class PacketExamples {
    private static final int APPLICATION_UID = 1000;
    private static final int APPLICATION_PORT = 8080;

    private PacketExamples() {}

    /** One line each: a packet in, one out of an application, one out of the proxy, if rules tell the proxy's user. */
    public static List<String> lines(PacketSimulator simulator, Netfilter rules, HostNetwork.Address here) {
        InetAddress own = here.address();
        String device = here.device();
        InetAddress peer = InetAddress.ofLiteral(own.getAddress().length == 4 ? "203.0.113.9" : "2001:db8::9");
        List<String> lines = new ArrayList<>();
        lines.add(line(
                "in   tcp any → " + ChainWalk.endpoint(own, APPLICATION_PORT),
                simulator.simulate(Packet.in(device, Protocol.TCP, peer, own, APPLICATION_PORT))));
        List<Long> users = new ArrayList<>(List.of((long) APPLICATION_UID));
        proxyUser(rules).ifPresent(users::add);
        for (long uid : users) {
            lines.add(line(
                    "out  tcp uid " + uid + " → " + ChainWalk.endpoint(peer, 80),
                    simulator.simulate(Packet.out(device, Protocol.TCP, own, peer, 80, uid, uid))));
        }
        return lines;
    }

    /** The user whose traffic our rules leave alone. */
    private static Optional<Long> proxyUser(Netfilter rules) {
        return rules.tables().stream()
                .flatMap(table -> table.chains().stream())
                .filter(chain -> chain.canonicalName().equals("ISTIO_OUTPUT"))
                .flatMap(chain -> chain.rules().stream())
                .flatMap(rule -> rule.clauses().stream())
                .filter(c -> c instanceof Clause.NumberIs n && n.key() == Clause.Key.USER)
                .map(c -> ((Clause.NumberIs) c).spans().getFirst().low())
                .findFirst();
    }

    private static String line(String packet, SimulatedPath path) {
        return String.format("%-44s %s", packet, path.summary());
    }
}
