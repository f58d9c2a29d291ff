package lateen.capture.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lateen.capture.model.Cidr;
import lateen.capture.model.HostNetwork;
import lateen.capture.model.Netfilter;
import lateen.capture.render.RuleOrigin;
import lateen.capture.simulate.Explanation;
import lateen.capture.simulate.Packet;
import lateen.capture.simulate.Verdict;

/** A packet's way as text: a line for each rule, the end, the listener, and what would change it. */
final class ExplanationText {
    private final Netfilter rules;
    private final HostNetwork network;
    private final Packet packet;
    private final boolean all;
    private final List<String> lines = new ArrayList<>();

    /** @param all whether chains without rules are shown */
    ExplanationText(Netfilter rules, HostNetwork network, Packet packet, boolean all) {
        this.rules = rules;
        this.network = network;
        this.packet = packet;
        this.all = all;
    }

    List<String> lines(Explanation explanation) {
        boolean out = packet.direction() == Packet.Direction.OUT;
        lines.add(packet.protocol().text() + " " + endpoint(packet.source(), packet.sourcePort()) + " → "
                + endpoint(packet.destination(), packet.destinationPort()) + (out ? ", sent from here" : ", arriving")
                + (packet.mark() == 0 ? "" : ", mark " + packet.mark()));
        for (Explanation.Event event : explanation.events()) {
            event(event);
        }
        lines.add("");
        lines.add("Result:   " + result(explanation));
        listener(explanation).ifPresent(text -> lines.add("Listener: " + text));
        lines.add("Decided:  " + decided(explanation));
        lines.add("Change:   " + Advice.of(packet, explanation, rules.ownRules() > 0));
        if (!explanation.certain()) {
            lines.add(
                    "Unknown:  rules marked ? are not understood; if one of them matches, the packet may end elsewhere");
        }
        rules.notes().forEach(note -> lines.add("Note:     " + note));
        return lines;
    }

    private void event(Explanation.Event event) {
        switch (event) {
            case Explanation.Entered(var table, var chain) -> {
                if (all || !chain.rules().isEmpty()) {
                    lines.add(table.title() + ", chain " + chain.name());
                }
            }
            case Explanation.Looked looked -> {
                String sign = switch (looked.match()) {
                    case MATCH -> "✔";
                    case NO_MATCH -> "✘";
                    case UNKNOWN -> "?";
                };
                String owner = looked.table().ours(looked.chain(), looked.rule()) ? "" : "  [not ours]";
                String why = looked.why().isEmpty() ? "" : "   ← " + looked.why();
                lines.add("  " + "    ".repeat(looked.depth()) + sign + " "
                        + (looked.depth() > 0 ? looked.chain().name() + ": " : "")
                        + looked.rule().text() + owner + why);
            }
            case Explanation.Policy(var _, var chain, boolean drops) -> {
                if (all || drops || !chain.rules().isEmpty()) {
                    lines.add("  end of " + chain.name() + ": " + (drops ? "dropped by its policy" : "goes on"));
                }
            }
            case Explanation.Happened(String text) -> lines.add("· " + text);
        }
    }

    private static String result(Explanation e) {
        Explanation.Arrival end = e.arrival();
        String where = end.here() ? "stays on this host" : "leaves by " + end.device();
        return switch (e.verdict()) {
            case Verdict.Redirected(int port) ->
                "goes to local port " + port + " (" + endpoint(end.destination(), port)
                        + "); SO_ORIGINAL_DST still tells the original destination";
            case Verdict.Intercepted(int port) -> "goes, unchanged, to the transparent listener on local port " + port;
            case Verdict.Translated(var address, int port) ->
                "goes to " + endpoint(address, port) + " instead; " + where;
            case Verdict.Passed _ ->
                "goes where it was sent, " + endpoint(end.destination(), end.port()) + "; " + where;
            case Verdict.Dropped _ -> "dropped";
            case Verdict.Rejected _ -> "refused: dropped, and the sender is told";
            case Verdict.Unknown(String what) -> "not known: " + what;
        };
    }

    private Optional<String> listener(Explanation e) {
        boolean ends = e.verdict() instanceof Verdict.Dropped || e.verdict() instanceof Verdict.Rejected;
        if (!e.arrival().here() || ends) {
            return Optional.empty();
        }
        int port = e.arrival().transparentPort() > 0
                ? e.arrival().transparentPort()
                : e.arrival().port();
        List<HostNetwork.Listener> found =
                network.listenersAt(packet.protocol(), e.arrival().destination(), port);
        return Optional.of(
                found.isEmpty()
                        ? "nobody listens on " + endpoint(e.arrival().destination(), port) + ": the call is refused"
                        : words(found.getFirst()));
    }

    private static String words(HostNetwork.Listener listener) {
        return (listener.program().isEmpty() ? "a program" : listener.program()) + " of user " + listener.uid()
                + ", on " + endpoint(listener.address(), listener.port());
    }

    private static String decided(Explanation e) {
        return e.decisive()
                .map(looked -> looked.table().title() + ", chain "
                        + looked.chain().name() + ": " + looked.rule().text()
                        + RuleOrigin.of(looked.table(), looked.chain(), looked.rule())
                                .map(origin -> "   (" + origin.words() + ")")
                                .orElse("   (a rule of another program)"))
                .orElse("by no rule");
    }

    private static String endpoint(java.net.InetAddress address, int port) {
        String text = Cidr.addressText(address);
        return (address.getAddress().length == 4 ? text : "[" + text + "]") + ":" + port;
    }
}
