package lateen.capture.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lateen.capture.model.Chain;
import lateen.capture.model.Cidr;
import lateen.capture.model.IdRange;
import lateen.capture.model.Match;
import lateen.capture.model.Protocol;
import lateen.capture.model.Rule;
import lateen.capture.model.RuleSet;
import lateen.capture.model.Table;
import lateen.capture.model.Target;
import lateen.capture.render.RuleText;
import lateen.capture.render.Sentences;

/**
 * Walks the first packet of a flow through a rule set as the kernel does. Pure; works on rules planned and on rules read
 * back. Not modelled: routing, POSTROUTING, forwarding, and replies (conntrack's state is always NEW).
 */
public final class PacketSimulator {
    // The kernel forbids loops of chains, but a text that was read may hold one.
    private static final int MAX_STEPS = 20_000;
    private static final int MAX_DEPTH = 64;

    private final RuleSet rules;

    public PacketSimulator(RuleSet rules) {
        this.rules = rules;
    }

    /** Where this packet goes. */
    public SimulatedPath simulate(Packet packet) {
        return new Walk(rules, packet).path();
    }

    /** How a chain ended. */
    private sealed interface End {
        /** Nothing decided: go on after the jump. */
        record Continue() implements End {}

        /** This table has decided to let it through. */
        record Accept() implements End {}

        record Decided(Verdict verdict) implements End {}
    }

    private static final class Walk {
        private static final End CONTINUE = new End.Continue();
        private static final End ACCEPT = new End.Accept();

        private final RuleSet rules;
        private final List<SimulatedPath.Step> steps = new ArrayList<>();
        private Packet packet;
        private Verdict verdict = new Verdict.Passed();
        private boolean certain = true;
        private int budget = MAX_STEPS;
        private long connectionMark;

        Walk(RuleSet rules, Packet packet) {
            this.rules = rules.family(packet.family());
            this.packet = packet;
        }

        SimulatedPath path() {
            boolean passes;
            if (packet.direction() == Packet.Direction.OUT) {
                passes = hook("OUTPUT", true);
                if (passes && packet.device().equals("lo")) {
                    packet = packet.arriving();
                    // A flow is translated once: what OUTPUT's nat has seen, PREROUTING's does not see again.
                    passes = hook("PREROUTING", false) && hook("INPUT", false);
                }
            } else {
                passes = hook("PREROUTING", true) && hook("INPUT", true);
            }
            return new SimulatedPath(passes ? verdict : new Verdict.Dropped(), steps, certain);
        }

        /** All tables at one hook; false when the packet is gone. */
        private boolean hook(String chain, boolean nat) {
            for (Table table : Table.values()) {
                Optional<Chain> base = table == Table.NAT && !nat
                        ? Optional.empty()
                        : rules.table(packet.family(), table).flatMap(t -> t.chain(chain));
                if (base.isEmpty()) {
                    continue;
                }
                End end = chain(table, base.get(), 0);
                if (end instanceof End.Continue
                        && base.get().policy().filter("DROP"::equals).isPresent()) {
                    return false;
                }
                if (end instanceof End.Decided(Verdict decided)) {
                    if (decided instanceof Verdict.Dropped) {
                        return false;
                    }
                    verdict = decided;
                }
            }
            return true;
        }

        private End chain(Table table, Chain chain, int depth) {
            for (Rule rule : chain.rules()) {
                if (--budget < 0 || depth > MAX_DEPTH) {
                    certain = false;
                    return ACCEPT;
                }
                switch (rule) {
                    case Rule.Opaque _ -> certain = false;
                    case Rule.Known known -> {
                        if (known.matches().stream().allMatch(this::fulfils)) {
                            step(table, chain, known);
                            if (known.target() instanceof Target.Return) {
                                return CONTINUE;
                            }
                            End end = act(table, known.target(), depth);
                            if (!(end instanceof End.Continue)) {
                                return end;
                            }
                        }
                    }
                }
            }
            return CONTINUE;
        }

        private void step(Table table, Chain chain, Rule.Known rule) {
            steps.add(new SimulatedPath.Step(
                    table, chain.name(), RuleText.line(chain.name(), rule), Sentences.conditions(rule)));
        }

        private End act(Table table, Target target, int depth) {
            return switch (target) {
                case Target.Return _ -> CONTINUE;
                case Target.Accept _ -> ACCEPT;
                case Target.Drop _ -> new End.Decided(new Verdict.Dropped());
                case Target.Jump(String name) ->
                    rules.table(packet.family(), table)
                            .flatMap(t -> t.chain(name))
                            .map(next -> chain(table, next, depth + 1))
                            .orElseGet(this::unknown);
                case Target.Redirect(int port) -> {
                    packet = packet.redirected(port);
                    yield new End.Decided(new Verdict.Redirected(port));
                }
                case Target.Tproxy tproxy -> {
                    packet = packet.marked(tproxy.mark());
                    yield new End.Decided(new Verdict.Intercepted(tproxy.port()));
                }
                case Target.SetMark(long mark) -> {
                    packet = packet.marked(mark);
                    yield CONTINUE;
                }
                case Target.SaveMark _ -> {
                    connectionMark = packet.mark();
                    yield CONTINUE;
                }
                case Target.RestoreMark _ -> {
                    packet = packet.marked(connectionMark);
                    yield CONTINUE;
                }
                case Target.ConntrackZone _ -> CONTINUE;
            };
        }

        private End unknown() {
            certain = false;
            return CONTINUE;
        }

        private boolean fulfils(Match match) {
            boolean out = packet.direction() == Packet.Direction.OUT;
            return switch (match) {
                case Match.Source(Cidr range, boolean not) -> range.contains(packet.source()) != not;
                case Match.Destination(Cidr range, boolean not) -> range.contains(packet.destination()) != not;
                case Match.InInterface(String name, boolean not) -> (!out && named(name)) != not;
                case Match.OutInterface(String name, boolean not) -> (out && named(name)) != not;
                case Match.Transport(Protocol protocol) -> packet.protocol() == protocol;
                case Match.SourcePort(Protocol protocol, int port, boolean not) ->
                    packet.protocol() == protocol && (packet.sourcePort() == port) != not;
                case Match.DestinationPort(Protocol protocol, int port, boolean not) ->
                    packet.protocol() == protocol && (packet.destinationPort() == port) != not;
                case Match.User(IdRange ids, boolean not) -> out && ids.contains(packet.uid()) != not;
                case Match.Group(IdRange ids, boolean not) -> out && ids.contains(packet.gid()) != not;
                case Match.Mark(long mark, boolean not) -> (packet.mark() == mark) != not;
                case Match.ConnectionMark(long mark, boolean not) -> (connectionMark == mark) != not;
                case Match.State(var states) -> states.contains(Match.ConnectionState.NEW);
            };
        }

        private boolean named(String name) {
            return name.endsWith("+")
                    ? packet.device().startsWith(name.substring(0, name.length() - 1))
                    : packet.device().equals(name);
        }
    }
}
