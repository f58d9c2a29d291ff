package lateen.capture.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import lateen.capture.apply.CaptureApplier;
import lateen.capture.host.CaptureException;
import lateen.capture.host.RootRequired;
import lateen.capture.host.Wiring;
import lateen.capture.model.Cidr;
import lateen.capture.model.Clause;
import lateen.capture.model.HookChain;
import lateen.capture.model.HookRule;
import lateen.capture.model.HookTable;
import lateen.capture.model.HostNetwork;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Netfilter;
import lateen.capture.model.Protocol;
import lateen.capture.plan.Story;
import lateen.capture.read.NamespaceReader;
import lateen.capture.read.NamespaceState;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The simulator against the kernel: random options and random rules, written for real, read back as the command reads
 * them, and random packets, sent for real. Where each lands must be where the simulator says. {@code -Dlateen.packets}
 * says how many; {@code -Dlateen.seed} repeats a run.
 */
@Tag("kernel")
@ExtendWith(RootRequired.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KernelAgreementTest {
    private static final int PACKETS = Integer.getInteger("lateen.packets", 480);
    private static final int BATCH = 20;
    private static final long SEED = Long.getLong("lateen.seed", 11);

    /** A packet, the rules that it met, and where the kernel put it. */
    private record Sample(Netfilter rules, HostNetwork network, PacketLab.Shot shot, String landed) {}

    private static final List<Sample> SAMPLES = new ArrayList<>();
    private static PacketLab lab;

    @BeforeAll
    static void build() throws IOException {
        lab = new PacketLab();
    }

    @AfterAll
    static void remove() throws IOException {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    @Order(1)
    void every_packet_lands_where_the_simulator_says() throws Exception {
        Random random = new Random(SEED);
        RandomRules rules = new RandomRules(random);
        Map<String, Integer> verdicts = new TreeMap<>();
        Map<String, Integer> kinds = new TreeMap<>();
        List<String> mismatches = new ArrayList<>();
        int sent = 0;
        int uncertain = 0;
        for (int set = 0; sent < PACKETS; set++) {
            String what = write(set, rules, random);
            NamespaceState state = new NamespaceReader(lab.commands()).read();
            Netfilter read = rules(state);
            List<PacketLab.Shot> shots = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                shots.add(shot(random, "t" + set + "x" + i, sent + i));
            }
            Map<String, String> landed = lab.send(shots, 0.35);
            for (PacketLab.Shot shot : shots) {
                Explanation told = new PacketSimulator(read, state.network()).explain(shot.packet());
                String expected = expected(told, state.network());
                // Under TPROXY the answers to what is passed on are taken for the proxy's: nothing comes back.
                boolean answered = !what.contains("-m TPROXY")
                        || told.arrival().here()
                        || shot.from().equals("pod");
                if (expected.isEmpty() || !told.certain() || !answered) {
                    uncertain++;
                    continue;
                }
                String real = landed.get(shot.token());
                if (!real.equals(expected)) {
                    // A slow machine looks like a drop: once more, alone and with time.
                    PacketLab.Shot again = new PacketLab.Shot(shot.token() + "a", shot.from(), shot.packet());
                    real = lab.send(List.of(again), 3).get(again.token());
                }
                if (!real.equals(expected)) {
                    mismatches.add(what + "\n" + shot + "\nkernel: " + real + "\nsimulator: " + expected + "\n"
                            + String.join("\n", events(told)));
                }
                verdicts.merge(verdict(told, shot), 1, Integer::sum);
                count(told, kinds);
                SAMPLES.add(new Sample(read, state.network(), shot, real));
            }
            sent += BATCH;
        }
        System.out.println("packets " + sent + ", of these with a rule that is not understood or beyond the lab "
                + uncertain + "\nverdicts " + verdicts + "\nrules " + kinds);
        assertThat(mismatches).as("%d of %d", mismatches.size(), sent).isEmpty();
        assertThat(verdicts.keySet())
                .contains(
                        "in Redirected",
                        "in Intercepted",
                        "in Translated",
                        "in Passed",
                        "in Dropped",
                        "in Rejected",
                        "out Redirected",
                        "out Translated",
                        "out Passed",
                        "out Dropped",
                        "out Rejected",
                        "forwarded",
                        "over lo");
        for (Clause.Key key : Clause.Key.values()) {
            assertThat(kinds.keySet()).contains(key + " holds", key + " fails");
        }
        assertThat(kinds.keySet())
                .contains(
                        "AddressIn holds",
                        "AddressIn fails",
                        "DeviceIs holds",
                        "DeviceIs fails",
                        "StateIs holds",
                        "StateIs fails",
                        "AddressIsLocal holds",
                        "AddressIsLocal fails",
                        "Accept",
                        "Drop",
                        "Reject",
                        "Return",
                        "Jump",
                        "Redirect",
                        "Dnat",
                        "Snat",
                        "Tproxy",
                        "SetMark",
                        "CopyMark",
                        "Zone",
                        "Note",
                        "engine LEGACY",
                        "engine NFT",
                        "engine NATIVE");
        assertThat(uncertain).isLessThan(sent / 5);
    }

    /** Whatever kind of condition is turned round, packets land elsewhere than it says. */
    @ParameterizedTest
    @EnumSource(Clause.Key.class)
    @Order(2)
    void a_simulator_with_one_condition_negated_is_caught(Clause.Key key) {
        assertThat(wrongWith(c -> c instanceof Clause.NumberIs n && n.key() == key
                        ? new Clause.NumberIs(n.key(), n.mask(), n.spans(), !n.negated(), n.protocol(), n.strict())
                        : c))
                .isPositive();
    }

    @Test
    @Order(2)
    void a_simulator_with_another_condition_negated_is_caught() {
        assertThat(wrongWith(c -> c)).isZero();
        assertThat(wrongWith(c -> c instanceof Clause.AddressIn(var s, var f, var spans, var not)
                        ? new Clause.AddressIn(s, f, spans, !not)
                        : c))
                .isPositive();
        assertThat(wrongWith(c -> c instanceof Clause.DeviceIs(var in, var patterns, var not)
                        ? new Clause.DeviceIs(in, patterns, !not)
                        : c))
                .isPositive();
        assertThat(wrongWith(
                        c -> c instanceof Clause.StateIs(var states, var not) ? new Clause.StateIs(states, !not) : c))
                .isPositive();
        assertThat(wrongWith(c ->
                        c instanceof Clause.AddressIsLocal(var s, var not) ? new Clause.AddressIsLocal(s, !not) : c))
                .isPositive();
    }

    private static long wrongWith(java.util.function.UnaryOperator<Clause> change) {
        Map<Netfilter, Netfilter> changed = new java.util.IdentityHashMap<>();
        return SAMPLES.stream()
                .filter(s -> {
                    Netfilter rules = changed.computeIfAbsent(s.rules, r -> changed(r, change));
                    Explanation told = new PacketSimulator(rules, s.network).explain(s.shot.packet());
                    return !expected(told, s.network).equals(s.landed);
                })
                .count();
    }

    private static Netfilter changed(Netfilter rules, java.util.function.UnaryOperator<Clause> change) {
        return new Netfilter(
                rules.tables().stream()
                        .map(t -> new HookTable(
                                t.engine(),
                                t.family(),
                                t.name(),
                                t.chains().stream()
                                        .map(c -> new HookChain(
                                                c.name(),
                                                c.base(),
                                                c.rules().stream()
                                                        .map(r -> new HookRule(
                                                                r.text(),
                                                                r.clauses().stream()
                                                                        .map(change)
                                                                        .toList(),
                                                                r.counters()))
                                                        .toList()))
                                        .toList()))
                        .toList(),
                rules.notes());
    }

    private static Netfilter rules(NamespaceState state) {
        List<HookTable> tables = new ArrayList<>();
        new EnumMap<>(state.xtables()).forEach((engine, rules) -> tables.addAll(XtablesView.of(rules, engine)));
        tables.addAll(state.nativeTables());
        return new Netfilter(tables, state.notes());
    }

    /** Takes all rules away and writes new ones; what they are, for messages. */
    private static String write(int set, RandomRules rules, Random random) throws Exception {
        apply(List.of("--cleanup-only"));
        lab.commands().run(List.of("nft", "flush", "ruleset"), "");
        for (IpFamily family : IpFamily.values()) {
            StringBuilder empty = new StringBuilder();
            for (String table : List.of("raw", "mangle", "nat", "filter")) {
                empty.append('*').append(table).append('\n');
                if (table.equals("filter")) {
                    empty.append(":INPUT ACCEPT [0:0]\n");
                }
                empty.append("COMMIT\n");
            }
            lab.commands().run(List.of(program("legacy", family)), empty.toString());
        }
        for (int tries = 0; ; tries++) {
            String text = "";
            try {
                switch (set % 4) {
                    case 0 -> {
                        List<String> args = new ArrayList<>(rules.options());
                        args.addAll(
                                switch (random.nextInt(3)) {
                                    case 0 -> List.of("--native-nftables");
                                    case 1 -> List.of("--force-iptables-binary", "legacy");
                                    default -> List.of("--force-iptables-binary", "nft");
                                });
                        text = String.join(" ", args);
                        apply(args);
                    }
                    case 1 -> {
                        text = rules.nft();
                        lab.commands().run(List.of("nft", "-f", "-"), text);
                    }
                    default -> {
                        for (IpFamily family : IpFamily.values()) {
                            text = rules.xtables(family);
                            lab.commands().run(List.of(program(set % 4 == 2 ? "nft" : "legacy", family)), text);
                        }
                    }
                }
                // A clean-up takes it along.
                Wiring.run("ip -n " + lab.pod + " -6 addr replace ::6/128 dev lo");
                return "set " + set + "\n" + text;
            } catch (CaptureException e) {
                // Some combinations no kernel takes; too many of them would be a fault of this test.
                if (tries > 20) {
                    throw new AssertionError(text, e);
                }
            }
        }
    }

    private static String program(String engine, IpFamily family) {
        return (family == IpFamily.IPV4 ? "iptables-" : "ip6tables-") + engine + "-restore";
    }

    private static void apply(List<String> flags) throws Exception {
        List<String> args = new ArrayList<>(flags);
        args.add("--network-namespace=" + lab.pod);
        new CaptureApplier(_ -> {})
                .apply(Story.options(Map.of("ISTIO_DUAL_STACK", "true"), args.toArray(String[]::new)));
    }

    /** Roles, addresses, owners and ports as the lab has them; each packet has a source port of its own. */
    private static PacketLab.Shot shot(Random random, String token, int number) {
        boolean six = random.nextBoolean();
        Protocol protocol = random.nextInt(3) > 0 ? Protocol.TCP : Protocol.UDP;
        int sport = 20_000 + number % 12_000 * 7919 % 12_000;
        int port = PacketLab.PORTS.get(random.nextInt(PacketLab.PORTS.size()));
        String pod = six ? PacketLab.POD6 : PacketLab.POD4;
        String vmSide = six ? "fd00:253::1" : "10.253.0.1";
        String far = PacketLab.FAR.get(random.nextInt(3) + (six ? 3 : 0));
        int way = random.nextInt(12);
        if (way < 3) {
            String source = random.nextBoolean() ? far : six ? PacketLab.PEER6 : PacketLab.PEER4;
            return in(token, "peer", "eth0", protocol, source, sport, pod, port);
        }
        if (way == 3) {
            return in(
                    token,
                    "vm",
                    "vnet0",
                    protocol,
                    six ? PacketLab.VM6 : PacketLab.VM4,
                    sport,
                    random.nextBoolean() ? vmSide : pod,
                    port);
        }
        if (way == 4) {
            return in(
                    token,
                    "vm",
                    "vnet0",
                    protocol,
                    six ? PacketLab.VM6 : PacketLab.VM4,
                    sport,
                    PacketLab.BEYOND.get(six ? 1 : 0),
                    port);
        }
        String[] ends = switch (way) {
            case 5 -> new String[] {"lo", pod, pod};
            case 6 -> six ? new String[] {"lo", "::1", "::1"} : new String[] {"lo", "127.0.0.1", "127.0.0.1"};
            case 7 -> new String[] {"lo", six ? "::6" : "127.0.0.6", pod};
            case 8 -> six ? new String[] {"lo", pod, pod} : new String[] {"lo", "127.0.0.1", "127.9.9.9"};
            case 9 -> new String[] {"vnet0", vmSide, six ? PacketLab.VM6 : PacketLab.VM4};
            default ->
                new String[] {"eth0", pod, random.nextInt(4) == 0 ? (six ? PacketLab.PEER6 : PacketLab.PEER4) : far};
        };
        int[] ids = {0, 42, 1000, 1337, 7};
        int[] marks = {0, 0, 0, 7, 0x10, 99, 0x21};
        int mark = marks[random.nextInt(marks.length)];
        // The mark leads to the vm.
        String device = mark == 0x21 && ends[0].equals("eth0") ? "vnet0" : ends[0];
        if (mark == 0x21 && ends[2].equals(six ? PacketLab.PEER6 : PacketLab.PEER4)) {
            mark = 0;
            device = "eth0";
        }
        return new PacketLab.Shot(
                token,
                "pod",
                new Packet(
                        Packet.Direction.OUT,
                        device,
                        protocol,
                        PacketLab.address(ends[1]),
                        sport,
                        PacketLab.address(ends[2]),
                        port,
                        ids[random.nextInt(ids.length)],
                        ids[random.nextInt(ids.length)],
                        mark));
    }

    private static PacketLab.Shot in(
            String token,
            String from,
            String device,
            Protocol protocol,
            String source,
            int sport,
            String to,
            int port) {
        return new PacketLab.Shot(
                token,
                from,
                new Packet(
                        Packet.Direction.IN,
                        device,
                        protocol,
                        PacketLab.address(source),
                        sport,
                        PacketLab.address(to),
                        port,
                        0,
                        0,
                        0));
    }

    /** What the lab reports when the simulator is right; empty where the lab cannot tell. */
    private static String expected(Explanation told, HostNetwork network) {
        Explanation.Arrival end = told.arrival();
        String address = Cidr.addressText(end.destination());
        int port = end.port();
        return switch (told.verdict()) {
            case Verdict.Dropped _ -> "silent";
            case Verdict.Rejected _ -> "refused";
            case Verdict.Unknown _ -> "";
            case Verdict.Redirected _, Verdict.Intercepted _, Verdict.Translated _, Verdict.Passed _ -> {
                if (end.here()) {
                    int at = end.transparentPort() > 0 ? end.transparentPort() : port;
                    boolean there = PacketLab.PORTS.contains(at) || PacketLab.PROXY_PORTS.contains(at);
                    yield there ? "pod " + address + "|" + port + " " + at : "refused";
                }
                boolean peer = end.device().equals("eth0");
                // Neither end takes a loopback address from the wire, nor the peer its own.
                boolean reachable = !end.source().isLoopbackAddress()
                        && !Cidr.addressText(end.source()).equals("::6")
                        && owns(peer, address)
                        && !owns(peer, Cidr.addressText(end.source()));
                yield reachable ? (peer ? "peer " : "vm ") + address + "|" + port + " " + port : "";
            }
        };
    }

    private static boolean owns(boolean peer, String address) {
        return PacketLab.FAR.contains(address)
                || (peer && PacketLab.BEYOND.contains(address))
                || List.of(peer ? PacketLab.PEER4 : PacketLab.VM4, peer ? PacketLab.PEER6 : PacketLab.VM6)
                        .contains(address);
    }

    private static String verdict(Explanation told, PacketLab.Shot shot) {
        boolean in = shot.packet().direction() == Packet.Direction.IN;
        if (told.verdict() instanceof Verdict.Passed && in && !told.arrival().here()) {
            return "forwarded";
        }
        if (told.verdict() instanceof Verdict.Passed && !in && told.arrival().here()) {
            return "over lo";
        }
        return (in ? "in " : "out ") + told.verdict().getClass().getSimpleName();
    }

    /** Conditions by what they answered, and actions of rules that matched. */
    private static void count(Explanation told, Map<String, Integer> kinds) {
        Map<String, Boolean> seen = new LinkedHashMap<>();
        for (Explanation.Event event : told.events()) {
            if (event instanceof Explanation.Looked looked) {
                boolean match = looked.match() == Explanation.Match.MATCH;
                seen.put("engine " + looked.table().engine(), true);
                for (Clause clause : looked.rule().clauses()) {
                    String name = clause instanceof Clause.NumberIs n
                            ? n.key().name()
                            : clause.getClass().getSimpleName();
                    if (clause instanceof Clause.Condition) {
                        boolean only = looked.rule().clauses().stream()
                                        .filter(Clause.Condition.class::isInstance)
                                        .count()
                                == 1;
                        only |= clause instanceof Clause.NumberIs n
                                && looked.why().startsWith(n.key().words());
                        if (match || only) {
                            seen.put(name + (match ? " holds" : " fails"), true);
                        }
                    } else if (match) {
                        seen.put(name, true);
                    }
                }
            }
        }
        seen.keySet().forEach(k -> kinds.merge(k, 1, Integer::sum));
    }

    private static List<String> events(Explanation told) {
        return told.events().stream()
                .map(e -> switch (e) {
                    case Explanation.Entered(var t, var c) -> t.title() + " " + c.name();
                    case Explanation.Looked l ->
                        "  " + l.match() + " " + l.rule().text() + " " + l.why();
                    case Explanation.Policy(var _, var c, boolean drops) -> "  end of " + c.name() + " " + drops;
                    case Explanation.Happened(String text) -> "· " + text;
                })
                .toList();
    }
}
