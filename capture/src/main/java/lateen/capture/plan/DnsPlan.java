package lateen.capture.plan;

import java.util.List;
import lateen.capture.model.Cidr;
import lateen.capture.model.HostFacts;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.Protocol;
import lateen.capture.model.Table;
import lateen.capture.model.Target;

/** DNS capture of one family: port 53 to the known servers, or to all, goes to the agent's resolver. */
final class DnsPlan {
    static final int AGENT_PORT = 15053;
    private static final int DNS_PORT = 53;
    private static final int PROXY_ZONE = 1;
    private static final int APPLICATION_ZONE = 2;
    private static final Match UDP = new Match.Transport(Protocol.UDP);

    private final CaptureOptions options;
    private final IpFamily family;
    private final List<Cidr> servers;
    private final boolean on;

    DnsPlan(CaptureOptions options, HostFacts facts, IpFamily family) {
        this.options = options;
        this.family = family;
        this.servers = facts.dnsServers().stream()
                .filter(server -> server.getAddress().length * 8 == family.bits())
                .map(server -> new Cidr(server, family.bits()))
                .toList();
        this.on = options.dns().redirect() && (options.dns().all() || !servers.isEmpty());
    }

    void natJumps(ChainBuilder nat) {
        if (on) {
            for (Protocol protocol : List.of(Protocol.UDP, Protocol.TCP)) {
                nat.add("OUTPUT", new Target.Jump("ISTIO_OUTPUT_DNS"), query(protocol));
            }
        }
    }

    void natRules(ChainBuilder nat) {
        if (!on) {
            return;
        }
        String chain = "ISTIO_OUTPUT_DNS";
        FamilyPlan.leaveInterfaces(nat, chain, options.interfaces().excluded(), false);
        FamilyPlan.proxyOwners(options).forEach(owner -> nat.add(chain, FamilyPlan.RETURN, owner));
        FamilyPlan.leaveGroups(nat, chain, options.outbound().groups());
        for (Protocol protocol : List.of(Protocol.UDP, Protocol.TCP)) {
            addForServers(nat, chain, new Target.Redirect(AGENT_PORT), query(protocol));
        }
    }

    /**
     * Application and agent may use the same local UDP port towards the same server; in one conntrack table the second
     * flow would take the first one's translation. So each gets a zone, replies included. TCP needs none: the kernel
     * never gives two sockets the same four-tuple.
     */
    ChainBuilder raw() {
        ChainBuilder raw = new ChainBuilder(family, Table.RAW);
        if (!on) {
            return raw;
        }
        raw.add(
                "PREROUTING",
                new Target.Jump("ISTIO_INBOUND"),
                UDP,
                new Match.SourcePort(Protocol.UDP, DNS_PORT, false));
        raw.add("OUTPUT", new Target.Jump("ISTIO_OUTPUT_DNS"), UDP);
        // Over lo the packet still carries the zone of its sender; only what comes from outside needs one.
        raw.add("ISTIO_INBOUND", FamilyPlan.RETURN, new Match.InInterface("lo", false));
        fromServers(raw);
        String chain = "ISTIO_OUTPUT_DNS";
        Match reply = new Match.SourcePort(Protocol.UDP, AGENT_PORT, false);
        for (Match owner : FamilyPlan.proxyOwners(options)) {
            raw.add(chain, new Target.ConntrackZone(APPLICATION_ZONE), UDP, reply, owner);
            raw.add(chain, new Target.ConntrackZone(PROXY_ZONE), with(query(Protocol.UDP), owner));
            raw.add(chain, FamilyPlan.RETURN, owner);
        }
        FamilyPlan.leaveInterfaces(raw, chain, options.interfaces().excluded(), false);
        FamilyPlan.leaveGroups(raw, chain, options.outbound().groups());
        addForServers(raw, chain, new Target.ConntrackZone(APPLICATION_ZONE), query(Protocol.UDP));
        return raw;
    }

    private void fromServers(ChainBuilder raw) {
        Match port = new Match.SourcePort(Protocol.UDP, DNS_PORT, false);
        Target zone = new Target.ConntrackZone(PROXY_ZONE);
        if (options.dns().all()) {
            raw.add("ISTIO_INBOUND", zone, UDP, port);
        }
        for (Cidr server : options.dns().all() ? List.<Cidr>of() : servers) {
            raw.add("ISTIO_INBOUND", zone, UDP, port, new Match.Source(server, false));
        }
    }

    private void addForServers(ChainBuilder table, String chain, Target target, Match... query) {
        if (options.dns().all()) {
            table.add(chain, target, query);
        } else {
            servers.forEach(server -> table.add(chain, target, with(query, new Match.Destination(server, false))));
        }
    }

    private static Match[] query(Protocol protocol) {
        return new Match[] {new Match.Transport(protocol), new Match.DestinationPort(protocol, DNS_PORT, false)};
    }

    private static Match[] with(Match[] matches, Match last) {
        Match[] all = java.util.Arrays.copyOf(matches, matches.length + 1);
        all[matches.length] = last;
        return all;
    }
}
