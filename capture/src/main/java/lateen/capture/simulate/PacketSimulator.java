package lateen.capture.simulate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import lateen.capture.model.HookTable;
import lateen.capture.model.HostNetwork;
import lateen.capture.model.Netfilter;
import lateen.capture.model.RuleSet;

/**
 * Walks the first packet of a flow through rules as the kernel does. Pure; works on rules planned and on rules read back,
 * of all engines together. Where a rule is not understood, both ways are followed, and the end is called certain only if
 * they all lead to it. Not followed: what other hosts do, and replies.
 */
public final class PacketSimulator {
    /** Ways followed at most; with more the end is not certain. */
    private static final int MAX_WAYS = 64;

    private final Netfilter rules;
    private final HostNetwork network;

    /** Rules that are planned, on a host of which nothing is known. */
    public PacketSimulator(RuleSet rules) {
        this(new Netfilter(XtablesView.of(rules, HookTable.Engine.NFT), List.of()), HostNetwork.UNKNOWN);
    }

    /** Rules as they are in a namespace. */
    public PacketSimulator(Netfilter rules, HostNetwork network) {
        this.rules = rules;
        this.network = network;
    }

    /** Where this packet goes, in short. */
    public SimulatedPath simulate(Packet packet) {
        return SimulatedPath.of(explain(packet));
    }

    /** Where this packet goes, rule by rule. Rules that are not understood are taken not to match; see {@code certain}. */
    public Explanation explain(Packet packet) {
        Walk first = walk(packet, List.of());
        boolean certain = true;
        Deque<List<Boolean>> open = new ArrayDeque<>(branches(List.of(), first.doubts()));
        for (int ways = 1; certain && !open.isEmpty(); ways++) {
            if (ways == MAX_WAYS) {
                certain = false;
                break;
            }
            List<Boolean> choices = open.pop();
            Walk other = walk(packet, choices);
            open.addAll(branches(choices, other.doubts()));
            certain = other.verdict().equals(first.verdict())
                    && other.arrival().destination().equals(first.arrival().destination())
                    && other.arrival().here() == first.arrival().here();
        }
        return new Explanation(first.events(), first.verdict(), first.arrival(), certain && !first.exhausted());
    }

    private Walk walk(Packet packet, List<Boolean> choices) {
        Walk walk = new Walk(rules, network, packet, choices);
        walk.run();
        return walk;
    }

    /** The ways that leave a walk's own at one of its doubts beyond those that were chosen for it. */
    private static List<List<Boolean>> branches(List<Boolean> choices, int doubts) {
        List<List<Boolean>> branches = new ArrayList<>();
        for (int at = choices.size(); at < doubts && branches.size() < MAX_WAYS; at++) {
            List<Boolean> branch = new ArrayList<>(choices);
            while (branch.size() < at) {
                branch.add(false);
            }
            branch.add(true);
            branches.add(branch);
        }
        return branches;
    }
}
