package lateen.capture.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lateen.capture.command.CaptureCommand;
import lateen.capture.command.IstioIptablesCommand;
import lateen.capture.host.CaptureException;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.host.NetworkNamespace;
import lateen.capture.host.ProcessRunner;
import lateen.capture.host.TwoHosts;
import lateen.capture.host.Wiring;
import lateen.capture.model.HookTable;
import lateen.capture.model.OwnRules;
import lateen.capture.model.Protocol;
import lateen.capture.model.RuleSet;
import lateen.capture.plan.CaptureOptions;
import lateen.capture.plan.InvalidOptionException;
import lateen.capture.plan.Story;
import lateen.capture.read.NamespaceReader;
import lateen.capture.render.RuleText;
import lateen.capture.simulate.Packet;
import lateen.capture.simulate.PacketSimulator;
import lateen.capture.simulate.SimulatedPath;
import lateen.capture.simulate.Verdict;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NeedsRoot
class KernelTest {
    private static final Map<String, String> DUAL = Map.of("ISTIO_DUAL_STACK", "true");

    private final CaptureApplier applier = new CaptureApplier(_ -> {});
    private TwoHosts hosts;

    @BeforeEach
    void join() throws IOException {
        hosts = new TwoHosts();
    }

    @AfterEach
    void part() throws IOException {
        hosts.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "nft"})
    void the_kernel_lists_the_storys_lines_and_the_second_run_changes_nothing(String backend) throws Exception {
        CaptureOptions options = story("--force-iptables-binary", backend);
        assertThat(applier.apply(options)).isEqualTo(CaptureApplier.Outcome.APPLIED);
        String listing = hosts.inPod("iptables-" + backend + " -t nat -S");
        assertThat(listing.lines()).containsSubsequence(Story.LINES);
        assertThat(hosts.inPod("ip6tables-" + backend + " -t nat -S"))
                .contains(
                        "-A ISTIO_OUTPUT -s ::6/128 -o lo -j RETURN",
                        "-A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001");
        assertThat(applier.apply(options)).isEqualTo(CaptureApplier.Outcome.UNCHANGED);
        assertThat(hosts.inPod("iptables-" + backend + " -t nat -S")).isEqualTo(listing);
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "nft"})
    void every_flag_at_once_reads_back_as_it_was_written(String backend) throws Exception {
        for (String mode : List.of("REDIRECT", "TPROXY")) {
            String[] all = ("-m " + mode
                            + " -b * -d 15090 -i 10.0.0.0/8,fd00::/8 -x 10.1.0.0/16,fd01::/16 -q 9000 -o 22 -k vnet0 -c eth9 "
                            + "-u 1337,500-600 -g 1337 --redirect-dns --capture-all-dns --drop-invalid --reconcile --network-namespace "
                            + hosts.pod + " --force-iptables-binary " + backend)
                    .split(" ");
            CaptureOptions options = Story.options(
                    Map.of("ISTIO_DUAL_STACK", "true", "ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE", "42,50-60"), all);
            applier.apply(options);
            RuleSet read = live(backend.equals("legacy") ? HookTable.Engine.LEGACY : HookTable.Engine.NFT);
            assertThat(OwnRules.of(read))
                    .isEqualTo(OwnRules.of(applier.plan(options).rules()));
            assertThat(applier.apply(options)).isEqualTo(CaptureApplier.Outcome.UNCHANGED);
        }
    }

    @Test
    void different_rules_are_refused_unless_reconciled_and_clean_up_leaves_foreign_rules_alone() throws Exception {
        hosts.inPod(
                "iptables-nft -t nat -A OUTPUT -p tcp -m comment --comment foreign -m tcp --dport 5 -j REDIRECT --to-ports 6");
        hosts.inPod("iptables-nft -t nat -N FOREIGN");
        hosts.inPod("ip6tables-nft -t filter -A INPUT -s fd99::/16 -j DROP");
        String before = saved();
        applier.apply(story());
        CaptureOptions other = story("-z", "16006");
        assertThatThrownBy(() -> applier.apply(other))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("15006")
                .hasMessageContaining("--reconcile");
        assertThat(hosts.inPod("iptables-nft -t nat -S ISTIO_IN_REDIRECT")).contains("15006");
        assertThat(applier.apply(story("-z", "16006", "--reconcile"))).isEqualTo(CaptureApplier.Outcome.RECONCILED);
        assertThat(hosts.inPod("iptables-nft -t nat -S ISTIO_IN_REDIRECT")).contains("16006");
        assertThat(saved()).doesNotContain("GUARD");
        assertThat(applier.apply(story("--force-apply"))).isEqualTo(CaptureApplier.Outcome.APPLIED);
        assertThat(applier.apply(story("--cleanup-only"))).isEqualTo(CaptureApplier.Outcome.REMOVED);
        assertThat(saved()).isEqualTo(before);
        assertThat(applier.apply(story("--cleanup-only"))).isEqualTo(CaptureApplier.Outcome.NOTHING_TO_REMOVE);
    }

    @Test
    void when_the_second_family_fails_the_first_is_taken_back() throws Exception {
        String before = saved();
        CommandRunner real = new ProcessRunner(java.time.Duration.ofSeconds(10));
        CaptureApplier failing = new CaptureApplier(
                (command, input) -> command.contains("ip6tables-nft-restore")
                        ? new CommandRunner.Result(2, "", "no IPv6 today")
                        : real.run(command, input),
                _ -> {});
        assertThatThrownBy(() -> failing.apply(story())).hasMessageContaining("no IPv6 today");
        assertThat(saved()).isEqualTo(before);
    }

    @Test
    void packets_go_where_the_simulator_says_and_keep_their_original_destination() throws Exception {
        applier.apply(story("-o", "2222", "-x", "10.250.0.9/32", "--reconcile"));
        hosts.listen(hosts.pod, false, 15001, 15006, 15008, 15020, 8080);
        hosts.listen(hosts.peer, false, 80, 2222, 8080);
        RuleSet live = live(HookTable.Engine.NFT);
        PacketSimulator simulator = new PacketSimulator(live);
        List<String> checked = new ArrayList<>();
        for (long[] owner : new long[][] {{1000, 1000}, {1337, 1337}, {0, 1337}, {1337, 0}, {0, 0}}) {
            List<String> targets = new ArrayList<>();
            for (String[] side : new String[][] {{TwoHosts.POD4, TwoHosts.PEER4}, {TwoHosts.POD6, TwoHosts.PEER6}}) {
                Stream.of("80", "2222", "8080").forEach(port -> targets.add(side[1] + "|" + port + "|"));
                Stream.of("8080", "15008", "15020").forEach(port -> targets.add(side[0] + "|" + port + "|"));
            }
            targets.addAll(List.of(
                    "127.0.0.1|8080|", "::1|8080|", "127.0.0.1|8080|127.0.0.6", TwoHosts.POD4 + "|8080|127.0.0.6"));
            checked.addAll(compare(simulator, hosts.pod, owner, targets));
        }
        List<String> inbound = new ArrayList<>();
        for (String address : List.of(TwoHosts.POD4, TwoHosts.POD6)) {
            Stream.of("8080", "9999", "15008", "15020").forEach(port -> inbound.add(address + "|" + port + "|"));
        }
        checked.addAll(compare(simulator, hosts.peer, new long[] {1000, 1000}, inbound));
        assertThat(checked).hasSizeGreaterThan(80);
        assertThat(checked)
                .contains(
                        "OUT 1000 10.250.0.2|80| → 15001 10.250.0.2|80",
                        "OUT 1000 fd00:250::2|80| → 15001 fd00:250::2|80",
                        "OUT 1337 10.250.0.1|8080| → 15006 10.250.0.1|8080",
                        "IN 1000 10.250.0.1|8080| → 15006 10.250.0.1|8080",
                        "IN 1000 fd00:250::1|9999| → 15006 fd00:250::1|9999",
                        "IN 1000 10.250.0.1|15020| → 15020 10.250.0.1|15020");
        List<lateen.capture.model.Rule> counted = live(HookTable.Engine.NFT).tables().stream()
                .flatMap(table -> table.chains().stream())
                .flatMap(chain -> chain.rules().stream())
                .filter(rule -> RuleText.spec(rule).endsWith("--to-ports 15001"))
                .toList();
        assertThat(counted)
                .isNotEmpty()
                .allSatisfy(rule -> assertThat(rule.counters().packets()).isPositive());
    }

    /** Sends each packet really; what came of it must be what the simulator says. */
    private List<String> compare(PacketSimulator simulator, String from, long[] owner, List<String> targets)
            throws IOException {
        List<String> answers = hosts.call(from, owner[0], owner[1], targets);
        List<String> results = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            String[] parts = targets.get(i).split("\\|", -1);
            boolean v4 = parts[0].contains(".");
            boolean local = parts[0].equals(TwoHosts.POD4)
                    || parts[0].equals(TwoHosts.POD6)
                    || parts[0].startsWith("127.")
                    || parts[0].equals("::1");
            boolean in = from.equals(hosts.peer);
            String source = !parts[2].isEmpty()
                    ? parts[2]
                    : in
                            ? (v4 ? TwoHosts.PEER4 : TwoHosts.PEER6)
                            : parts[0].equals("127.0.0.1") || parts[0].equals("::1")
                                    ? parts[0]
                                    : v4 ? TwoHosts.POD4 : TwoHosts.POD6;
            int port = Integer.parseInt(parts[1]);
            Packet packet = in
                    ? Packet.in("eth0", Protocol.TCP, Story.address(source), Story.address(parts[0]), port)
                    : Packet.out(
                            local ? "lo" : "eth0",
                            Protocol.TCP,
                            Story.address(source),
                            Story.address(parts[0]),
                            port,
                            owner[0],
                            owner[1]);
            SimulatedPath path = simulator.simulate(packet);
            int lands = switch (path.verdict()) {
                case Verdict.Redirected(int to) -> to;
                case Verdict.Intercepted(int to) -> to;
                case Verdict.Passed _ -> port;
                case Verdict.Dropped _ -> -1;
                case Verdict.Translated _, Verdict.Rejected _, Verdict.Unknown _ -> -2;
            };
            String expected = lands + " " + parts[0] + "|" + port;
            assertThat(answers.get(i))
                    .as("%s as %s, simulated: %s", packet, Arrays.toString(owner), path.summary())
                    .startsWith(expected);
            results.add((in ? "IN " : "OUT ") + owner[0] + " " + targets.get(i) + " → " + expected);
        }
        return results;
    }

    @Test
    void transparent_interception_keeps_both_addresses() throws Exception {
        applier.apply(story("-m", "TPROXY"));
        assertThat(applier.apply(story("-m", "TPROXY"))).isEqualTo(CaptureApplier.Outcome.UNCHANGED);
        hosts.listen(hosts.pod, true, 15001, 15006, 15020);
        hosts.listen(hosts.peer, false, 80);
        PacketSimulator simulator = new PacketSimulator(live(HookTable.Engine.NFT));
        List<String> in = List.of(
                TwoHosts.POD4 + "|8080|",
                TwoHosts.POD6 + "|8080|",
                TwoHosts.POD4 + "|15020|",
                TwoHosts.POD4 + "|15008|");
        compare(simulator, hosts.peer, new long[] {1000, 1000}, in);
        assertThat(hosts.call(hosts.peer, 1000, 1000, in))
                .startsWith("15006 10.250.0.1|8080 10.250.0.2", "15006 fd00:250::1|8080 fd00:250::2");
        compare(
                simulator,
                hosts.pod,
                new long[] {1000, 1000},
                List.of(TwoHosts.PEER4 + "|80|", TwoHosts.PEER6 + "|80|"));
        compare(
                simulator,
                hosts.pod,
                new long[] {1337, 1337},
                List.of(TwoHosts.PEER4 + "|80|", TwoHosts.POD4 + "|8080|", TwoHosts.POD6 + "|8080|"));
        applier.apply(story("--cleanup-only"));
        assertThat(hosts.inPod("ip rule")).doesNotContain("133");
        assertThat(saved()).doesNotContain("ISTIO");
    }

    @Test
    void the_commands_speak_to_people() throws Exception {
        var out = new java.io.ByteArrayOutputStream();
        var stream = new java.io.PrintStream(out, true, StandardCharsets.UTF_8);
        List<String> args = new ArrayList<>(Story.ARGUMENTS);
        args.addAll(List.of("--network-namespace", hosts.pod));
        assertThat(IstioIptablesCommand.run(args, DUAL, stream, stream)).isZero();
        assertThat(CaptureCommand.run(List.of("show", "--netns", hosts.pod, "--counters"), Map.of(), stream, stream))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("rules written")
                .contains("TCP to port 15090 is left alone here.")
                .contains("PREROUTING → ISTIO_INBOUND → ISTIO_IN_REDIRECT → :15006")
                .contains("OUTPUT → ISTIO_OUTPUT → ISTIO_REDIRECT → :15001")
                .containsPattern("uid 1337 .*OUTPUT → ISTIO_OUTPUT → untouched");
        out.reset();
        assertThat(CaptureCommand.run(List.of("show", "--netns", "lt-capture-none"), Map.of(), stream, stream))
                .isOne();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("network namespace: \"lt-capture-none\"");
    }

    private RuleSet live(HookTable.Engine engine) throws CaptureException {
        return new NamespaceReader(new NamespaceCommands(Wiring.RUNNER, NetworkNamespace.named(hosts.pod)))
                .read()
                .xtables()
                .get(engine);
    }

    private CaptureOptions story(String... more) throws InvalidOptionException {
        List<String> args = new ArrayList<>(Story.ARGUMENTS);
        args.addAll(List.of("--network-namespace", hosts.pod));
        args.addAll(List.of(more));
        return Story.options(DUAL, args.toArray(String[]::new));
    }

    private String saved() throws IOException {
        return (hosts.inPod("iptables-nft-save") + hosts.inPod("ip6tables-nft-save"))
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceAll("\\[\\d+:\\d+]", ""))
                .reduce("", (a, b) -> a + b + "\n")
                // The nft back end shows built-in chains of a table that has none any more.
                .replaceAll("\\*\\w+\n(:\\w+ ACCEPT \n)+COMMIT\n", "");
    }
}
