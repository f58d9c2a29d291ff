package lateen.capture.simulate;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import lateen.capture.model.Cidr;
import lateen.capture.model.Clause;
import lateen.capture.model.Hook;
import lateen.capture.model.HookChain;
import lateen.capture.model.HookRule;
import lateen.capture.model.Netfilter;

/** A packet within one base chain and those that it leads to. Confined to one thread. */
final class ChainWalk {
    // The kernel forbids loops of chains, but a text that was read may hold one.
    private static final int MAX_STEPS = 20_000;
    private static final int MAX_DEPTH = 64;

    /** How a chain ended. */
    private enum End {
        /** Nothing decided: the chain that led here goes on. */
        BACK,
        /** Let through by this base chain. */
        ACCEPTED,
        /** See {@link #verdict}. */
        ENDED
    }

    private final PacketState packet;
    private final List<Explanation.Event> events;
    private final List<Boolean> choices;
    private int doubts;
    private int budget = MAX_STEPS;
    private boolean exhausted;
    private Optional<Verdict> verdict = Optional.empty();
    private boolean translation;
    private boolean redirected;
    private boolean translated;
    private int transparentPort;

    /** @param choices whether the first rules that are not understood match; those after them do not */
    ChainWalk(PacketState packet, List<Explanation.Event> events, List<Boolean> choices) {
        this.packet = packet;
        this.events = events;
        this.choices = choices;
    }

    int doubts() {
        return doubts;
    }

    boolean exhausted() {
        return exhausted;
    }

    boolean redirected() {
        return redirected;
    }

    boolean translated() {
        return translated;
    }

    int transparentPort() {
        return transparentPort;
    }

    /** Whether an address was translated since the last call. */
    boolean takeTranslation() {
        boolean was = translation;
        translation = false;
        return was;
    }

    /** Goes through a base chain; empty when the packet goes on. */
    Optional<Verdict> base(Netfilter.Called call) {
        events.add(new Explanation.Entered(call.table(), call.chain()));
        End end = chain(call, call.chain(), 0);
        if (end == End.ENDED) {
            return verdict;
        }
        if (end == End.ACCEPTED) {
            return Optional.empty();
        }
        events.add(
                new Explanation.Policy(call.table(), call.chain(), call.base().drops()));
        return call.base().drops() ? Optional.of(new Verdict.Dropped()) : Optional.empty();
    }

    private End chain(Netfilter.Called call, HookChain chain, int depth) {
        for (HookRule rule : chain.rules()) {
            if (--budget < 0 || depth > MAX_DEPTH) {
                exhausted = true;
                return End.ACCEPTED;
            }
            Optional<End> end = rule(call, chain, rule, depth);
            if (end.isPresent()) {
                return end.get();
            }
        }
        return End.BACK;
    }

    /** One rule; empty when the next one is to be looked at. */
    private Optional<End> rule(Netfilter.Called call, HookChain chain, HookRule rule, int depth) {
        Answer answer = matches(rule);
        boolean chosen = answer.is() == Answer.Is.YES || (answer.is() == Answer.Is.UNKNOWN && choose());
        events.add(new Explanation.Looked(
                depth,
                call.table(),
                chain,
                rule,
                switch (answer.is()) {
                    case YES -> Explanation.Match.MATCH;
                    case NO -> Explanation.Match.NO_MATCH;
                    case UNKNOWN -> Explanation.Match.UNKNOWN;
                },
                answer.words()));
        return effects(call, rule, depth, chosen);
    }

    /**
     * What a rule does. In nft an action stands before later conditions and is done even when those fail.
     *
     * @param chosen whether conditions that are not understood hold
     */
    private Optional<End> effects(Netfilter.Called call, HookRule rule, int depth, boolean chosen) {
        for (Clause clause : rule.clauses()) {
            switch (clause) {
                case Clause.Condition condition -> {
                    Answer answer = packet.fulfils(condition);
                    if (answer.is() == Answer.Is.NO || (answer.is() == Answer.Is.UNKNOWN && !chosen)) {
                        return Optional.empty();
                    }
                }
                case Clause.Action action -> {
                    Step step = act(call, action, depth);
                    if (step instanceof Step.Leave(End end)) {
                        return Optional.of(end);
                    }
                    if (step instanceof Step.NextRule) {
                        return Optional.empty();
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** The conditions alone, on the packet as it is: the first that fails, else the first that is not understood. */
    private Answer matches(HookRule rule) {
        Answer doubt = Answer.YES;
        for (Clause clause : rule.clauses()) {
            if (clause instanceof Clause.Condition condition) {
                Answer answer = packet.fulfils(condition);
                if (answer.is() == Answer.Is.NO) {
                    return answer;
                }
                if (answer.is() == Answer.Is.UNKNOWN && doubt.is() == Answer.Is.YES) {
                    doubt = answer;
                }
            }
        }
        return doubt;
    }

    private boolean choose() {
        int at = doubts++;
        return at < choices.size() && choices.get(at);
    }

    /** What comes after an action. */
    private sealed interface Step {
        record NextAction() implements Step {}

        record NextRule() implements Step {}

        record Leave(End end) implements Step {}
    }

    private static final Step GO_ON = new Step.NextAction();

    private Step act(Netfilter.Called call, Clause.Action action, int depth) {
        return switch (action) {
            case Clause.Accept _ -> new Step.Leave(End.ACCEPTED);
            case Clause.Drop _ -> ends(new Verdict.Dropped());
            case Clause.Reject _ -> ends(new Verdict.Rejected());
            case Clause.Return _ -> new Step.Leave(End.BACK);
            case Clause.Jump(String name, boolean forGood) -> jump(call, name, forGood, depth);
            case Clause.Redirect(OptionalInt port) -> redirect(call.base().hook(), port);
            case Clause.Dnat(Optional<InetAddress> address, OptionalInt port) -> {
                translated = true;
                yield translate(address.orElse(packet.destination), port);
            }
            case Clause.Snat(Optional<InetAddress> address) -> {
                Optional<InetAddress> source =
                        address.or(() -> packet.network.firstAddress(packet.outDevice, packet.family));
                source.ifPresent(s -> packet.source = s);
                happened("source is now " + source.map(Cidr::addressText).orElse("an address of the interface"));
                translation = true;
                yield new Step.Leave(End.ACCEPTED);
            }
            case Clause.Tproxy tproxy -> tproxy(tproxy);
            case Clause.SetMark set -> {
                setMark(set);
                yield GO_ON;
            }
            case Clause.CopyMark(boolean toConnection, long keep, long take) -> {
                if (packet.tracked && !packet.untracked) {
                    if (toConnection) {
                        packet.connectionMark = (packet.connectionMark & keep) ^ (packet.mark & take);
                    } else {
                        packet.mark = (packet.mark & keep) ^ (packet.connectionMark & take);
                    }
                }
                yield GO_ON;
            }
            case Clause.Untrack _ -> {
                packet.untracked |= !packet.tracked;
                yield GO_ON;
            }
            case Clause.Zone _, Clause.Note _ -> GO_ON;
            case Clause.UnknownAction(String text) -> choose() ? ends(new Verdict.Unknown(text)) : GO_ON;
        };
    }

    private Step ends(Verdict with) {
        verdict = Optional.of(with);
        return new Step.Leave(End.ENDED);
    }

    private Step jump(Netfilter.Called call, String name, boolean forGood, int depth) {
        Optional<HookChain> target = call.table().chain(name);
        if (target.isEmpty()) {
            return choose() ? ends(new Verdict.Unknown("chain " + name + ", which is not there")) : GO_ON;
        }
        End end = chain(call, target.get(), depth + 1);
        return switch (end) {
            // Back to the caller's caller, as from a return.
            case BACK -> forGood ? new Step.Leave(End.BACK) : GO_ON;
            case ACCEPTED, ENDED -> new Step.Leave(end);
        };
    }

    private Step redirect(Hook hook, OptionalInt port) {
        redirected = true;
        if (hook == Hook.OUTPUT) {
            return translate(Walk.loopback(packet.family), port);
        }
        Optional<InetAddress> own = packet.network.known()
                ? packet.network.firstAddress(packet.inDevice, packet.family)
                : Optional.of(packet.destination);
        if (own.isEmpty()) {
            happened("redirected, but " + packet.inDevice + " has no address: dropped");
            return ends(new Verdict.Dropped());
        }
        return translate(own.get(), port);
    }

    private Step translate(InetAddress address, OptionalInt port) {
        packet.destination = address;
        packet.destinationPort = port.orElse(packet.destinationPort);
        translation = true;
        happened("destination is now " + endpoint(address, packet.destinationPort));
        return new Step.Leave(End.ACCEPTED);
    }

    private Step tproxy(Clause.Tproxy tproxy) {
        if (tproxy.family().isPresent() && tproxy.family().get() != packet.family) {
            return new Step.NextRule();
        }
        boolean listens = packet.network.listeners().isEmpty()
                || !packet.network
                        .listenersAt(packet.protocol, packet.destination, tproxy.port())
                        .isEmpty();
        if (!listens) {
            happened("nobody listens on port " + tproxy.port());
            return tproxy.ends() ? ends(new Verdict.Dropped()) : new Step.NextRule();
        }
        transparentPort = tproxy.port();
        tproxy.mark().ifPresent(this::setMark);
        happened("given to the transparent listener on port " + tproxy.port());
        return tproxy.ends() ? new Step.Leave(End.ACCEPTED) : GO_ON;
    }

    private void setMark(Clause.SetMark set) {
        if (!set.connection()) {
            packet.mark = set.apply(packet.mark);
            happened("mark is now " + packet.mark);
        } else if (packet.tracked && !packet.untracked) {
            packet.connectionMark = set.apply(packet.connectionMark);
        }
    }

    private void happened(String text) {
        events.add(new Explanation.Happened(text));
    }

    static String endpoint(InetAddress address, int port) {
        String text = Cidr.addressText(address);
        return (address.getAddress().length == 4 ? text : "[" + text + "]") + ":" + port;
    }
}
