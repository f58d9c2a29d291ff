package lateen.capture.simulate;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lateen.capture.model.Cidr;
import lateen.capture.model.Clause;
import lateen.capture.model.IdRange;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.Numbers;
import lateen.capture.model.Protocol;

/** The conditions of one rule's text (iptables-extensions(8)), option by option. Confined to one thread. */
final class SpecConditions {
    private static final long ALL = Clause.NumberIs.ALL;

    private static final Map<String, Integer> PROTOCOLS =
            Map.of("icmp", 1, "tcp", 6, "udp", 17, "ipv6-icmp", 58, "sctp", 132);

    private final IpFamily family;
    private final SpecWords words;
    private String module = "";
    private Optional<Protocol> protocol = Optional.empty();

    SpecConditions(IpFamily family, SpecWords words) {
        this.family = family;
        this.words = words;
    }

    /** Options from here on are this match's. */
    void module(String name) {
        module = name;
    }

    String module() {
        return module;
    }

    /** iptables' trailing plus is the trailing star of clauses. */
    static String pattern(String device) {
        return device.endsWith("+") ? device.substring(0, device.length() - 1) + "*" : device;
    }

    static int protocolNumber(Protocol protocol) {
        return protocol == Protocol.TCP ? 6 : 17;
    }

    /** Empty for what is not understood; then the place of the words is anywhere. */
    Optional<Clause> condition(String option, boolean not) {
        return switch (option) {
            case "-s" -> address(true, not);
            case "-d" -> address(false, not);
            case "-i", "-o" ->
                Optional.of(new Clause.DeviceIs(option.equals("-i"), List.of(pattern(words.next())), not));
            case "-p" -> transport(not);
            case "--sport" -> ports(Clause.Key.SOURCE_PORT, not, List.of("tcp", "udp"));
            case "--dport" -> ports(Clause.Key.DESTINATION_PORT, not, List.of("tcp", "udp"));
            case "--sports" -> ports(Clause.Key.SOURCE_PORT, not, List.of("multiport"));
            case "--dports" -> ports(Clause.Key.DESTINATION_PORT, not, List.of("multiport"));
            case "--uid-owner" -> owner(Clause.Key.USER, not);
            case "--gid-owner" -> owner(Clause.Key.GROUP, not);
            case "--mark" -> mark(not);
            case "--ctstate", "--state" -> state(not);
            case "--ctdir" -> not ? Optional.empty() : direction();
            case "--comment" ->
                module.equals("comment") ? Optional.of(new Clause.Always("comment " + words.next())) : Optional.empty();
            case "--dst-type", "--src-type" -> addressType(option.equals("--src-type"), not);
            case "--src-range", "--dst-range" -> addressRange(option.equals("--src-range"), not);
            case "--syn" -> Optional.of(firstPacket(not, "--syn"));
            case "--tcp-flags" -> flags(not);
            default -> Optional.empty();
        };
    }

    /** The packet that is followed is a connection's first: of TCP's flags it has SYN alone. */
    private Optional<Clause> flags(boolean not) {
        Set<String> looked = Set.of(words.next().split(","));
        Set<String> wanted = Set.of(words.next().split(","));
        boolean syn = looked.contains("SYN") || looked.contains("ALL");
        boolean holds = syn ? wanted.equals(Set.of("SYN")) : wanted.equals(Set.of("NONE"));
        return Optional.of(firstPacket(holds == not, "--tcp-flags"));
    }

    private static Clause firstPacket(boolean never, String text) {
        // Never new: a state that a first packet does not have.
        return never
                ? new Clause.StateIs(EnumSet.of(Match.ConnectionState.ESTABLISHED), false)
                : new Clause.Always("a connection's first packet, " + text);
    }

    private Optional<Clause> address(boolean source, boolean not) {
        String text = words.next();
        int slash = text.indexOf('/');
        // A mask with holes, or written as an address: iptables prints it so only where it is no prefix.
        Optional<Cidr> range = slash >= 0 && text.indexOf('.', slash) >= 0 ? Optional.empty() : Cidr.parse(text);
        return range.filter(r -> r.family() == family)
                .map(r -> new Clause.AddressIn(source, family, List.of(Clause.AddressSpan.of(r)), not));
    }

    private Optional<Clause> addressRange(boolean source, boolean not) {
        String[] ends = words.next().split("-", 2);
        if (ends.length < 2) {
            return Optional.empty();
        }
        return Cidr.parseAddress(ends[0])
                .flatMap(low -> Cidr.parseAddress(ends[1])
                        .filter(high -> high.getAddress().length == low.getAddress().length
                                && low.getAddress().length * 8 == family.bits())
                        .map(high ->
                                new Clause.AddressIn(source, family, List.of(new Clause.AddressSpan(low, high)), not)));
    }

    private Optional<Clause> transport(boolean not) {
        String text = words.next();
        Integer number = PROTOCOLS.get(text);
        int value = number != null ? number : Numbers.parse(text, 0, 255);
        if (value == 6 || value == 17) {
            protocol = not ? Optional.empty() : Optional.of(value == 6 ? Protocol.TCP : Protocol.UDP);
        }
        return value < 0
                ? Optional.empty()
                : Optional.of(number(Clause.Key.PROTOCOL, List.of(Clause.Span.one(value)), not, Optional.empty()));
    }

    private Optional<Clause> ports(Clause.Key key, boolean not, List<String> modules) {
        String text = words.next();
        if (!modules.contains(module)) {
            return Optional.empty();
        }
        Optional<Protocol> transport =
                module.equals("multiport") ? protocol : Optional.of(module.equals("tcp") ? Protocol.TCP : Protocol.UDP);
        List<Clause.Span> spans = new ArrayList<>();
        for (String part : text.split(",")) {
            String[] ends = part.split(":", 2);
            int low = ends[0].isEmpty() && ends.length == 2 ? 0 : Numbers.parse(ends[0], 0, 65535);
            int high = ends.length < 2 ? low : ends[1].isEmpty() ? 65535 : Numbers.parse(ends[1], 0, 65535);
            if (low < 0 || high < low) {
                return Optional.empty();
            }
            spans.add(new Clause.Span(low, high));
        }
        return Optional.of(number(key, spans, not, transport));
    }

    private Optional<Clause> owner(Clause.Key key, boolean not) {
        return IdRange.parse(words.next())
                .filter(_ -> module.equals("owner"))
                .map(ids -> number(key, List.of(new Clause.Span(ids.low(), ids.high())), not, Optional.empty()));
    }

    private Optional<Clause> mark(boolean not) {
        Optional<long[]> value = words.nextMasked();
        if (value.isEmpty() || !Set.of("mark", "connmark").contains(module)) {
            return Optional.empty();
        }
        Clause.Key key = module.equals("mark") ? Clause.Key.MARK : Clause.Key.CONNECTION_MARK;
        long mask = value.get()[1];
        return Optional.of(
                new Clause.NumberIs(key, mask, List.of(Clause.Span.one(value.get()[0])), not, Optional.empty(), false));
    }

    private Optional<Clause> state(boolean not) {
        EnumSet<Match.ConnectionState> states = EnumSet.noneOf(Match.ConnectionState.class);
        for (String name : words.next().split(",")) {
            Optional<Match.ConnectionState> state = java.util.Arrays.stream(Match.ConnectionState.values())
                    .filter(s -> s.name().equals(name))
                    .findFirst();
            if (state.isEmpty()) {
                // Such as SNAT and DNAT: whether it was translated already is not followed.
                return Optional.empty();
            }
            states.add(state.get());
        }
        return Optional.of(new Clause.StateIs(states, not));
    }

    private Optional<Clause> direction() {
        return switch (words.next()) {
            case "REPLY" -> Optional.of(new Clause.DirectionIs(true, false));
            case "ORIGINAL" -> Optional.of(new Clause.DirectionIs(false, false));
            default -> Optional.empty();
        };
    }

    private Optional<Clause> addressType(boolean source, boolean not) {
        return words.next().equals("LOCAL") && module.equals("addrtype")
                ? Optional.of(new Clause.AddressIsLocal(source, not))
                : Optional.empty();
    }

    private static Clause number(Clause.Key key, List<Clause.Span> spans, boolean not, Optional<Protocol> protocol) {
        return new Clause.NumberIs(key, ALL, spans, not, protocol, false);
    }
}
