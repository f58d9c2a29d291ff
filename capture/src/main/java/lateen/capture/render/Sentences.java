package lateen.capture.render;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import lateen.capture.model.Chain;
import lateen.capture.model.Cidr;
import lateen.capture.model.IdRange;
import lateen.capture.model.Match;
import lateen.capture.model.Protocol;
import lateen.capture.model.Rule;
import lateen.capture.model.Target;

/** The words in which rules are told: who is concerned, and what happens to it. */
public final class Sentences {
    private Sentences() {}

    /** A whole sentence for a rule of this chain. */
    public static String rule(String chain, Rule rule) {
        return switch (rule) {
            case Rule.Opaque _ -> "A rule of another program, in a form that is not explained here.";
            case Rule.Known known -> capitalized(conditions(known)) + " " + action(chain, known.target()) + ".";
        };
    }

    /** Who fulfils the rule's conditions, such as {@code TCP to port 15090}. */
    public static String conditions(Rule.Known rule) {
        Optional<Protocol> protocol = rule.matches().stream()
                .filter(Match.Transport.class::isInstance)
                .map(m -> ((Match.Transport) m).protocol())
                .findFirst();
        List<String> words = new ArrayList<>();
        words.add(protocol.map(Enum::name).orElse("everything"));
        for (Match match : rule.matches()) {
            String text = condition(match);
            if (!text.isEmpty()) {
                words.add(text);
            }
        }
        return String.join(" ", words);
    }

    private static String condition(Match match) {
        return switch (match) {
            case Match.Transport _ -> "";
            case Match.Source(Cidr range, boolean not) -> (not ? "not from " : "from ") + address(range);
            case Match.Destination(Cidr range, boolean not) -> (not ? "not to " : "to ") + address(range);
            case Match.InInterface(String name, boolean not) -> (not ? "not arriving on " : "arriving on ") + name;
            case Match.OutInterface(String name, boolean not) -> (not ? "not leaving by " : "leaving by ") + name;
            case Match.SourcePort(var _, int port, boolean not) -> (not ? "not from port " : "from port ") + port;
            case Match.DestinationPort(var _, int port, boolean not) -> (not ? "not to port " : "to port ") + port;
            case Match.User(IdRange ids, boolean not) -> (not ? "not sent by user " : "sent by user ") + ids;
            case Match.Group(IdRange ids, boolean not) -> (not ? "not sent by group " : "sent by group ") + ids;
            case Match.Mark(long mark, boolean not) -> (not ? "without mark " : "with mark ") + mark;
            case Match.ConnectionMark(long mark, boolean not) ->
                (not ? "on a connection without mark " : "on a connection with mark ") + mark;
            case Match.State(var states) ->
                "that conntrack calls "
                        + states.stream()
                                .map(s -> s.name().toLowerCase(java.util.Locale.ROOT))
                                .collect(Collectors.joining(" or "));
        };
    }

    private static String action(String chain, Target target) {
        return switch (target) {
            case Target.Return _ -> Chain.OURS.contains(chain) ? "is left alone here" : "is left to the chain's policy";
            case Target.Accept _ -> "is let through";
            case Target.Drop _ -> "is dropped";
            case Target.Jump(String name) -> jump(name);
            case Target.Redirect(int port) -> "goes to local port " + port + " instead, the original destination kept";
            case Target.Tproxy tproxy ->
                "is handed, unchanged, to the transparent listener on port " + tproxy.port() + " with mark "
                        + tproxy.mark();
            case Target.SetMark(long mark) -> "gets mark " + mark;
            case Target.SaveMark _ -> "has its mark remembered for the whole connection";
            case Target.RestoreMark _ -> "gets the mark remembered for its connection";
            case Target.ConntrackZone(int zone) -> "is tracked in conntrack zone " + zone + ", apart from the rest";
        };
    }

    private static String jump(String chain) {
        return switch (chain) {
            case "ISTIO_INBOUND" -> "goes through ISTIO_INBOUND, the rules for what arrives";
            case "ISTIO_OUTPUT" -> "goes through ISTIO_OUTPUT, the rules for what is sent from here";
            case "ISTIO_OUTPUT_DNS" -> "goes through ISTIO_OUTPUT_DNS, the rules for DNS";
            case "ISTIO_IN_REDIRECT" -> "goes to the sidecar's inbound listener, through ISTIO_IN_REDIRECT";
            case "ISTIO_REDIRECT" -> "goes to the sidecar's outbound listener, through ISTIO_REDIRECT";
            case "ISTIO_TPROXY" -> "goes to the sidecar's transparent listener, through ISTIO_TPROXY";
            case "ISTIO_DIVERT" -> "goes to the socket that it belongs to, through ISTIO_DIVERT";
            case "ISTIO_VIRTUAL" -> "comes from a virtual machine and counts as outbound, through ISTIO_VIRTUAL";
            case "ISTIO_DROP" -> "is dropped, through ISTIO_DROP";
            case "ISTIO_GUARD" -> "waits while rules are replaced, through ISTIO_GUARD";
            default -> "goes through chain " + chain;
        };
    }

    private static String address(Cidr range) {
        boolean single = range.prefix() == range.family().bits();
        return single ? Cidr.addressText(range.address()) : range.toString();
    }

    private static String capitalized(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
