package lateen.capture.simulate;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import lateen.capture.model.Cidr;
import lateen.capture.model.Match;
import lateen.capture.model.Protocol;
import lateen.capture.model.Rule;
import lateen.capture.model.RuleSet;

/** The packets that people ask about first, each with its way through a rule set. */
public final class PacketExamples {
    private static final int APPLICATION_UID = 1000;
    private static final int APPLICATION_PORT = 8080;

    private PacketExamples() {}

    /** One line each: a packet in, one out of an application, one out of the proxy, if rules tell the proxy's user. */
    public static List<String> lines(RuleSet rules, InetAddress own) {
        PacketSimulator simulator = new PacketSimulator(rules);
        InetAddress peer = InetAddress.ofLiteral(own.getAddress().length == 4 ? "203.0.113.9" : "2001:db8::9");
        String in = "in   tcp any → " + endpoint(own, APPLICATION_PORT);
        String out = "out  tcp uid " + APPLICATION_UID + " → " + endpoint(peer, 80);
        String application = line(
                out,
                simulator.simulate(Packet.out("eth0", Protocol.TCP, own, peer, 80, APPLICATION_UID, APPLICATION_UID)));
        String inbound = line(in, simulator.simulate(Packet.in("eth0", Protocol.TCP, peer, own, APPLICATION_PORT)));
        return proxyUser(rules)
                .map(uid -> List.of(
                        inbound,
                        application,
                        line(
                                "out  tcp uid " + uid + " → " + endpoint(peer, 80),
                                simulator.simulate(Packet.out("eth0", Protocol.TCP, own, peer, 80, uid, uid)))))
                .orElseGet(() -> List.of(inbound, application));
    }

    /** The user whose traffic our rules leave alone. */
    private static Optional<Long> proxyUser(RuleSet rules) {
        return rules.tables().stream()
                .flatMap(table -> table.chain("ISTIO_OUTPUT").stream())
                .flatMap(chain -> chain.rules().stream())
                .filter(Rule.Known.class::isInstance)
                .flatMap(rule -> ((Rule.Known) rule).matches().stream())
                .filter(Match.User.class::isInstance)
                .map(match -> ((Match.User) match).ids().low())
                .findFirst();
    }

    private static String line(String packet, SimulatedPath path) {
        return String.format("%-44s %s", packet, path.summary());
    }

    private static String endpoint(InetAddress address, int port) {
        String text = Cidr.addressText(address);
        return (address.getAddress().length == 4 ? text : "[" + text + "]") + ":" + port;
    }
}
