package lateen.capture.simulate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lateen.capture.model.Cidr;
import lateen.capture.model.Clause;

/** What the simulator says, in the words of a {@link PacketLab}; and what kinds of rules a packet met. */
final class Landing {
    private Landing() {}

    /** What the lab reports when the simulator is right; empty where the lab cannot tell. */
    static String expected(Explanation told) {
        Explanation.Arrival end = told.arrival();
        String address = Cidr.addressText(end.destination());
        int port = end.port();
        return switch (told.verdict()) {
            case Verdict.Dropped _ -> "silent";
            case Verdict.Rejected _ -> "refused";
            case Verdict.Unknown _ -> "";
            case Verdict.Redirected _, Verdict.Intercepted _, Verdict.Translated _, Verdict.Passed _ -> {
                if (end.here()) {
                    int at = end.transparentPort() > 0 ? end.transparentPort() : port;
                    boolean there = PacketLab.PORTS.contains(at) || PacketLab.PROXY_PORTS.contains(at);
                    yield there ? "pod " + address + "|" + port + " " + at : "refused";
                }
                boolean peer = end.device().equals("eth0");
                // Neither end takes a loopback address from the wire, nor the peer its own.
                boolean reachable = !end.source().isLoopbackAddress()
                        && !Cidr.addressText(end.source()).equals("::6")
                        && owns(peer, address)
                        && !owns(peer, Cidr.addressText(end.source()));
                yield reachable ? (peer ? "peer " : "vm ") + address + "|" + port + " " + port : "";
            }
        };
    }

    private static boolean owns(boolean peer, String address) {
        return PacketLab.FAR.contains(address)
                || (peer && PacketLab.BEYOND.contains(address))
                || List.of(peer ? PacketLab.PEER4 : PacketLab.VM4, peer ? PacketLab.PEER6 : PacketLab.VM6)
                        .contains(address);
    }

    static String verdict(Explanation told, PacketLab.Shot shot) {
        boolean in = shot.packet().direction() == Packet.Direction.IN;
        if (told.verdict() instanceof Verdict.Passed && in && !told.arrival().here()) {
            return "forwarded";
        }
        if (told.verdict() instanceof Verdict.Passed && !in && told.arrival().here()) {
            return "over lo";
        }
        return (in ? "in " : "out ") + told.verdict().getClass().getSimpleName();
    }

    /** Conditions by what they answered, and actions of rules that matched. */
    static void count(Explanation told, Map<String, Integer> kinds) {
        Map<String, Boolean> seen = new LinkedHashMap<>();
        for (Explanation.Event event : told.events()) {
            if (event instanceof Explanation.Looked looked) {
                boolean match = looked.match() == Explanation.Match.MATCH;
                seen.put("engine " + looked.table().engine(), true);
                for (Clause clause : looked.rule().clauses()) {
                    String name = clause instanceof Clause.NumberIs n
                            ? n.key().name()
                            : clause.getClass().getSimpleName();
                    if (clause instanceof Clause.Condition) {
                        boolean only = looked.rule().clauses().stream()
                                        .filter(Clause.Condition.class::isInstance)
                                        .count()
                                == 1;
                        only |= clause instanceof Clause.NumberIs n
                                && looked.why().startsWith(n.key().words());
                        if (match || only) {
                            seen.put(name + (match ? " holds" : " fails"), true);
                        }
                    } else if (match) {
                        seen.put(name, true);
                    }
                }
            }
        }
        seen.keySet().forEach(k -> kinds.merge(k, 1, Integer::sum));
    }

    static List<String> events(Explanation told) {
        return told.events().stream()
                .map(e -> switch (e) {
                    case Explanation.Entered(var t, var c) -> t.title() + " " + c.name();
                    case Explanation.Looked l ->
                        "  " + l.match() + " " + l.rule().text() + " " + l.why();
                    case Explanation.Policy(var _, var c, boolean drops) -> "  end of " + c.name() + " " + drops;
                    case Explanation.Happened(String text) -> "· " + text;
                })
                .toList();
    }
}
