package lateen.capture.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lateen.capture.model.Cidr;
import lateen.capture.model.HookTable;
import lateen.capture.model.HostFacts;
import lateen.capture.model.IpFamily;
import lateen.capture.model.OwnRules;
import lateen.capture.model.Protocol;
import lateen.capture.model.RuleSet;
import lateen.capture.plan.CaptureOptions;
import lateen.capture.plan.CapturePlan;
import lateen.capture.plan.InvalidOptionException;
import lateen.capture.plan.Story;
import lateen.capture.read.RuleFormatException;
import lateen.capture.read.SavedRules;
import lateen.capture.render.ClauseWords;
import lateen.capture.render.RuleText;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The contract's sentences, written once more as predicates and without any chain: the rules must land where these say. */
class CapturePropertyTest {
    private static final String POD = "10.9.0.1";
    private static final String POD6 = "fd00:9::1";
    private static final HostFacts FACTS = Story.facts(POD + " " + POD6, "10.9.0.53 fd00:9::53");

    /** Plain values from which both the arguments and the expectation are made. */
    record Wish(
            String mode,
            Set<Integer> in,
            boolean inAll,
            Set<Integer> inOut,
            Set<String> cidrs,
            boolean cidrsAll,
            Set<String> notCidrs,
            Set<Integer> ports,
            Set<Integer> notPorts,
            Set<String> excluded,
            Set<String> virtual,
            Set<Integer> groups,
            boolean groupsAreExcluded,
            boolean dns,
            boolean allDns) {

        CaptureOptions options() throws InvalidOptionException {
            List<String> args = new ArrayList<>(List.of("-m", mode, "-b", inAll ? "*" : join(in), "-d", join(inOut)));
            args.addAll(List.of("-i", cidrsAll ? "*" : join(cidrs), "-x", join(notCidrs), "-q", join(ports)));
            args.addAll(List.of("-o", join(notPorts), "-c", join(excluded), "-k", join(virtual), "-u", "1337"));
            args.addAll(List.of("--redirect-dns=" + dns, "--capture-all-dns=" + allDns));
            return Story.options(
                    Map.of(
                            "ISTIO_DUAL_STACK",
                            "true",
                            groupsAreExcluded ? "ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE" : "ISTIO_OUTBOUND_OWNER_GROUPS",
                            join(groups)),
                    args.toArray(String[]::new));
        }

        private static String join(Set<?> values) {
            return String.join(",", values.stream().map(Object::toString).toList());
        }
    }

    @Property(tries = 4000)
    void the_rules_land_packets_where_the_contract_says(@ForAll("wishes") Wish wish, @ForAll("packets") Packet packet)
            throws Exception {
        RuleSet rules = CapturePlan.of(wish.options(), FACTS).rules();
        SimulatedPath path = new PacketSimulator(rules).simulate(packet);
        assertThat(path.certain()).isTrue();
        int landing = switch (path.verdict()) {
            case Verdict.Redirected(int port) -> port;
            case Verdict.Intercepted(int port) -> port;
            case Verdict.Passed _ -> 0;
            case Verdict.Dropped _ -> -1;
            case Verdict.Translated _, Verdict.Rejected _, Verdict.Unknown _ -> -2;
        };
        assertThat(landing).as("%s%n%s%n%s", wish, packet, path).isEqualTo(expected(wish, packet));
    }

    private static int expected(Wish wish, Packet p) {
        String device = p.device();
        if (wish.excluded.contains(device)) {
            return 0;
        }
        if (p.direction() == Packet.Direction.IN) {
            if (p.protocol() != Protocol.TCP) {
                return 0;
            }
            if (wish.virtual.contains(device)) {
                return wantedDestination(wish, p) ? 15001 : 0;
            }
            return wantedInbound(wish, p) ? 15006 : 0;
        }
        boolean proxy = p.uid() == 1337 || p.gid() == 1337;
        boolean passThrough = Set.of("127.0.0.6", "::6").contains(Cidr.addressText(p.source()));
        boolean overLo = device.equals("lo");
        boolean ownLoopback = Set.of("127.0.0.1", "::1").contains(Cidr.addressText(p.destination()));
        boolean group = wish.groups.isEmpty() || wish.groups.contains((int) p.gid()) != wish.groupsAreExcluded;
        boolean dnsServer = Set.of("10.9.0.53", "fd00:9::53").contains(Cidr.addressText(p.destination()));
        if (wish.dns && p.destinationPort() == 53 && !proxy && group && (wish.allDns || dnsServer)) {
            return 15053;
        }
        if (p.protocol() != Protocol.TCP || (overLo && passThrough)) {
            return 0;
        }
        if (proxy) {
            return overLo && !ownLoopback && p.destinationPort() != 15008 ? 15006 : 0;
        }
        boolean loopbackWanted =
                wish.cidrs.stream().anyMatch(c -> c.startsWith(p.family() == IpFamily.IPV4 ? "127." : "::1/"));
        if (!group || ownLoopback || (overLo && (wish.cidrsAll || !loopbackWanted))) {
            return 0;
        }
        return wantedDestination(wish, p) ? 15001 : 0;
    }

    private static boolean wantedInbound(Wish wish, Packet p) {
        int port = p.destinationPort();
        if (wish.mode.equals("REDIRECT") && port == 15008) {
            return false;
        }
        return wish.inAll ? !wish.inOut.contains(port) : wish.in.contains(port);
    }

    private static boolean wantedDestination(Wish wish, Packet p) {
        if (wish.notPorts.contains(p.destinationPort()) || in(wish.notCidrs, p.destination())) {
            return false;
        }
        return wish.ports.contains(p.destinationPort()) || wish.cidrsAll || in(wish.cidrs, p.destination());
    }

    private static boolean in(Set<String> ranges, InetAddress address) {
        return ranges.stream().anyMatch(range -> Cidr.parse(range).orElseThrow().contains(address));
    }

    @Provide
    Arbitrary<Wish> wishes() {
        Arbitrary<Set<Integer>> ports =
                Arbitraries.of(53, 80, 443, 8080, 9000, 15008, 15020).set().ofMaxSize(3);
        Arbitrary<Set<String>> cidrs = Arbitraries.of(
                        "10.9.0.0/24",
                        "10.0.0.0/8",
                        "10.8.1.2/32",
                        "127.0.0.0/8",
                        "127.9.0.0/16",
                        "::1/128",
                        "fd00::/8",
                        "fd00:9::/64")
                .set()
                .ofMaxSize(3);
        Arbitrary<Set<String>> devices =
                Arbitraries.of("eth0", "eth1", "vnet0").set().ofMaxSize(2);
        Arbitrary<Boolean> flag = Arbitraries.of(true, false);
        var inbound = Combinators.combine(Arbitraries.of("REDIRECT", "TPROXY"), ports, flag, ports)
                .as(List::<Object>of);
        var outbound = Combinators.combine(cidrs, flag, cidrs, ports, ports).as(List::<Object>of);
        var rest = Combinators.combine(
                        devices, devices, Arbitraries.of(42, 43, 777).set().ofMaxSize(2), flag, flag, flag)
                .as(List::<Object>of);
        return Combinators.combine(inbound, outbound, rest).as(CapturePropertyTest::wish);
    }

    @SuppressWarnings("unchecked")
    private static Wish wish(List<Object> in, List<Object> out, List<Object> rest) {
        return new Wish(
                (String) in.get(0),
                (Set<Integer>) in.get(1),
                (boolean) in.get(2),
                (Set<Integer>) in.get(3),
                (Set<String>) out.get(0),
                (boolean) out.get(1),
                (Set<String>) out.get(2),
                (Set<Integer>) out.get(3),
                (Set<Integer>) out.get(4),
                (Set<String>) rest.get(0),
                (Set<String>) rest.get(1),
                (Set<Integer>) rest.get(2),
                (boolean) rest.get(3),
                (boolean) rest.get(4),
                (boolean) rest.get(5));
    }

    @Provide
    Arbitrary<Packet> packets() {
        Arbitrary<String[]> ends = Arbitraries.of(
                new String[] {"eth0", POD, "10.8.1.2"},
                new String[] {"eth0", POD, "192.0.2.1"},
                new String[] {"eth0", POD, "10.9.0.53"},
                new String[] {"eth1", POD6, "fd00:9::53"},
                new String[] {"eth0", POD6, "fd77::1"},
                new String[] {"eth0", POD6, "2001:db8::1"},
                new String[] {"lo", POD, POD},
                new String[] {"lo", POD6, POD6},
                new String[] {"lo", "127.0.0.1", "127.0.0.1"},
                new String[] {"lo", "127.0.0.1", "127.9.0.1"},
                new String[] {"lo", "::1", "::1"},
                new String[] {"lo", "127.0.0.6", POD},
                new String[] {"lo", "::6", POD6},
                new String[] {"vnet0", POD, "10.8.1.2"});
        Arbitrary<Integer> ports = Arbitraries.of(22, 53, 80, 443, 8080, 9000, 15008, 15020);
        Arbitrary<Integer> ids = Arbitraries.of(0, 42, 43, 777, 1000, 1337);
        return Combinators.combine(
                        ends, ports, ids, ids, Arbitraries.of(Protocol.values()), Arbitraries.of(true, false))
                .as((end, port, uid, gid, protocol, out) -> out || end[0].equals("lo")
                        ? Packet.out(end[0], protocol, Story.address(end[1]), Story.address(end[2]), port, uid, gid)
                        : Packet.in(end[0], protocol, Story.address(end[2]), Story.address(end[1]), port));
    }

    @Property(tries = 500)
    void what_is_written_reads_back_as_the_same_rules(@ForAll("wishes") Wish wish) throws Exception {
        RuleSet rules = CapturePlan.of(wish.options(), FACTS).rules();
        for (IpFamily family : IpFamily.values()) {
            // The kernel declares built-in chains, too.
            String text = RuleText.restore(rules, family)
                    .replaceAll("(?m)^(\\*.*)$", "$1\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]");
            assertThat(OwnRules.of(SavedRules.parse(family, text))).isEqualTo(OwnRules.of(rules.family(family)));
        }
        assertThat(sentences(rules))
                .isNotEmpty()
                .allSatisfy(sentence -> assertThat(sentence).endsWith(".").doesNotContain("not understood"));
    }

    private static List<String> sentences(RuleSet rules) {
        return XtablesView.of(rules, HookTable.Engine.NFT).stream()
                .flatMap(table -> table.chains().stream())
                .flatMap(chain -> chain.rules().stream().map(rule -> ClauseWords.sentence(chain, rule)))
                .toList();
    }

    @Property(tries = 3000)
    void any_text_is_read_or_refused_by_the_declared_exception(@ForAll("texts") String text) {
        try {
            RuleSet rules = SavedRules.parse(IpFamily.IPV4, text);
            assertThat(sentences(rules)).doesNotContainNull();
            new PacketSimulator(rules)
                    .simulate(
                            Packet.in("eth0", Protocol.TCP, Story.address("10.0.0.1"), Story.address("10.0.0.2"), 80));
        } catch (RuleFormatException e) {
            assertThat(e).hasMessageStartingWith("iptables-save, line ");
        }
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> noise = Arbitraries.bytes()
                .array(byte[].class)
                .ofMaxSize(60)
                .map(b -> new String(b, StandardCharsets.ISO_8859_1));
        Arbitrary<String> piece = Arbitraries.of(
                "*nat",
                "COMMIT",
                ":PREROUTING ACCEPT [0:0]",
                ":A - [0:0]",
                "-A PREROUTING -j A",
                "[1:2] -A A -j A",
                "[x:2] -A A -j A",
                "-A A -p tcp -m tcp --dport 1 -j REDIRECT --to-ports 2",
                "-A A -s 1.2.3.4/99 -j RETURN",
                "-A A ! ! -p tcp",
                "-A A",
                "-A",
                ":",
                "*",
                "-A A -m comment --comment \"x y\" -j DROP",
                "-A A -j MARK --set-xmark 0xfffffffff/0x1",
                "[]",
                "-A A -m owner --uid-owner 5-4 -j RETURN");
        return Arbitraries.oneOf(noise, piece, piece, piece)
                .list()
                .ofMaxSize(14)
                .map(lines -> String.join("\n", lines));
    }

    @Property(tries = 2000)
    void any_arguments_are_taken_or_refused_by_the_declared_exception(@ForAll List<String> noise) {
        try {
            Story.options(
                    Map.of("ISTIO_INBOUND_PORTS", noise.isEmpty() ? "" : noise.getFirst()),
                    noise.toArray(String[]::new));
        } catch (InvalidOptionException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
