package lateen.capture.render;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import lateen.capture.model.Cidr;
import lateen.capture.model.Clause;
import lateen.capture.model.HookChain;
import lateen.capture.model.HookRule;
import lateen.capture.model.Match;

/** The words in which rules of any engine are told. */
public final class ClauseWords {
    private ClauseWords() {}

    /** A whole sentence for a rule, such as {@code TCP to port 15090 is left alone here.} */
    public static String sentence(HookChain chain, HookRule rule) {
        String who = who(rule);
        String what = actions(chain, rule);
        String text = who + " " + (what.isEmpty() ? "is counted, and goes on" : what) + ".";
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    /** Who is concerned: {@code TCP to port 15090}. */
    public static String who(HookRule rule) {
        List<String> words = new ArrayList<>();
        String protocol = "everything";
        for (Clause clause : rule.clauses()) {
            if (clause instanceof Clause.NumberIs n && n.protocol().isPresent()) {
                protocol = n.protocol().get().name();
            }
        }
        for (Clause clause : rule.clauses()) {
            if (clause instanceof Clause.NumberIs n && n.key() == Clause.Key.PROTOCOL && !n.negated()) {
                protocol = n.spans().stream().map(s -> protocol(s.low())).collect(Collectors.joining(" or "));
            } else if (clause instanceof Clause.Condition condition && !(condition instanceof Clause.Always)) {
                words.add(condition(condition));
            }
        }
        words.addFirst(protocol);
        return String.join(" ", words);
    }

    /** A condition as a part of a sentence about packets. */
    public static String condition(Clause.Condition condition) {
        return switch (condition) {
            case Clause.NumberIs n -> number(n);
            case Clause.AddressIn(boolean source, var _, var spans, boolean not) ->
                not(not) + (source ? "from " : "to ") + addresses(spans);
            case Clause.DeviceIs(boolean in, var patterns, boolean not) ->
                not(not) + (in ? "arriving on " : "leaving by ") + String.join(" or ", patterns);
            case Clause.StateIs(var states, boolean not) ->
                "that conntrack " + (not ? "does not call " : "calls ") + states(states);
            case Clause.DirectionIs(boolean reply, boolean not) ->
                reply == not ? "on the way of its connection's first packet" : "that answers an earlier call";
            case Clause.AddressIsLocal(boolean source, boolean not) ->
                not(not) + (source ? "from" : "to") + " an address of this host";
            case Clause.Always(String text) -> text;
            case Clause.UnknownCondition(String text) -> "for which `" + text + "` holds (not understood here)";
        };
    }

    private static String number(Clause.NumberIs n) {
        String value = spans(n);
        String bits = n.mask() == Clause.NumberIs.ALL ? "" : " in the bits of 0x" + Long.toHexString(n.mask());
        return switch (n.key()) {
            case PROTOCOL -> not(n.negated()) + "of protocol " + value;
            case SOURCE_PORT -> not(n.negated()) + "from port " + value;
            case DESTINATION_PORT -> not(n.negated()) + "to port " + value;
            case USER -> not(n.negated()) + "sent by user " + value;
            case GROUP -> not(n.negated()) + "sent by group " + value;
            case MARK -> (n.negated() ? "without mark " : "with mark ") + value + bits;
            case CONNECTION_MARK -> "on a connection " + (n.negated() ? "without mark " : "with mark ") + value + bits;
            case FAMILY -> not(n.negated()) + "of IPv" + value;
        };
    }

    /** The values of a condition: {@code 80 or 443 or 1000-2000}. */
    public static String spans(Clause.NumberIs n) {
        return n.spans().stream()
                .map(s -> n.key() == Clause.Key.PROTOCOL && s.low() == s.high()
                        ? protocol(s.low())
                        : s.low() == s.high() ? Long.toString(s.low()) : s.low() + "-" + s.high())
                .collect(Collectors.joining(" or "));
    }

    /** The ranges of a condition, as prefixes where they are. */
    public static String addresses(List<Clause.AddressSpan> spans) {
        return spans.stream().map(ClauseWords::range).collect(Collectors.joining(" or "));
    }

    private static String range(Clause.AddressSpan span) {
        if (span.low().equals(span.high())) {
            return Cidr.addressText(span.low());
        }
        int bits = span.low().getAddress().length * 8;
        for (int prefix = 0; prefix < bits; prefix++) {
            Cidr cidr = new Cidr(span.low(), prefix);
            if (cidr.address().equals(span.low()) && Clause.AddressSpan.of(cidr).equals(span)) {
                return cidr.toString();
            }
        }
        return Cidr.addressText(span.low()) + "-" + Cidr.addressText(span.high());
    }

    /** The name of a protocol's number. */
    public static String protocol(long number) {
        return switch ((int) number) {
            case 1 -> "ICMP";
            case 6 -> "TCP";
            case 17 -> "UDP";
            case 58 -> "ICMPv6";
            default -> "protocol " + number;
        };
    }

    /** In a sentence. */
    public static String states(java.util.Set<Match.ConnectionState> states) {
        return states.stream().map(s -> s.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(" or "));
    }

    private static String actions(HookChain chain, HookRule rule) {
        return rule.clauses().stream()
                .filter(Clause.Action.class::isInstance)
                .map(a -> action(chain, (Clause.Action) a))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
    }

    private static String action(HookChain chain, Clause.Action action) {
        return switch (action) {
            case Clause.Accept _ -> "is let through";
            case Clause.Drop _ -> "is dropped";
            case Clause.Reject _ -> "is refused";
            case Clause.Return _ ->
                chain.base().isPresent()
                        ? "is left to the chain's policy"
                        : chain.ours() ? "is left alone here" : "goes back";
            case Clause.Jump(String target, boolean forGood) ->
                jump(target) + (forGood ? ", and does not come back" : "");
            case Clause.Redirect(var port) ->
                "goes to "
                        + (port.isPresent() ? "local port " + port.getAsInt() : "this host")
                        + " instead, the original destination kept";
            case Clause.Dnat(Optional<InetAddress> address, var port) ->
                "goes to "
                        + address.map(Cidr::addressText).orElse("its address")
                        + (port.isPresent() ? ", port " + port.getAsInt() + "," : "")
                        + " instead";
            case Clause.Snat(var address) ->
                "leaves with source address " + address.map(Cidr::addressText).orElse("of the interface")
                        + " instead of its own";
            case Clause.Tproxy tproxy ->
                "is handed, unchanged, to the transparent listener on port " + tproxy.port()
                        + tproxy.mark().map(m -> " with mark " + m.flip()).orElse("");
            case Clause.SetMark(boolean connection, long keep, long flip) ->
                (connection ? "has its connection marked " : "gets mark ") + flip + (keep == 0 ? "" : " in some bits");
            case Clause.CopyMark(boolean toConnection, var _, var _) ->
                toConnection
                        ? "has its mark remembered for the whole connection"
                        : "gets the mark remembered for its connection";
            case Clause.Zone(int zone) -> "is tracked in conntrack zone " + zone + ", apart from the rest";
            case Clause.Untrack _ -> "is not tracked";
            case Clause.Note(String text) -> text.equals("counter") ? "" : "is noted (" + text + ")";
            case Clause.UnknownAction(String text) -> "meets `" + text + "` (not understood here)";
        };
    }

    private static String jump(String chain) {
        String canonical = new HookChain(chain, Optional.empty(), List.of()).canonicalName();
        String words = leadsTo(canonical);
        return canonical.equals(chain) ? words : words.replace(canonical, chain);
    }

    private static String leadsTo(String chain) {
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

    private static String not(boolean negated) {
        return negated ? "not " : "";
    }
}
