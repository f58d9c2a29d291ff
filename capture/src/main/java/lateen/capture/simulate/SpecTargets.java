package lateen.capture.simulate;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import lateen.capture.model.Cidr;
import lateen.capture.model.Clause;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Numbers;

/** What a rule's text does: its target with the target's options (iptables-extensions(8)). Confined to one thread. */
final class SpecTargets {
    private static final long ALL = Clause.NumberIs.ALL;

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
    private final SpecWords words;

    private SpecTargets(IpFamily family, SpecWords words) {
        this.family = family;
        this.words = words;
    }

    /** Reads the words after {@code -j NAME} to the end; what is not understood is an unknown action. */
    static Clause of(IpFamily family, SpecWords words, String name) {
        int begin = words.place();
        Optional<Clause> known = new SpecTargets(family, words).target(name);
        if (known.isPresent() && words.atEnd()) {
            return known.get();
        }
        words.skipAll();
        return new Clause.UnknownAction(("-j " + name + " " + words.since(begin)).strip());
    }

    private Optional<Clause> target(String name) {
        if (HARMLESS.contains(name)) {
            String text = name.toLowerCase(Locale.ROOT);
            words.skipAll();
            return Optional.of(new Clause.Note(text));
        }
        return switch (name) {
            case "RETURN" -> Optional.of(new Clause.Return());
            case "ACCEPT" -> Optional.of(new Clause.Accept());
            case "DROP" -> Optional.of(new Clause.Drop());
            case "REJECT" -> {
                words.skipAll();
                yield Optional.of(new Clause.Reject());
            }
            case "NOTRACK" -> Optional.of(new Clause.Untrack());
            case "REDIRECT" -> redirect();
            case "DNAT" -> dnat();
            case "SNAT" -> snat();
            case "MASQUERADE" -> {
                words.skipAll();
                yield Optional.of(new Clause.Snat(Optional.empty()));
            }
            case "TPROXY" -> tproxy();
            case "MARK" -> setMark(false);
            case "CONNMARK" -> connectionMark();
            case "CT" -> conntrack();
            default -> words.atEnd() && isChain(name) ? Optional.of(new Clause.Jump(name, false)) : Optional.empty();
        };
    }

    private static boolean isChain(String name) {
        return !Set.of("QUEUE", "NFQUEUE", "NETMAP", "SET", "SYNPROXY", "CLUSTERIP", "")
                .contains(name);
    }

    private Optional<Clause> redirect() {
        if (words.atEnd()) {
            return Optional.of(new Clause.Redirect(OptionalInt.empty()));
        }
        int port = words.take("--to-ports") ? Numbers.parse(words.next(), 0, 65535) : -1;
        return port < 0 ? Optional.empty() : Optional.of(new Clause.Redirect(OptionalInt.of(port)));
    }

    /** {@code 1.2.3.4}, {@code 1.2.3.4:80}, {@code :80}, {@code [fd00::1]:80}; ranges are chance. */
    private Optional<Clause> dnat() {
        if (!words.take("--to-destination")) {
            return Optional.empty();
        }
        String text = words.next();
        words.take("--random");
        words.take("--persistent");
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
        return words.take("--to-source")
                ? Cidr.parseAddress(words.next())
                        .filter(a -> a.getAddress().length * 8 == family.bits())
                        .map(a -> new Clause.Snat(Optional.of(a)))
                : Optional.empty();
    }

    private Optional<Clause> tproxy() {
        int port = -1;
        Optional<Clause.SetMark> mark = Optional.empty();
        while (!words.atEnd()) {
            switch (words.next()) {
                case "--on-port" -> port = Numbers.parse(words.next(), 1, 65535);
                case "--on-ip" -> {
                    if (!words.next().equals(family.any())) {
                        return Optional.empty();
                    }
                }
                case "--tproxy-mark" -> {
                    Optional<long[]> value = words.nextMasked();
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
        if (!words.take("--set-xmark")) {
            return Optional.empty();
        }
        return words.nextMasked().map(v -> new Clause.SetMark(connection, ALL & ~v[1], v[0]));
    }

    private Optional<Clause> connectionMark() {
        if (words.isNext("--set-xmark")) {
            return setMark(true);
        }
        String operation = words.next();
        long packet = ALL;
        long connection = ALL;
        while (!words.atEnd()) {
            String option = words.next();
            Optional<Long> mask = words.nextNumber();
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
        if (words.take("--notrack")) {
            return Optional.of(new Clause.Untrack());
        }
        int zone = words.take("--zone") ? Numbers.parse(words.next(), 0, 65535) : -1;
        return zone < 0 ? Optional.empty() : Optional.of(new Clause.Zone(zone));
    }
}
