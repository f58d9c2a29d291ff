package lateen.capture.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import lateen.capture.model.Cidr;
import lateen.capture.model.HostFacts;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.Protocol;
import lateen.capture.model.Table;
import lateen.capture.model.TableRules;
import lateen.capture.model.Target;

/** The tables of one family. The order of rules is the meaning: each block says why it stands where it does. */
final class FamilyPlan {
    static final Target RETURN = new Target.Return();
    static final Match TCP = new Match.Transport(Protocol.TCP);
    static final Match OVER_LO = new Match.OutInterface("lo", false);

    private final CaptureOptions options;
    private final HostFacts facts;
    private final IpFamily family;
    private final boolean transparent;

    FamilyPlan(CaptureOptions options, HostFacts facts, IpFamily family) {
        this.options = options;
        this.facts = facts;
        this.family = family;
        this.transparent = CapturePlan.transparent(options);
    }

    List<TableRules> tables() {
        DnsPlan dns = new DnsPlan(options, facts, family);
        List<TableRules> tables = new ArrayList<>();
        Stream.of(dns.raw(), new ManglePlan(options, family).mangle(), nat(dns))
                .filter(table -> !table.isEmpty())
                .map(ChainBuilder::build)
                .forEach(tables::add);
        return tables;
    }

    private ChainBuilder nat(DnsPlan dns) {
        ChainBuilder nat = new ChainBuilder(family, Table.NAT);
        boolean redirectsInbound = !options.inbound().ports().none() && !transparent;
        // A virtual machine's own traffic arrives like inbound traffic: it is looked at before that.
        for (String name : options.interfaces().virtual()) {
            nat.add("PREROUTING", new Target.Jump("ISTIO_VIRTUAL"), new Match.InInterface(name, false), TCP);
        }
        if (redirectsInbound) {
            nat.add("PREROUTING", new Target.Jump("ISTIO_INBOUND"), TCP);
        }
        // DNS first: it takes what the general rules would leave alone, such as a resolver on loopback.
        dns.natJumps(nat);
        nat.add("OUTPUT", new Target.Jump("ISTIO_OUTPUT"), TCP);
        if (redirectsInbound) {
            inbound(nat);
        }
        if (!transparent) {
            nat.add("ISTIO_IN_REDIRECT", new Target.Redirect(options.ports().inbound()), TCP);
        }
        output(nat);
        dns.natRules(nat);
        nat.add("ISTIO_REDIRECT", new Target.Redirect(options.ports().outbound()), TCP);
        if (!options.interfaces().virtual().isEmpty()) {
            // Jumped to even where nothing outbound is wanted.
            nat.chain("ISTIO_VIRTUAL");
            leaveInterfaces(nat, "ISTIO_VIRTUAL", options.interfaces().excluded(), true);
            destinations(nat, "ISTIO_VIRTUAL");
        }
        return nat;
    }

    private void inbound(ChainBuilder nat) {
        leaveInterfaces(nat, "ISTIO_INBOUND", options.interfaces().excluded(), true);
        leaveInterfaces(nat, "ISTIO_INBOUND", options.interfaces().virtual(), true);
        // A tunnel is already the proxy's own listener; redirecting it would hide that from the other side.
        nat.add("ISTIO_INBOUND", RETURN, TCP, toPort(options.ports().tunnel()));
        CaptureOptions.Inbound inbound = options.inbound();
        if (inbound.ports().all()) {
            inbound.excluded().forEach(port -> nat.add("ISTIO_INBOUND", RETURN, TCP, toPort(port)));
            nat.add("ISTIO_INBOUND", new Target.Jump("ISTIO_IN_REDIRECT"), TCP);
        } else {
            for (int port : inbound.ports().listed()) {
                nat.add("ISTIO_INBOUND", new Target.Jump("ISTIO_IN_REDIRECT"), TCP, toPort(port));
            }
        }
    }

    private void output(ChainBuilder nat) {
        String chain = "ISTIO_OUTPUT";
        leaveInterfaces(nat, chain, options.interfaces().excluded(), false);
        // The proxy passes unknown inbound traffic to the application from this address; capturing it would be a loop.
        nat.add(chain, RETURN, new Match.Source(family.passThrough(), false), OVER_LO);
        // The proxy's own traffic comes before everything that might capture it.
        for (Match proxy : proxyOwners(options)) {
            if (!transparent) {
                nat.add(
                        chain,
                        new Target.Jump("ISTIO_IN_REDIRECT"),
                        new Match.Destination(loopback(), true),
                        OVER_LO,
                        TCP,
                        new Match.DestinationPort(Protocol.TCP, options.ports().tunnel(), true),
                        proxy);
            }
            nat.add(chain, RETURN, proxy);
        }
        // From here on it is somebody else's. What stays on the host is between containers of one pod.
        if (options.outbound().cidrs().listed().stream().noneMatch(c -> c.family() == family && c.isLoopback())) {
            nat.add(chain, RETURN, OVER_LO);
        }
        leaveGroups(nat, chain, options.outbound().groups());
        nat.add(chain, RETURN, new Match.Destination(loopback(), false));
        destinations(nat, chain);
    }

    /** Where does it go: exclusions, then the ports wanted everywhere, then the ranges. */
    private void destinations(ChainBuilder nat, String chain) {
        CaptureOptions.Outbound outbound = options.outbound();
        Target redirect = new Target.Jump("ISTIO_REDIRECT");
        outbound.excludedPorts().forEach(port -> nat.add(chain, RETURN, TCP, toPort(port)));
        outbound.excludedCidrs().stream()
                .filter(cidr -> cidr.family() == family)
                .forEach(cidr -> nat.add(chain, RETURN, new Match.Destination(cidr, false)));
        outbound.ports().forEach(port -> nat.add(chain, redirect, TCP, toPort(port)));
        if (outbound.cidrs().all()) {
            nat.add(chain, redirect);
        }
        outbound.cidrs().listed().stream()
                .filter(cidr -> cidr.family() == family)
                .forEach(cidr -> nat.add(chain, redirect, new Match.Destination(cidr, false)));
    }

    static void leaveInterfaces(ChainBuilder table, String chain, List<String> names, boolean in) {
        for (String name : names) {
            table.add(chain, RETURN, in ? new Match.InInterface(name, false) : new Match.OutInterface(name, false));
        }
    }

    static void leaveGroups(ChainBuilder table, String chain, CaptureOptions.OwnerGroups groups) {
        if (!groups.included().all()) {
            // One rule that demands "none of these": a rule for each would exclude all others' groups.
            table.add(
                    chain,
                    RETURN,
                    groups.included().listed().stream()
                            .map(ids -> new Match.Group(ids, true))
                            .toArray(Match[]::new));
        }
        groups.excluded().forEach(ids -> table.add(chain, RETURN, new Match.Group(ids, false)));
    }

    /** By any one of these a packet is the proxy's. */
    static List<Match> proxyOwners(CaptureOptions options) {
        OptionalInt mark = options.proxy().mark();
        if (mark.isPresent()) {
            return List.of(new Match.Mark(mark.getAsInt(), false));
        }
        return Stream.concat(
                        options.proxy().uids().stream().map(ids -> (Match) new Match.User(ids, false)),
                        options.proxy().gids().stream().map(ids -> (Match) new Match.Group(ids, false)))
                .toList();
    }

    static Cidr loopback(CaptureOptions options, IpFamily family) {
        return family == IpFamily.IPV4 ? options.loopbackIpv4() : cidr("::1/128");
    }

    private Cidr loopback() {
        return loopback(options, family);
    }

    static Match toPort(int port) {
        return new Match.DestinationPort(Protocol.TCP, port, false);
    }

    private static Cidr cidr(String text) {
        return Cidr.parse(text).orElseThrow();
    }
}
