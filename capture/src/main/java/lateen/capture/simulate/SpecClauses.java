package lateen.capture.simulate;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import lateen.capture.model.Cidr;
import lateen.capture.model.Clause;
import lateen.capture.model.IdRange;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.Numbers;
import lateen.capture.model.Protocol;

/**
 * The text of any rule of {@code iptables-save} as clauses (iptables-extensions(8)). What is not understood becomes an
 * unknown condition or action; no text makes it fail.
 */
final class SpecClauses {
    private static final long ALL = Clause.NumberIs.ALL;
    private static final int MAX_WORDS = 400;

    /** Options of a match that ask for one number of the packet. */
    private static final Map<String, Integer> PROTOCOLS =
            Map.of("icmp", 1, "tcp", 6, "udp", 17, "ipv6-icmp", 58, "sctp", 132);

    /** Targets that leave the packet's way alone. */
    private static final Set<String> HARMLESS = Set.of(
            "LOG",
            "NFLOG",
            "ULOG",
            "TRACE",
            "AUDIT",
            "TCPMSS",
            "CLASSIFY",
            "DSCP",
            "TOS",
            "TTL",
            "HL",
            "CHECKSUM",
            "SECMARK");

    private final IpFamily family;
    private final List<String> words;
    private final List<Clause> clauses = new ArrayList<>();
    private int at;
    private String module = "";
    private Optional<Protocol> protocol = Optional.empty();

    private SpecClauses(IpFamily family, List<String> words) {
        this.family = family;
        this.words = words;
    }

    static List<Clause> of(IpFamily family, String spec) {
        List<String> words = words(spec);
        if (words.size() > MAX_WORDS) {
            return List.of(
                    new Clause.UnknownCondition(spec),
                    new Clause.UnknownAction("a rule of " + words.size() + " words"));
        }
        SpecClauses reader = new SpecClauses(family, words);
        reader.read();
        return reader.clauses;
    }

    static String pattern(String device) {
        return device.endsWith("+") ? device.substring(0, device.length() - 1) + "*" : device;
    }

    static int protocolNumber(Protocol protocol) {
        return protocol == Protocol.TCP ? 6 : 17;
    }

    /** Words between blanks; double quotes hold one together, a backslash takes the next letter as it is. */
    static List<String> words(String spec) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        boolean begun = false;
        for (int i = 0; i < spec.length(); i++) {
            char c = spec.charAt(i);
            if (c == '\\' && i + 1 < spec.length()) {
                word.append(spec.charAt(++i));
                begun = true;
            } else if (c == '"') {
                quoted = !quoted;
                begun = true;
            } else if (c == ' ' && !quoted) {
                if (begun) {
                    words.add(word.toString());
                }
                word.setLength(0);
                begun = false;
            } else {
                word.append(c);
                begun = true;
            }
        }
        if (begun) {
            words.add(word.toString());
        }
        return words;
    }

    private void read() {
        while (at < words.size()) {
            int begin = at;
            boolean not = take("!");
            String word = next();
            switch (word) {
                case "-m" -> module = next();
                case "-j", "-g" -> {
                    action(next(), word.equals("-g"));
                    return;
                }
                default -> {
                    Optional<Clause> condition = condition(word, not);
                    if (condition.isEmpty()) {
                        at = Math.min(words.size(), begin + (not ? 2 : 1));
                        condition = Optional.of(unknown(begin));
                    }
                    add(condition.get());
                }
            }
        }
    }

    /** Options of one match that are not known are one condition. */
    private void add(Clause condition) {
        String begin = "-m " + module + " ";
        if (condition instanceof Clause.UnknownCondition(String text)
                && !clauses.isEmpty()
                && clauses.getLast() instanceof Clause.UnknownCondition(String before)
                && !module.isEmpty()
                && before.startsWith(begin)
                && text.startsWith(begin)) {
            clauses.set(clauses.size() - 1, new Clause.UnknownCondition(before + text.substring(begin.length() - 1)));
        } else {
            clauses.add(condition);
        }
    }

    /** An option that is not known, with all words up to the next option: {@code -m statistic --mode random …}. */
    private Clause unknown(int begin) {
        while (at < words.size()
                && !words.get(at).startsWith("-")
                && !words.get(at).equals("!")) {
            at++;
        }
        return new Clause.UnknownCondition(
                (module.isEmpty() ? "" : "-m " + module + " ") + String.join(" ", words.subList(begin, at)));
    }

    private Optional<Clause> condition(String option, boolean not) {
        return switch (option) {
            case "-s" -> address(true, not);
            case "-d" -> address(false, not);
            case "-i", "-o" -> Optional.of(new Clause.DeviceIs(option.equals("-i"), List.of(pattern(next())), not));
            case "-p" -> transport(not);
            case "--sport" -> ports(Clause.Key.SOURCE_PORT, not, List.of("tcp", "udp"));
            case "--dport" -> ports(Clause.Key.DESTINATION_PORT, not, List.of("tcp", "udp"));
            case "--sports" -> ports(Clause.Key.SOURCE_PORT, not, List.of("multiport"));
            case "--dports" -> ports(Clause.Key.DESTINATION_PORT, not, List.of("multiport"));
            case "--uid-owner" -> owner(Clause.Key.USER, not);
            case "--gid-owner" -> owner(Clause.Key.GROUP, not);
            case "--mark" -> mark(not);
            case "--ctstate", "--state" -> state(not);
            case "--comment" ->
                module.equals("comment") ? Optional.of(new Clause.Always("comment " + next())) : Optional.empty();
            case "--dst-type", "--src-type" -> addressType(option.equals("--src-type"), not);
            case "--src-range", "--dst-range" -> addressRange(option.equals("--src-range"), not);
            case "--syn" -> Optional.of(firstPacket(not, "--syn"));
            case "--tcp-flags" -> flags(not);
            default -> Optional.empty();
        };
    }

    /** The packet that is followed is a connection's first: of TCP's flags it has SYN alone. */
    private Optional<Clause> flags(boolean not) {
        Set<String> looked = Set.of(next().split(","));
        Set<String> wanted = Set.of(next().split(","));
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
        String text = next();
        int slash = text.indexOf('/');
        // A mask with holes, or written as an address: iptables prints it so only where it is no prefix.
        Optional<Cidr> range = slash >= 0 && text.indexOf('.', slash) >= 0 ? Optional.empty() : Cidr.parse(text);
        return range.filter(r -> r.family() == family)
                .map(r -> new Clause.AddressIn(source, family, List.of(Clause.AddressSpan.of(r)), not));
    }

    private Optional<Clause> addressRange(boolean source, boolean not) {
        String[] ends = next().split("-", 2);
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
        String text = next();
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
        String text = next();
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
        return IdRange.parse(next())
                .filter(_ -> module.equals("owner"))
                .map(ids -> number(key, List.of(new Clause.Span(ids.low(), ids.high())), not, Optional.empty()));
    }

    private Optional<Clause> mark(boolean not) {
        Optional<long[]> value = masked(next());
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
        for (String name : next().split(",")) {
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

    private Optional<Clause> addressType(boolean source, boolean not) {
        return next().equals("LOCAL") && module.equals("addrtype")
                ? Optional.of(new Clause.AddressIsLocal(source, not))
                : Optional.empty();
    }

    private static Clause number(Clause.Key key, List<Clause.Span> spans, boolean not, Optional<Protocol> protocol) {
        return new Clause.NumberIs(key, ALL, spans, not, protocol, false);
    }

    private void action(String name, boolean forGood) {
        int begin = at;
        Optional<Clause> known = forGood ? Optional.of(new Clause.Jump(name, true)) : target(name);
        if (known.isPresent() && at >= words.size()) {
            clauses.add(known.get());
        } else {
            clauses.add(new Clause.UnknownAction(("-j " + name + " "
                            + String.join(" ", words.subList(Math.min(begin, words.size()), words.size())))
                    .strip()));
        }
        at = words.size();
    }

    private Optional<Clause> target(String name) {
        if (HARMLESS.contains(name)) {
            String text = name.toLowerCase(Locale.ROOT);
            at = words.size();
            return Optional.of(new Clause.Note(text));
        }
        return switch (name) {
            case "RETURN" -> Optional.of(new Clause.Return());
            case "ACCEPT" -> Optional.of(new Clause.Accept());
            case "DROP" -> Optional.of(new Clause.Drop());
            case "REJECT" -> {
                at = words.size();
                yield Optional.of(new Clause.Reject());
            }
            case "NOTRACK" -> Optional.of(new Clause.Untrack());
            case "REDIRECT" -> redirect();
            case "DNAT" -> dnat();
            case "SNAT" -> snat();
            case "MASQUERADE" -> {
                at = words.size();
                yield Optional.of(new Clause.Snat(Optional.empty()));
            }
            case "TPROXY" -> tproxy();
            case "MARK" -> setMark(false);
            case "CONNMARK" -> connectionMark();
            case "CT" -> conntrack();
            default ->
                at >= words.size() && isChain(name) ? Optional.of(new Clause.Jump(name, false)) : Optional.empty();
        };
    }

    private static boolean isChain(String name) {
        return !Set.of("QUEUE", "NFQUEUE", "NETMAP", "SET", "SYNPROXY", "CLUSTERIP", "")
                .contains(name);
    }

    private Optional<Clause> redirect() {
        if (at >= words.size()) {
            return Optional.of(new Clause.Redirect(OptionalInt.empty()));
        }
        int port = take("--to-ports") ? Numbers.parse(next(), 0, 65535) : -1;
        return port < 0 ? Optional.empty() : Optional.of(new Clause.Redirect(OptionalInt.of(port)));
    }

    /** {@code 1.2.3.4}, {@code 1.2.3.4:80}, {@code :80}, {@code [fd00::1]:80}; ranges are chance. */
    private Optional<Clause> dnat() {
        if (!take("--to-destination")) {
            return Optional.empty();
        }
        String text = next();
        take("--random");
        take("--persistent");
        boolean bracket = text.startsWith("[");
        int colon = bracket ? text.indexOf("]:") : family == IpFamily.IPV4 ? text.indexOf(':') : -1;
        int end = bracket ? text.indexOf(']') : colon < 0 ? text.length() : colon;
        if (bracket && end < 0) {
            return Optional.empty();
        }
        String host = text.substring(bracket ? 1 : 0, end);
        String portText = colon < 0 ? "" : text.substring(colon + (bracket ? 2 : 1));
        int port = portText.isEmpty() ? 0 : Numbers.parse(portText, 1, 65535);
        if (port < 0 || (host.isEmpty() && port == 0)) {
            return Optional.empty();
        }
        OptionalInt toPort = port == 0 ? OptionalInt.empty() : OptionalInt.of(port);
        return host.isEmpty()
                ? Optional.of(new Clause.Dnat(Optional.empty(), toPort))
                : Cidr.parseAddress(host)
                        .filter(a -> a.getAddress().length * 8 == family.bits())
                        .map(a -> new Clause.Dnat(Optional.of(a), toPort));
    }

    private Optional<Clause> snat() {
        return take("--to-source")
                ? Cidr.parseAddress(next())
                        .filter(a -> a.getAddress().length * 8 == family.bits())
                        .map(a -> new Clause.Snat(Optional.of(a)))
                : Optional.empty();
    }

    private Optional<Clause> tproxy() {
        int port = -1;
        Optional<Clause.SetMark> mark = Optional.empty();
        while (at < words.size()) {
            switch (next()) {
                case "--on-port" -> port = Numbers.parse(next(), 1, 65535);
                case "--on-ip" -> {
                    if (!next().equals(family.any())) {
                        return Optional.empty();
                    }
                }
                case "--tproxy-mark" -> {
                    Optional<long[]> value = masked(next());
                    if (value.isEmpty()) {
                        return Optional.empty();
                    }
                    mark = Optional.of(new Clause.SetMark(false, ALL & ~value.get()[1], value.get()[0]));
                }
                default -> {
                    return Optional.empty();
                }
            }
        }
        return port < 0 ? Optional.empty() : Optional.of(new Clause.Tproxy(Optional.of(family), port, mark, true));
    }

    private Optional<Clause> setMark(boolean connection) {
        if (!take("--set-xmark")) {
            return Optional.empty();
        }
        return masked(next()).map(v -> new Clause.SetMark(connection, ALL & ~v[1], v[0]));
    }

    private Optional<Clause> connectionMark() {
        if (at < words.size() && words.get(at).equals("--set-xmark")) {
            return setMark(true);
        }
        String operation = next();
        long packet = ALL;
        long connection = ALL;
        while (at < words.size()) {
            String option = next();
            Optional<Long> mask = number(next());
            if (mask.isEmpty()) {
                return Optional.empty();
            }
            switch (option) {
                case "--nfmask" -> packet = mask.get();
                case "--ctmask" -> connection = mask.get();
                case "--mask" -> {
                    packet = mask.get();
                    connection = mask.get();
                }
                default -> {
                    return Optional.empty();
                }
            }
        }
        return switch (operation) {
            case "--save-mark" -> Optional.of(new Clause.CopyMark(true, ALL & ~connection, packet));
            case "--restore-mark" -> Optional.of(new Clause.CopyMark(false, ALL & ~packet, connection));
            default -> Optional.empty();
        };
    }

    private Optional<Clause> conntrack() {
        if (take("--notrack")) {
            return Optional.of(new Clause.Untrack());
        }
        int zone = take("--zone") ? Numbers.parse(next(), 0, 65535) : -1;
        return zone < 0 ? Optional.empty() : Optional.of(new Clause.Zone(zone));
    }

    /** Value and mask. */
    private static Optional<long[]> masked(String text) {
        int slash = text.indexOf('/');
        Optional<Long> value = number(slash < 0 ? text : text.substring(0, slash));
        Optional<Long> mask = slash < 0 ? Optional.of(ALL) : number(text.substring(slash + 1));
        return value.flatMap(v -> mask.map(m -> new long[] {v, m}));
    }

    private static Optional<Long> number(String text) {
        try {
            long value = text.startsWith("0x") ? Long.parseLong(text.substring(2), 16) : Long.parseLong(text);
            return value < 0 || value > ALL ? Optional.empty() : Optional.of(value);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private boolean take(String word) {
        boolean there = at < words.size() && words.get(at).equals(word);
        if (there) {
            at++;
        }
        return there;
    }

    private String next() {
        return at < words.size() ? words.get(at++) : "";
    }
}
