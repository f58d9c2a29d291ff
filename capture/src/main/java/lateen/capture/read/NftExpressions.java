package lateen.capture.read;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import lateen.capture.model.Cidr;
import lateen.capture.model.Clause;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.Numbers;
import lateen.capture.model.Protocol;

/**
 * Expressions of nft's JSON as clauses (libnftables-json(5)); statements with more than a name are {@link NftStatements}'. What is not understood becomes an unknown
 * condition, or an unknown action where it could end the packet.
 */
final class NftExpressions {
    private static final long ALL = Clause.NumberIs.ALL;
    private static final Map<String, Integer> PROTOCOLS =
            Map.of("icmp", 1, "tcp", 6, "udp", 17, "ipv6-icmp", 58, "icmpv6", 58, "sctp", 132);
    private static final Set<String> NOTES = Set.of("counter", "log", "comment", "secmark", "flow", "ct count");

    private final Function<String, Optional<Json.Value>> sets;

    /** @param sets finds a named set of the table */
    NftExpressions(Function<String, Optional<Json.Value>> sets) {
        this.sets = sets;
    }

    List<Clause> clauses(Json.Value expression) {
        Optional<Map.Entry<String, Json.Value>> only = expression.only();
        if (only.isEmpty()) {
            return List.of(new Clause.UnknownAction("an expression of an unknown form"));
        }
        String name = only.get().getKey();
        Json.Value body = only.get().getValue();
        return switch (name) {
            case "match" -> match(body);
            case "accept" -> List.of(new Clause.Accept());
            case "drop" -> List.of(new Clause.Drop());
            case "reject" -> NftStatements.reject(body);
            case "return" -> List.of(new Clause.Return());
            case "continue" -> List.of();
            case "jump", "goto" -> List.of(new Clause.Jump(body.text("target"), name.equals("goto")));
            case "redirect" -> NftStatements.redirect(body);
            case "dnat" -> NftStatements.dnat(body);
            case "snat" -> NftStatements.snat(body);
            case "masquerade" -> List.of(new Clause.Snat(Optional.empty()));
            case "tproxy" -> NftStatements.tproxy(body);
            case "mangle" -> NftStatements.mangle(body);
            case "notrack" -> List.of(new Clause.Untrack());
            case "limit", "quota" -> List.of(new Clause.UnknownCondition(name));
            default -> NOTES.contains(name) ? List.of(new Clause.Note(name)) : List.of(new Clause.UnknownAction(name));
        };
    }

    private List<Clause> match(Json.Value body) {
        Optional<Clause> known = condition(body);
        return List.of(known.orElseGet(() -> new Clause.UnknownCondition(describe(body))));
    }

    private static String describe(Json.Value body) {
        return body.get("left").flatMap(Json.Value::only).map(Map.Entry::getKey).orElse("match") + " "
                + body.get("left")
                        .flatMap(Json.Value::only)
                        .map(e -> e.getValue().text("key") + e.getValue().text("field"))
                        .orElse("");
    }

    private Optional<Clause> condition(Json.Value body) {
        String op = body.text("op");
        boolean not = op.equals("!=");
        Optional<Json.Value> right = body.get("right");
        Optional<Map.Entry<String, Json.Value>> left = body.get("left").flatMap(Json.Value::only);
        if (right.isEmpty() || left.isEmpty() || !Set.of("==", "!=", "in").contains(op)) {
            return Optional.empty();
        }
        Json.Value on = left.get().getValue();
        return switch (left.get().getKey()) {
            case "meta" -> op.equals("in") ? Optional.empty() : meta(on.text("key"), ALL, right.get(), not);
            case "payload" -> op.equals("in") ? flags(on, right.get()) : payload(on, right.get(), not);
            case "ct" -> conntrack(on, right.get(), not);
            case "fib" -> fib(on, right.get(), not);
            case "&" -> op.equals("in") ? Optional.empty() : masked(on, right.get(), not);
            default -> Optional.empty();
        };
    }

    private Optional<Clause> masked(Json.Value operands, Json.Value right, boolean not) {
        List<Json.Value> both = operands.elements();
        long mask = both.size() == 2 ? number(both.get(1)) : -1;
        if (mask < 0) {
            return Optional.empty();
        }
        Optional<Json.Value> meta = both.getFirst().get("meta");
        if (meta.isPresent() && meta.get().text("key").equals("mark")) {
            return meta("mark", mask, right, not);
        }
        Optional<Json.Value> ct = both.getFirst().get("ct");
        return ct.isPresent() && ct.get().text("key").equals("mark")
                ? numbers(Clause.Key.CONNECTION_MARK, mask, right, not, Optional.empty())
                : Optional.empty();
    }

    private Optional<Clause> meta(String key, long mask, Json.Value right, boolean not) {
        return switch (key) {
            case "l4proto" -> numbers(Clause.Key.PROTOCOL, mask, right, not, Optional.empty());
            case "nfproto" -> numbers(Clause.Key.FAMILY, mask, right, not, Optional.empty());
            case "skuid" -> numbers(Clause.Key.USER, mask, right, not, Optional.empty());
            case "skgid" -> numbers(Clause.Key.GROUP, mask, right, not, Optional.empty());
            case "mark" -> numbers(Clause.Key.MARK, mask, right, not, Optional.empty());
            case "iifname", "iif" -> devices(true, right, not);
            case "oifname", "oif" -> devices(false, right, not);
            default -> Optional.empty();
        };
    }

    private Optional<Clause> payload(Json.Value on, Json.Value right, boolean not) {
        String protocol = on.text("protocol");
        String field = on.text("field");
        Optional<Protocol> transport = switch (protocol) {
            case "tcp" -> Optional.of(Protocol.TCP);
            case "udp" -> Optional.of(Protocol.UDP);
            default -> Optional.empty();
        };
        boolean ports = transport.isPresent() || protocol.equals("th");
        return switch (field) {
            case "sport" -> ports ? numbers(Clause.Key.SOURCE_PORT, ALL, right, not, transport) : Optional.empty();
            case "dport" -> ports ? numbers(Clause.Key.DESTINATION_PORT, ALL, right, not, transport) : Optional.empty();
            case "saddr", "daddr" ->
                switch (protocol) {
                    case "ip" -> addresses(field.equals("saddr"), IpFamily.IPV4, right, not);
                    case "ip6" -> addresses(field.equals("saddr"), IpFamily.IPV6, right, not);
                    default -> Optional.empty();
                };
            case "protocol", "nexthdr" -> numbers(Clause.Key.PROTOCOL, ALL, right, not, Optional.empty());
            default -> Optional.empty();
        };
    }

    /** {@code tcp flags syn}: true of a connection's first packet, which has SYN alone. */
    private static Optional<Clause> flags(Json.Value on, Json.Value right) {
        return on.text("protocol").equals("tcp")
                        && on.text("field").equals("flags")
                        && right.text().filter("syn"::equals).isPresent()
                ? Optional.of(new Clause.NumberIs(
                        Clause.Key.PROTOCOL, ALL, List.of(Clause.Span.one(6)), false, Optional.empty(), true))
                : Optional.empty();
    }

    private Optional<Clause> conntrack(Json.Value on, Json.Value right, boolean not) {
        if (on.text("key").equals("mark")) {
            return numbers(Clause.Key.CONNECTION_MARK, ALL, right, not, Optional.empty());
        }
        if (on.text("key").equals("direction")) {
            return right.text()
                    .filter(Set.of("original", "reply")::contains)
                    .map(way -> new Clause.DirectionIs(way.equals("reply"), not));
        }
        if (!on.text("key").equals("state")) {
            return Optional.empty();
        }
        EnumSet<Match.ConnectionState> states = EnumSet.noneOf(Match.ConnectionState.class);
        for (Json.Value value : values(right)) {
            Optional<Match.ConnectionState> state = value.text()
                    .flatMap(name -> java.util.Arrays.stream(Match.ConnectionState.values())
                            .filter(s -> s.name().equals(name.toUpperCase(Locale.ROOT)))
                            .findFirst());
            if (state.isEmpty()) {
                return Optional.empty();
            }
            states.add(state.get());
        }
        return Optional.of(new Clause.StateIs(states, not));
    }

    private static Optional<Clause> fib(Json.Value on, Json.Value right, boolean not) {
        List<String> flags =
                on.get("flags").map(f -> f.elements().isEmpty() ? List.of(f) : f.elements()).orElse(List.of()).stream()
                        .flatMap(v -> v.text().stream())
                        .toList();
        boolean known = on.text("result").equals("type")
                && flags.size() == 1
                && Set.of("saddr", "daddr").contains(flags.getFirst())
                && right.text().filter("local"::equals).isPresent();
        return known ? Optional.of(new Clause.AddressIsLocal(flags.getFirst().equals("saddr"), not)) : Optional.empty();
    }

    /** The values of the right side: one, a list, an anonymous set, or a named set's. */
    private List<Json.Value> values(Json.Value right) {
        if (right instanceof Json.Arr(var elements)) {
            return elements;
        }
        Optional<Json.Value> set = right.get("set");
        if (set.isPresent()) {
            return set.get() instanceof Json.Arr(var elements) ? elements : List.of(set.get());
        }
        Optional<String> name = right.text().filter(t -> t.startsWith("@"));
        if (name.isPresent()) {
            Optional<Json.Value> found = sets.apply(name.get().substring(1));
            // What the kernel adds by itself or forgets in time is not to be foreseen.
            boolean steady = found.isPresent()
                    && found.get().get("flags").map(Json.Value::elements).orElse(List.of()).stream()
                            .noneMatch(f -> f.text()
                                    .filter(t -> Set.of("dynamic", "timeout").contains(t))
                                    .isPresent());
            return steady
                    ? found.get().get("elem").map(Json.Value::elements).orElse(List.of())
                    : List.of(new Json.Null());
        }
        return List.of(right);
    }

    private Optional<Clause> numbers(
            Clause.Key key, long mask, Json.Value right, boolean not, Optional<Protocol> protocol) {
        List<Clause.Span> spans = new ArrayList<>();
        for (Json.Value value : values(right)) {
            List<Json.Value> range =
                    value.get("range").map(Json.Value::elements).orElse(List.of());
            long low = range.size() == 2 ? number(range.getFirst()) : number(value);
            long high = range.size() == 2 ? number(range.getLast()) : low;
            if (low < 0 || high < low) {
                return Optional.empty();
            }
            spans.add(new Clause.Span(low, high));
        }
        return Optional.of(new Clause.NumberIs(key, mask, spans, not, protocol, true));
    }

    /** A number, also by the name of a protocol or family; below 0 for anything else. */
    static long number(Json.Value value) {
        return value.text()
                .map(text -> {
                    Integer protocol = PROTOCOLS.get(text);
                    return switch (text) {
                        case "ipv4" -> 4L;
                        case "ipv6" -> 6L;
                        default -> protocol != null ? (long) protocol : Numbers.parseLong(text, 0, ALL);
                    };
                })
                .orElse(-1L);
    }

    private Optional<Clause> devices(boolean in, Json.Value right, boolean not) {
        List<String> patterns = new ArrayList<>();
        for (Json.Value value : values(right)) {
            if (!(value instanceof Json.Str(String name)) || name.endsWith("\\*")) {
                return Optional.empty();
            }
            patterns.add(name);
        }
        return Optional.of(new Clause.DeviceIs(in, patterns, not));
    }

    private Optional<Clause> addresses(boolean source, IpFamily family, Json.Value right, boolean not) {
        List<Clause.AddressSpan> spans = new ArrayList<>();
        for (Json.Value value : values(right)) {
            Optional<Clause.AddressSpan> span = span(value);
            if (span.isEmpty() || span.get().low().getAddress().length * 8 != family.bits()) {
                return Optional.empty();
            }
            spans.add(span.get());
        }
        return Optional.of(new Clause.AddressIn(source, family, spans, not));
    }

    private static Optional<Clause.AddressSpan> span(Json.Value value) {
        Optional<Json.Value> prefix = value.get("prefix");
        if (prefix.isPresent()) {
            return Cidr.parse(prefix.get().text("addr") + "/" + prefix.get().text("len"))
                    .map(Clause.AddressSpan::of);
        }
        List<Json.Value> range = value.get("range").map(Json.Value::elements).orElse(List.of());
        if (range.size() == 2) {
            return address(range.getFirst())
                    .flatMap(low -> address(range.getLast())
                            .filter(high -> high.getAddress().length == low.getAddress().length)
                            .map(high -> new Clause.AddressSpan(low, high)));
        }
        return address(value).map(a -> new Clause.AddressSpan(a, a));
    }

    static Optional<java.net.InetAddress> address(Json.Value value) {
        return value.text().flatMap(Cidr::parseAddress);
    }
}
