package lateen.capture.read;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lateen.capture.model.Cidr;
import lateen.capture.model.IdRange;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.Numbers;
import lateen.capture.model.Protocol;
import lateen.capture.model.Rule;
import lateen.capture.model.Target;

/** Reads the part of a rule after the chain's name. Anything beyond the forms that capture writes yields empty. */
final class RuleParser {
    private static final long MAX_MARK = 0xFFFF_FFFFL;
    private static final Set<String> ALL_BITS = Set.of("0xffffffff", "4294967295");

    private final IpFamily family;
    private final Deque<String> words;
    private final List<Match> matches = new ArrayList<>();
    private Optional<Protocol> protocol = Optional.empty();
    private String module = "";

    /** Leaves the reading of a rule that is not one of ours; costs no stack trace and never leaves this class. */
    private static final class NotKnown extends Exception {
        private static final long serialVersionUID = 1L;

        NotKnown() {
            super("not a rule of a known form", null, false, false);
        }
    }

    private RuleParser(IpFamily family, Deque<String> words) {
        this.family = family;
        this.words = words;
    }

    static Optional<Rule.Known> parse(IpFamily family, String spec) {
        if (spec.indexOf('"') >= 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(new RuleParser(family, new ArrayDeque<>(Arrays.asList(spec.split(" ")))).rule());
        } catch (NotKnown e) {
            return Optional.empty();
        }
    }

    private Rule.Known rule() throws NotKnown {
        while (true) {
            String word = next();
            boolean not = word.equals("!");
            if (not) {
                word = next();
            }
            if (word.equals("-j") && !not) {
                Target target = target(next());
                if (!words.isEmpty()) {
                    throw new NotKnown();
                }
                return new Rule.Known(matches, target, Rule.Counters.ZERO);
            }
            match(word, not);
        }
    }

    private void match(String word, boolean not) throws NotKnown {
        switch (word) {
            case "-s" -> matches.add(new Match.Source(cidr(), not));
            case "-d" -> matches.add(new Match.Destination(cidr(), not));
            case "-i" -> matches.add(new Match.InInterface(next(), not));
            case "-o" -> matches.add(new Match.OutInterface(next(), not));
            case "-p" -> {
                plain(not);
                protocol = Optional.of(protocol(next()));
                matches.add(new Match.Transport(protocol.get()));
            }
            case "-m" -> {
                plain(not);
                module = next();
            }
            case "--sport" -> matches.add(new Match.SourcePort(portModule(), number(65535), not));
            case "--dport" -> matches.add(new Match.DestinationPort(portModule(), number(65535), not));
            case "--uid-owner" -> matches.add(new Match.User(ids(), not));
            case "--gid-owner" -> matches.add(new Match.Group(ids(), not));
            case "--mark" -> {
                long mark = mark(next());
                switch (module) {
                    case "mark" -> matches.add(new Match.Mark(mark, not));
                    case "connmark" -> matches.add(new Match.ConnectionMark(mark, not));
                    default -> throw new NotKnown();
                }
            }
            case "--ctstate" -> {
                plain(not);
                alone();
                matches.add(new Match.State(states(next())));
            }
            case "--ctdir" -> {
                plain(not);
                alone();
                matches.add(new Match.Direction(direction(next())));
            }
            default -> throw new NotKnown();
        }
    }

    private Target target(String name) throws NotKnown {
        return switch (name) {
            case "RETURN" -> new Target.Return();
            case "ACCEPT" -> new Target.Accept();
            case "DROP" -> new Target.Drop();
            case "REDIRECT" -> {
                expect("--to-ports");
                yield new Target.Redirect(number(65535));
            }
            case "TPROXY" -> tproxy();
            case "MARK" -> {
                expect("--set-xmark");
                yield new Target.SetMark(masked(next()));
            }
            case "CONNMARK" -> connectionMark(next());
            case "CT" -> {
                expect("--zone");
                yield new Target.ConntrackZone(number(65535));
            }
            default -> {
                if (!words.isEmpty() || !isChainName(name)) {
                    throw new NotKnown();
                }
                yield new Target.Jump(name);
            }
        };
    }

    // A bare word after -j is a chain, unless it is one of the kernel's own targets.
    private static boolean isChainName(String name) {
        return !Set.of("LOG", "REJECT", "MASQUERADE", "NOTRACK", "QUEUE", "NFQUEUE", "TRACE", "AUDIT", "SECMARK")
                .contains(name);
    }

    private Target tproxy() throws NotKnown {
        expect("--on-port");
        int port = number(65535);
        String word = next();
        if (word.equals("--on-ip")) {
            if (!next().equals(family.any())) {
                throw new NotKnown();
            }
            word = next();
        }
        if (!word.equals("--tproxy-mark")) {
            throw new NotKnown();
        }
        return new Target.Tproxy(family, port, masked(next()));
    }

    private Target connectionMark(String operation) throws NotKnown {
        while (!words.isEmpty()) {
            String word = next();
            if (!(word.equals("--nfmask") || word.equals("--ctmask") || word.equals("--mask"))
                    || !ALL_BITS.contains(next())) {
                throw new NotKnown();
            }
        }
        return switch (operation) {
            case "--save-mark" -> new Target.SaveMark();
            case "--restore-mark" -> new Target.RestoreMark();
            default -> throw new NotKnown();
        };
    }

    private Protocol portModule() throws NotKnown {
        Protocol known = protocol.orElseThrow(NotKnown::new);
        if (!module.equals(known.text())) {
            throw new NotKnown();
        }
        return known;
    }

    private static Protocol protocol(String text) throws NotKnown {
        return switch (text) {
            case "tcp", "6" -> Protocol.TCP;
            case "udp", "17" -> Protocol.UDP;
            default -> throw new NotKnown();
        };
    }

    private static Set<Match.ConnectionState> states(String text) throws NotKnown {
        EnumSet<Match.ConnectionState> states = EnumSet.noneOf(Match.ConnectionState.class);
        for (String name : text.split(",", 8)) {
            states.add(Arrays.stream(Match.ConnectionState.values())
                    .filter(state -> state.name().equals(name))
                    .findFirst()
                    .orElseThrow(NotKnown::new));
        }
        return states;
    }

    private static boolean direction(String text) throws NotKnown {
        return switch (text) {
            case "REPLY" -> true;
            case "ORIGINAL" -> false;
            default -> throw new NotKnown();
        };
    }

    /** Ours never ask conntrack for two things: such a rule would be told in other words than it was read in. */
    private void alone() throws NotKnown {
        if (!matches.isEmpty()
                && (matches.getLast() instanceof Match.State || matches.getLast() instanceof Match.Direction)) {
            throw new NotKnown();
        }
    }

    private Cidr cidr() throws NotKnown {
        return Cidr.parse(next()).filter(c -> c.family() == family).orElseThrow(NotKnown::new);
    }

    private IdRange ids() throws NotKnown {
        return IdRange.parse(next()).orElseThrow(NotKnown::new);
    }

    private int number(int high) throws NotKnown {
        int value = Numbers.parse(next(), 0, high);
        if (value < 0) {
            throw new NotKnown();
        }
        return value;
    }

    private static long masked(String text) throws NotKnown {
        int slash = text.indexOf('/');
        if (slash >= 0 && !ALL_BITS.contains(text.substring(slash + 1))) {
            throw new NotKnown();
        }
        return mark(slash < 0 ? text : text.substring(0, slash));
    }

    private static long mark(String text) throws NotKnown {
        if (!text.startsWith("0x") || text.length() > 10 || text.length() < 3) {
            throw new NotKnown();
        }
        long value = 0;
        for (int i = 2; i < text.length(); i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0) {
                throw new NotKnown();
            }
            value = value * 16 + digit;
        }
        if (value > MAX_MARK) {
            throw new NotKnown();
        }
        return value;
    }

    private void expect(String word) throws NotKnown {
        if (!next().equals(word)) {
            throw new NotKnown();
        }
    }

    private static void plain(boolean not) throws NotKnown {
        if (not) {
            throw new NotKnown();
        }
    }

    private String next() throws NotKnown {
        String word = words.poll();
        if (word == null || word.isEmpty()) {
            throw new NotKnown();
        }
        return word;
    }
}
