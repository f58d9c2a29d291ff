package lateen.capture.command;

import java.util.Optional;
import lateen.capture.model.Cidr;
import lateen.capture.model.Protocol;
import lateen.capture.render.RuleOrigin;
import lateen.capture.simulate.Explanation;
import lateen.capture.simulate.Packet;
import lateen.capture.simulate.Verdict;

/** Which flag or annotation would send a packet another way. */
final class Advice {
    private static final String TRAFFIC = "traffic.sidecar.istio.io/";

    private Advice() {}

    static String of(Packet packet, Explanation explanation, boolean rulesOfOurs) {
        return switch (explanation.verdict()) {
            case Verdict.Redirected _, Verdict.Intercepted _ -> leaveAlone(packet, explanation);
            case Verdict.Passed _ ->
                rulesOfOurs
                        ? capture(packet, explanation)
                        : "nothing is captured here: lateen istio-iptables writes the rules";
            case Verdict.Dropped _, Verdict.Rejected _, Verdict.Translated _, Verdict.Unknown _ ->
                origin(explanation)
                        .map(o -> "by " + o.words())
                        .orElse("not by capture's flags: the rule or route that decided is not ours");
        };
    }

    private static Optional<RuleOrigin> origin(Explanation explanation) {
        return explanation.decisive().flatMap(d -> RuleOrigin.of(d.table(), d.chain(), d.rule()));
    }

    private static boolean inbound(Explanation explanation) {
        return explanation.events().stream()
                .anyMatch(e -> e instanceof Explanation.Looked looked
                        && looked.match() == Explanation.Match.MATCH
                        && (looked.chain().canonicalName().equals("ISTIO_IN_REDIRECT")
                                || looked.chain().canonicalName().equals("ISTIO_TPROXY")));
    }

    private static String leaveAlone(Packet packet, Explanation explanation) {
        if (origin(explanation).isEmpty()) {
            return "not by capture's flags: the rule that decided is not ours";
        }
        String port = Integer.toString(packet.destinationPort());
        if (inbound(explanation)) {
            return packet.direction() == Packet.Direction.OUT
                    ? "it is the proxy's call to its own workload, always captured; another user or group"
                            + " (-u, -g) would not count as the proxy"
                    : "to leave it alone: -d " + port + " (annotation " + TRAFFIC + "excludeInboundPorts)";
        }
        if (origin(explanation).get().flag().startsWith("--redirect-dns")) {
            return "to leave DNS alone: run without --redirect-dns (proxyMetadata ISTIO_META_DNS_CAPTURE)";
        }
        return "to leave it alone: -x " + Cidr.addressText(packet.destination())
                + (packet.destination().getAddress().length == 4 ? "/32" : "/128") + " (annotation " + TRAFFIC
                + "excludeOutboundIPRanges) or -o " + port + " (annotation " + TRAFFIC + "excludeOutboundPorts)";
    }

    private static String capture(Packet packet, Explanation explanation) {
        if (packet.protocol() == Protocol.UDP && packet.destinationPort() != 53) {
            return "UDP is not captured, except DNS with --redirect-dns";
        }
        Optional<RuleOrigin> origin = origin(explanation);
        if (origin.isPresent()) {
            return origin.get().flag().startsWith("part of")
                    ? "what stays on this host is left alone, unless -i holds a loopback range"
                    : "left alone by " + origin.get().words();
        }
        String port = Integer.toString(packet.destinationPort());
        return packet.direction() == Packet.Direction.IN
                ? "to capture it: -b " + port + " (annotation " + TRAFFIC + "includeInboundPorts)"
                : "to capture it: -i '*' (annotation " + TRAFFIC + "includeOutboundIPRanges) or -q " + port
                        + " (annotation " + TRAFFIC + "includeOutboundPorts)";
    }
}
