package lateen.capture.render;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import lateen.capture.model.Cidr;
import lateen.capture.model.IdRange;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.Protocol;
import lateen.capture.model.Rule;
import lateen.capture.model.Target;

/** One rule as native nftables (nft(8)), in the form that {@code nft -s -y list} prints. */
final class NftRule {
    private NftRule() {}

    /** @param family the only family that the rule is for; empty for both */
    static List<String> lines(Rule rule, Optional<IpFamily> family) {
        return switch (rule) {
            case Rule.Known known -> lines(known, family);
            case Rule.Opaque opaque ->
                throw new IllegalArgumentException("rule of another program: " + opaque.spec() + " (expected: ours)");
        };
    }

    private static List<String> lines(Rule.Known rule, Optional<IpFamily> family) {
        List<String> words = new ArrayList<>();
        if (family.isPresent() && rule.matches().stream().noneMatch(NftRule::hasAddress)) {
            words.add("meta nfproto " + (family.get() == IpFamily.IPV4 ? "ipv4" : "ipv6"));
        }
        boolean ports = rule.matches().stream().anyMatch(NftRule::hasPort);
        for (Match match : rule.matches()) {
            // A port's condition says the protocol, too.
            if (!(ports && match instanceof Match.Transport)) {
                words.add(match(match));
            }
        }
        String conditions = String.join(" ", words);
        String line = conditions.isEmpty() ? action(rule.target()) : conditions + " " + action(rule.target());
        // Without a listener nft goes on with the next rule; like iptables, the packet must not pass by the proxy.
        return rule.target() instanceof Target.Tproxy ? List.of(line, conditions + " drop") : List.of(line);
    }

    private static boolean hasAddress(Match match) {
        return match instanceof Match.Source || match instanceof Match.Destination;
    }

    private static boolean hasPort(Match match) {
        return match instanceof Match.SourcePort || match instanceof Match.DestinationPort;
    }

    private static String match(Match match) {
        return switch (match) {
            case Match.Source(Cidr range, boolean not) -> address(range, "saddr", not);
            case Match.Destination(Cidr range, boolean not) -> address(range, "daddr", not);
            case Match.InInterface(String name, boolean not) -> "iifname " + not(not) + device(name);
            case Match.OutInterface(String name, boolean not) -> "oifname " + not(not) + device(name);
            case Match.Transport(Protocol protocol) -> "meta l4proto " + protocol.text();
            case Match.SourcePort(Protocol protocol, int port, boolean not) ->
                protocol.text() + " sport " + not(not) + port;
            case Match.DestinationPort(Protocol protocol, int port, boolean not) ->
                protocol.text() + " dport " + not(not) + port;
            case Match.User(IdRange ids, boolean not) -> "meta skuid " + not(not) + ids;
            case Match.Group(IdRange ids, boolean not) -> "meta skgid " + not(not) + ids;
            case Match.Mark(long mark, boolean not) -> "meta mark " + not(not) + hex(mark);
            case Match.ConnectionMark(long mark, boolean not) -> "ct mark " + not(not) + hex(mark);
            case Match.State(var states) ->
                "ct state "
                        + states.stream()
                                // nft lists them by falling bits: established before related.
                                .sorted((a, b) -> place(a) - place(b))
                                .map(state -> state.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(","));
            case Match.Direction(boolean reply) -> "ct direction " + (reply ? "reply" : "original");
        };
    }

    private static int place(Match.ConnectionState state) {
        return switch (state) {
            case INVALID -> 0;
            case ESTABLISHED -> 1;
            case RELATED -> 2;
            case NEW -> 3;
            case UNTRACKED -> 4;
        };
    }

    private static String action(Target target) {
        return switch (target) {
            case Target.Return _ -> "return";
            case Target.Accept _ -> "accept";
            case Target.Drop _ -> "drop";
            case Target.Jump(String chain) -> "jump " + NftText.chainName(chain);
            case Target.Redirect(int port) -> "redirect to :" + port;
            case Target.Tproxy(IpFamily family, int port, long mark) ->
                "tproxy " + ip(family) + " to :" + port + " meta mark set " + hex(mark) + " accept";
            case Target.SetMark(long mark) -> "meta mark set " + hex(mark);
            case Target.SaveMark _ -> "ct mark set meta mark";
            case Target.RestoreMark _ -> "meta mark set ct mark";
            case Target.ConntrackZone(int zone) -> "ct zone set " + zone;
        };
    }

    private static String address(Cidr range, String side, boolean negated) {
        boolean single = range.prefix() == range.family().bits();
        return ip(range.family()) + " " + side + " " + not(negated)
                + (single ? Cidr.addressText(range.address()) : range.toString());
    }

    /** iptables' trailing plus is nft's trailing star; a star of the name itself is escaped. */
    private static String device(String name) {
        if (name.endsWith("+")) {
            return "\"" + name.substring(0, name.length() - 1) + "*\"";
        }
        return name.endsWith("*") ? "\"" + name.substring(0, name.length() - 1) + "\\*\"" : "\"" + name + "\"";
    }

    private static String ip(IpFamily family) {
        return family == IpFamily.IPV4 ? "ip" : "ip6";
    }

    private static String not(boolean negated) {
        return negated ? "!= " : "";
    }

    private static String hex(long mark) {
        return String.format(Locale.ROOT, "0x%08x", mark);
    }
}
