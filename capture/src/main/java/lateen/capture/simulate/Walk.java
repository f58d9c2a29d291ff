package lateen.capture.simulate;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lateen.capture.model.Cidr;
import lateen.capture.model.Hook;
import lateen.capture.model.HookChain;
import lateen.capture.model.HostNetwork;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Netfilter;

/**
 * One packet's way: hooks, translation and routing between them. The order is that of the kernel's {@code ip_output},
 * {@code ip_rcv} and {@code nf_nat_inet_fn}. Confined to one thread.
 */
final class Walk {
    private static final int CONNTRACK = -200;

    private final Netfilter rules;
    private final HostNetwork network;
    private final Packet packet;
    private final List<Explanation.Event> events = new ArrayList<>();
    private final PacketState state;
    private final ChainWalk chains;
    private boolean destinationDone;
    private boolean sourceDone;
    private Optional<Verdict> end = Optional.empty();
    private boolean here;
    private String leavesBy = "";

    Walk(Netfilter rules, HostNetwork network, Packet packet, List<Boolean> choices) {
        this.rules = rules;
        this.network = network;
        this.packet = packet;
        this.state = new PacketState(packet, network);
        this.chains = new ChainWalk(state, events, choices);
    }

    void run() {
        if (packet.direction() == Packet.Direction.OUT) {
            sent();
        } else {
            arrived();
        }
    }

    List<Explanation.Event> events() {
        return events;
    }

    int doubts() {
        return chains.doubts();
    }

    boolean exhausted() {
        return chains.exhausted();
    }

    Verdict verdict() {
        return end.orElseGet(() -> chains.transparentPort() > 0 && here
                ? new Verdict.Intercepted(chains.transparentPort())
                : chains.redirected()
                        ? new Verdict.Redirected(state.destinationPort)
                        : chains.translated()
                                ? new Verdict.Translated(state.destination, state.destinationPort)
                                : new Verdict.Passed());
    }

    Explanation.Arrival arrival() {
        return new Explanation.Arrival(
                state.source,
                state.destination,
                state.destinationPort,
                state.mark,
                here,
                leavesBy,
                here ? chains.transparentPort() : 0);
    }

    private void sent() {
        String device = state.outDevice;
        happened("sent by user " + state.uid + ", group " + state.gid + ", by way of " + device);
        // During one hook the kernel keeps showing rules the interface of before.
        String[] route = {device};
        if (!hook(Hook.OUTPUT, route)) {
            return;
        }
        state.outDevice = route[0];
        if (!hook(Hook.POSTROUTING, route)) {
            return;
        }
        if (!state.outDevice.equals("lo")) {
            leavesBy = state.outDevice;
            return;
        }
        happened("comes round over lo");
        state.inDevice = "lo";
        state.outDevice = "";
        state.owned = false;
        // What is looped back keeps its route: it is for this host.
        if (hook(Hook.PREROUTING, route)) {
            delivered(route);
        }
    }

    private void arrived() {
        happened("arrives on " + state.inDevice);
        String[] route = {""};
        if (!hook(Hook.PREROUTING, route)) {
            return;
        }
        if (!network.known()) {
            delivered(route);
            return;
        }
        if (state.destination.isLoopbackAddress() && !network.carries(state.destination, state.inDevice)) {
            drop("routing: a loopback address from outside is not believed");
            return;
        }
        Optional<HostNetwork.Route> found = network.route(state.destination, state.mark);
        if (found.isEmpty()) {
            drop("routing: there is no route to " + Cidr.addressText(state.destination));
        } else if (found.get().local()) {
            happened("routing: for this host (table " + found.get().table() + ")");
            delivered(route);
        } else {
            forwarded(found.get(), route);
        }
    }

    private void forwarded(HostNetwork.Route found, String[] route) {
        if (found.device().isEmpty() || !network.forwards().contains(state.family)) {
            drop(
                    found.device().isEmpty()
                            ? "routing: " + found.type()
                            : "routing: not for this host, and it does not forward " + PacketState.words(state.family));
            return;
        }
        if (chains.transparentPort() > 0) {
            // ip_forward() and ip6_forward() throw away what is a socket's already.
            drop("routing: not for this host, and what a listener was given is not passed on");
            return;
        }
        happened("routing: passed on by " + found.device());
        state.outDevice = found.device();
        if (hook(Hook.FORWARD, route)) {
            state.inDevice = "";
            if (hook(Hook.POSTROUTING, route)) {
                leavesBy = found.device();
            }
        }
    }

    private void delivered(String[] route) {
        if (hook(Hook.INPUT, route)) {
            here = true;
        }
    }

    private void drop(String why) {
        happened(why);
        end = Optional.of(new Verdict.Dropped());
    }

    private void happened(String text) {
        events.add(new Explanation.Happened(text));
    }

    /** All chains of a hook; false when the packet has ended. */
    private boolean hook(Hook hook, String[] route) {
        boolean sourceSide = hook == Hook.INPUT || hook == Hook.POSTROUTING;
        boolean arrivesAgain = state.tracked;
        List<Netfilter.Called> calls = new ArrayList<>(rules.at(hook, state.family));
        // Wherever they stand, chains for translation are called by the one translator.
        calls.sort((a, b) -> Integer.compare(priority(a.base(), sourceSide), priority(b.base(), sourceSide)));
        for (Netfilter.Called call : calls) {
            boolean nat = call.base().kind() == HookChain.Kind.NAT;
            state.tracked = arrivesAgain || priority(call.base(), sourceSide) > CONNTRACK;
            boolean done = sourceSide ? sourceDone : destinationDone;
            if (nat && (done || state.untracked)) {
                continue;
            }
            InetAddress before = state.destination;
            int portBefore = state.destinationPort;
            long markBefore = state.mark;
            Optional<Verdict> ended = chains.base(call);
            if (ended.isPresent()) {
                end = ended;
                return false;
            }
            boolean moved = !before.equals(state.destination) || portBefore != state.destinationPort;
            boolean marked = markBefore != state.mark && call.base().kind() == HookChain.Kind.ROUTE;
            if (nat && chains.takeTranslation()) {
                if (sourceSide) {
                    sourceDone = true;
                } else {
                    destinationDone = true;
                }
            }
            if (hook == Hook.OUTPUT && (moved || marked) && !routedAgain(route)) {
                return false;
            }
        }
        state.tracked = true;
        if (sourceSide) {
            sourceDone = true;
        } else if (hook != Hook.FORWARD) {
            destinationDone = true;
        }
        return true;
    }

    private static int priority(HookChain.Base base, boolean sourceSide) {
        return base.kind() == HookChain.Kind.NAT ? (sourceSide ? 100 : -100) : base.priority();
    }

    private boolean routedAgain(String[] route) {
        String before = route[0];
        if (state.destination.isLoopbackAddress()) {
            route[0] = "lo";
        } else if (network.known()) {
            Optional<HostNetwork.Route> found = network.route(state.destination, state.mark);
            if (found.isEmpty() || (!found.get().local() && found.get().device().isEmpty())) {
                drop("routing: there is no route to " + Cidr.addressText(state.destination));
                return false;
            }
            route[0] = found.get().local() ? "lo" : found.get().device();
            if (state.family == IpFamily.IPV4
                    && state.source.isLoopbackAddress()
                    && !network.carries(state.source, route[0])) {
                drop("routing: " + Cidr.addressText(state.source) + " does not leave by " + route[0]);
                return false;
            }
        }
        if (!before.equals(route[0])) {
            happened("routing: now by way of " + route[0]);
        }
        return true;
    }

    static InetAddress loopback(IpFamily family) {
        return InetAddress.ofLiteral(family == IpFamily.IPV4 ? "127.0.0.1" : "::1");
    }
}
