package lateen.capture.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import lateen.capture.model.Clause;
import lateen.capture.model.IpFamily;

/** Statements of nft's JSON that change a packet or say where it goes (libnftables-json(5)); see {@link NftExpressions}. */
final class NftStatements {
    private static final long ALL = Clause.NumberIs.ALL;

    private NftStatements() {}

    /** With an answer of one family's protocol the rule is for that family; nft does not list the condition that says so. */
    static List<Clause> reject(Json.Value body) {
        List<Clause> clauses = new ArrayList<>(family(
                switch (body.text("type")) {
                    case "icmp" -> "ip";
                    case "icmpv6" -> "ip6";
                    default -> "";
                }));
        clauses.add(new Clause.Reject());
        return clauses;
    }

    static List<Clause> redirect(Json.Value body) {
        return translation("redirect", body, port -> new Clause.Redirect(port));
    }

    private static List<Clause> translation(String name, Json.Value body, Function<OptionalInt, Clause> clause) {
        Optional<Json.Value> port = body.get("port");
        long number = port.map(NftExpressions::number).orElse(0L);
        return number < 0 || number > 65535
                ? List.of(new Clause.UnknownAction(name + " to a port that is not fixed"))
                : List.of(clause.apply(port.isPresent() ? OptionalInt.of((int) number) : OptionalInt.empty()));
    }

    static List<Clause> dnat(Json.Value body) {
        Optional<Json.Value> to = body.get("addr");
        Optional<java.net.InetAddress> address = to.flatMap(NftExpressions::address);
        if (to.isPresent() && address.isEmpty()) {
            return List.of(new Clause.UnknownAction("dnat to an address that is not fixed"));
        }
        List<Clause> clauses = new ArrayList<>(family(body.text("family")));
        clauses.addAll(translation("dnat", body, port -> new Clause.Dnat(address, port)));
        return clauses;
    }

    static List<Clause> snat(Json.Value body) {
        Optional<java.net.InetAddress> address = body.get("addr").flatMap(NftExpressions::address);
        if (address.isEmpty()) {
            return List.of(new Clause.UnknownAction("snat to an address that is not fixed"));
        }
        List<Clause> clauses = new ArrayList<>(family(body.text("family")));
        clauses.add(new Clause.Snat(address));
        return clauses;
    }

    /** {@code dnat ip to …} is for that family alone. */
    private static List<Clause> family(String text) {
        return switch (text) {
            case "ip" -> List.of(family(4));
            case "ip6" -> List.of(family(6));
            default -> List.of();
        };
    }

    private static Clause family(long version) {
        return new Clause.NumberIs(
                Clause.Key.FAMILY, ALL, List.of(Clause.Span.one(version)), false, Optional.empty(), true);
    }

    static List<Clause> tproxy(Json.Value body) {
        long port = body.get("port").map(NftExpressions::number).orElse(-1L);
        Optional<IpFamily> family = switch (body.text("family")) {
            case "ip" -> Optional.of(IpFamily.IPV4);
            case "ip6" -> Optional.of(IpFamily.IPV6);
            default -> Optional.empty();
        };
        return port < 1 || port > 65535 || body.get("addr").isPresent()
                ? List.of(new Clause.UnknownAction("tproxy to another address"))
                : List.of(new Clause.Tproxy(family, (int) port, Optional.empty(), false));
    }

    static List<Clause> mangle(Json.Value body) {
        String meta = body.get("key")
                .flatMap(k -> k.get("meta"))
                .map(m -> m.text("key"))
                .orElse("");
        String ct = body.get("key")
                .flatMap(k -> k.get("ct"))
                .map(m -> m.text("key"))
                .orElse("");
        Optional<Json.Value> value = body.get("value");
        if (value.isEmpty()) {
            return List.of(new Clause.UnknownAction("a change without a value"));
        }
        if (meta.equals("mark") || ct.equals("mark")) {
            return mark(ct.equals("mark"), value.get())
                    .map(List::of)
                    .orElse(List.of(new Clause.UnknownAction("a mark that is worked out")));
        }
        if (ct.equals("zone")) {
            long zone = NftExpressions.number(value.get());
            return List.of(zone < 0 ? new Clause.UnknownAction("ct zone") : new Clause.Zone((int) zone));
        }
        return meta.isEmpty() && ct.isEmpty()
                ? List.of(new Clause.UnknownAction("a change of the packet"))
                : List.of(new Clause.Note("sets " + meta + ct));
    }

    private static Optional<Clause> mark(boolean connection, Json.Value value) {
        long plain = NftExpressions.number(value);
        if (plain >= 0) {
            return Optional.of(new Clause.SetMark(connection, 0, plain));
        }
        if (isMark(value, connection ? "meta" : "ct")) {
            return Optional.of(new Clause.CopyMark(connection, 0, ALL));
        }
        for (String op : List.of("|", "&", "^")) {
            List<Json.Value> both = value.get(op).map(Json.Value::elements).orElse(List.of());
            long operand = both.size() == 2 ? NftExpressions.number(both.get(1)) : -1;
            if (operand >= 0 && isMark(both.getFirst(), connection ? "ct" : "meta")) {
                return Optional.of(
                        switch (op) {
                            case "|" -> new Clause.SetMark(connection, ALL & ~operand, operand);
                            case "&" -> new Clause.SetMark(connection, operand, 0);
                            default -> new Clause.SetMark(connection, ALL, operand);
                        });
            }
        }
        return Optional.empty();
    }

    private static boolean isMark(Json.Value value, String kind) {
        return value.get(kind).filter(v -> v.text("key").equals("mark")).isPresent();
    }
}
