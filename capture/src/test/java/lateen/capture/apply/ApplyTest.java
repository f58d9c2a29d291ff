package lateen.capture.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lateen.capture.host.CaptureException;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.ProcessRunner;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a run does with what it finds. */
@NeedsRoot
class ApplyTest {
    private static final String MUCH = "-m TPROXY -t 555 -r 144 -i * -b * -d 15090 --redirect-dns --drop-invalid";
    private static final CommandRunner REAL = new ProcessRunner(Duration.ofSeconds(30));

    private static Lab lab;

    @BeforeAll
    static void build() throws IOException {
        lab = new Lab();
    }

    @AfterAll
    static void remove() throws IOException {
        lab.close();
    }

    @BeforeEach
    void clean() throws Exception {
        BackEndFlags.clean(lab);
    }

    @ParameterizedTest
    @EnumSource
    void clean_up_with_no_other_flag_leaves_what_was_there_before(BackEndFlags backEnd) throws Exception {
        List<String> foreign = List.of(
                "iptables-nft -t nat -A OUTPUT -p tcp -m comment --comment foreign --dport 5 -j REDIRECT --to-ports 6",
                "ip6tables-nft -t mangle -A PREROUTING -s fd99::/16 -j DROP",
                "iptables-legacy -t raw -A PREROUTING -s 203.0.113.0/24 -j DROP",
                "nft add table inet istio-proxy-other",
                "ip -4 rule add fwmark 1337 lookup 133",
                "ip -4 route add local default dev lo table 133",
                "ip addr add 127.7.7.7/32 dev lo");
        for (String command : foreign) {
            lab.inPod(command);
        }
        try {
            String before = lab.state();
            assertThat(backEnd.run(lab, MUCH)).isEqualTo(CaptureApplier.Outcome.APPLIED);
            assertThat(lab.state()).contains("fwmark 0x22b lookup 144", "::6/128");
            assertThat(backEnd.run(lab, "--cleanup-only")).isEqualTo(CaptureApplier.Outcome.REMOVED);
            assertThat(lab.state()).isEqualTo(before);
            assertThat(backEnd.run(lab, "--cleanup-only")).isEqualTo(CaptureApplier.Outcome.NOTHING_TO_REMOVE);
        } finally {
            lab.inPod("iptables-nft -t nat -F OUTPUT");
            lab.inPod("ip6tables-nft -t mangle -F PREROUTING");
            lab.inPod("iptables-legacy -t raw -F PREROUTING");
            lab.inPod("nft delete table inet istio-proxy-other");
            lab.inPod("ip -4 rule del fwmark 1337 lookup 133");
            lab.inPod("ip -4 route flush table 133");
            lab.inPod("ip addr del 127.7.7.7/32 dev lo");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            NFT    | iptables-nft -t nat -D ISTIO_REDIRECT 1                   | missing: "IPV4 nat -A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001"
            NFT    | ip6tables-nft -t nat -I ISTIO_OUTPUT -p tcp --dport 80 -j RETURN | there: "IPV6 nat -A ISTIO_OUTPUT -p tcp -m tcp --dport 80 -j RETURN"
            NFT    | ip6tables-nft -t nat -A OUTPUT -p tcp -j ISTIO_OUTPUT     | the same rules in another order or number
            NFT    | iptables-nft -t nat -D PREROUTING 1                       | missing: "IPV4 nat -A PREROUTING -p tcp -j ISTIO_INBOUND"
            NFT    | iptables-nft -t mangle -N ISTIO_TPROXY                    | there: "IPV4 mangle :ISTIO_TPROXY"
            NFT    | iptables-nft -t nat -I ISTIO_INBOUND -m comment --comment x -j ACCEPT | there: "IPV4 nat -A ISTIO_INBOUND -m comment --comment x -j ACCEPT"
            LEGACY | iptables-legacy -t nat -R ISTIO_REDIRECT 1 -p tcp -j REDIRECT --to-ports 1 | there: "IPV4 nat -A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 1", missing: "IPV4 nat -A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001"
            LEGACY | ip6tables-legacy -t nat -F ISTIO_OUTPUT                   | missing: "IPV6 nat -A ISTIO_OUTPUT -s ::6/128 -o lo -j RETURN"
            NATIVE | nft insert rule inet istio-proxy-nat istio-output accept  | there: "inet istio-proxy-nat istio-output: accept"
            NATIVE | nft flush chain inet istio-proxy-nat istio-redirect       | missing: "inet istio-proxy-nat istio-redirect: meta l4proto tcp redirect to :15001"
            NATIVE | nft add set inet istio-proxy-nat s { type ipv4_addr; }    | there: "inet istio-proxy-nat set s {"
            NATIVE | nft add table inet istio-proxy-mangle                     | the same rules in another order or number
            """)
    void what_somebody_changed_is_refused_and_replaced_when_asked(BackEndFlags backEnd, String change, String found)
            throws Exception {
        String flags = "-i * -b *";
        backEnd.run(lab, flags);
        String good = lab.state();
        lab.inPod(change);
        String changed = lab.state();
        assertThatThrownBy(() -> backEnd.run(lab, flags))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("other capture rules are there already: " + found)
                .hasMessageContaining("--reconcile");
        assertThat(lab.state()).isEqualTo(changed);
        assertThat(backEnd.run(lab, flags + " --reconcile")).isEqualTo(CaptureApplier.Outcome.RECONCILED);
        assertThat(lab.state()).isEqualTo(good);
    }

    @Test
    void rules_in_another_back_end_are_refused_and_moved_when_asked() throws Exception {
        BackEndFlags from = BackEndFlags.LEGACY;
        from.run(lab, MUCH);
        for (BackEndFlags to : List.of(BackEndFlags.NATIVE, BackEndFlags.NFT, BackEndFlags.LEGACY)) {
            assertThatThrownBy(() -> to.run(lab, MUCH)).hasMessageContaining("is to hold them (expected: none");
            assertThat(to.run(lab, MUCH + " --reconcile")).isEqualTo(CaptureApplier.Outcome.RECONCILED);
            String moved = lab.state();
            BackEndFlags.clean(lab);
            to.run(lab, MUCH);
            assertThat(moved).isEqualTo(lab.state());
            from = to;
        }
    }

    @ParameterizedTest
    @EnumSource
    void other_flags_replace_routes_too(BackEndFlags backEnd) throws Exception {
        backEnd.run(lab, "-m TPROXY -b * -t 77 -r 78");
        assertThat(backEnd.run(lab, MUCH + " --reconcile")).isEqualTo(CaptureApplier.Outcome.RECONCILED);
        String replaced = lab.state();
        BackEndFlags.clean(lab);
        backEnd.run(lab, MUCH);
        assertThat(replaced).isEqualTo(lab.state());
        lab.inPod("ip -6 rule del fwmark 555 lookup 144");
        assertThat(backEnd.run(lab, MUCH)).isEqualTo(CaptureApplier.Outcome.APPLIED);
        assertThat(lab.state().lines().sorted())
                .isEqualTo(replaced.lines().sorted().toList());
    }

    @ParameterizedTest
    @EnumSource
    void force_apply_writes_over_whatever_is_there(BackEndFlags backEnd) throws Exception {
        backEnd.run(lab, "-i * -b * -p 16001");
        assertThat(backEnd.run(lab, "-i * -b * --force-apply")).isEqualTo(CaptureApplier.Outcome.APPLIED);
        assertThat(lab.state()).contains("15001").doesNotContain("16001");
        BackEndFlags.clean(lab);
        assertThat(lab.state()).doesNotContainIgnoringCase("istio");
    }

    @Test
    void the_back_end_in_use_is_chosen() throws Exception {
        assertThat(chosen("")).contains("iptables-nft-restore").doesNotContain("iptables-legacy-restore");
        BackEndFlags.clean(lab);
        lab.inPod("ip6tables-legacy -t nat -A OUTPUT -d fd99::/16 -j RETURN");
        try {
            assertThat(chosen("")).contains("iptables-legacy-restore").doesNotContain("iptables-nft-restore");
        } finally {
            lab.inPod("ip6tables-legacy -t nat -F OUTPUT");
        }
        BackEndFlags.clean(lab);
        assertThat(chosen("--native-nftables"))
                .anyMatch(line -> line.startsWith("nft table inet"))
                .noneMatch(line -> line.contains("restore"));
    }

    /** The programs that a run started to change something. */
    private List<String> chosen(String flags) throws Exception {
        List<String> commands = new ArrayList<>();
        CommandRunner noting = new CommandRunner() {
            @Override
            public Result run(List<String> command, String input) throws IOException {
                commands.add(
                        String.join(" ", command.subList(3, command.size())).replaceAll(" --.*", ""));
                return REAL.run(command, input);
            }

            @Override
            public boolean installed(String program) throws IOException {
                return REAL.installed(program);
            }
        };
        List<String> arguments = new ArrayList<>(List.of("-i", "*", "--network-namespace", lab.pod));
        if (!flags.isEmpty()) {
            arguments.add(flags);
        }
        new CaptureApplier(noting, _ -> {})
                .apply(lateen.capture.plan.Story.options(java.util.Map.of(), arguments.toArray(String[]::new)));
        return commands;
    }

    @ParameterizedTest
    @EnumSource
    void a_missing_kernel_module_is_named_before_anything_is_touched(BackEndFlags backEnd) throws Exception {
        String before = lab.state();
        // What a kernel without the module makes the programs say, at whatever rule needs it.
        CommandRunner lacking = without(
                backEnd == BackEndFlags.NATIVE ? "tproxy ip6" : "--on-ip ::",
                backEnd == BackEndFlags.LEGACY
                        ? new CommandRunner.Result(
                                0, "", "Warning: Extension TPROXY revision 0 not supported, missing kernel module?")
                        : new CommandRunner.Result(1, "", "Error: Could not process rule: No such file or directory"));
        assertThatThrownBy(() -> backEnd.run(lab, MUCH, lacking))
                .hasMessageContaining("-A ISTIO_TPROXY ! -d ::1/128 -p tcp -j TPROXY")
                .hasMessageContaining(backEnd == BackEndFlags.NATIVE ? "kernel module nft_tproxy" : "xt_TPROXY")
                .hasMessageContaining("nothing was changed");
        assertThat(lab.state()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void the_longest_lists_that_options_may_hold_are_written(BackEndFlags backEnd) throws Exception {
        String ports = numbers(1024, 30_000, "%d");
        String ranges = numbers(512, 0, "10.%2$d.%3$d.0/24") + "," + numbers(512, 1, "fd00:%d::/32");
        String flags = "-m TPROXY -b * -i 10.0.0.0/8,fd00::/8 --redirect-dns --drop-invalid -d " + ports + " -q "
                + ports + " -o " + ports + " -x " + ranges;
        if (backEnd == BackEndFlags.NATIVE) {
            // One text holds everything: see how long it may be.
            flags += " -u " + numbers(1024, 70_000, "%d") + " -g " + numbers(1024, 90_000, "%d") + " -c "
                    + numbers(1024, 10_000, "interface%d") + " -k " + numbers(1024, 10_000, "interfacf%d");
        }
        assertThat(backEnd.run(lab, flags)).isEqualTo(CaptureApplier.Outcome.APPLIED);
        assertThat(backEnd.run(lab, flags)).isEqualTo(CaptureApplier.Outcome.UNCHANGED);
    }

    private static String numbers(int count, int from, String form) {
        return java.util.stream.IntStream.range(0, count)
                .mapToObj(i -> String.format(form, from + i, i / 256, i % 256))
                .collect(java.util.stream.Collectors.joining(","));
    }

    private static CommandRunner without(String feature, CommandRunner.Result refusal) {
        return (command, input) -> (input + command).contains(feature) ? refusal : REAL.run(command, input);
    }

    @Test
    void a_node_without_ipv6_is_warned_of_or_refused_as_it_matters() throws Exception {
        CommandRunner ipv4Only = (command, input) -> command.stream().anyMatch(w -> w.startsWith("ip6tables"))
                ? new CommandRunner.Result(3, "", "ip6tables: can't initialize ip6tables table")
                : REAL.run(command, input);
        String before = lab.state();
        for (BackEndFlags backEnd : List.of(BackEndFlags.NFT, BackEndFlags.LEGACY)) {
            assertThatThrownBy(() -> backEnd.run(lab, "-i *", ipv4Only))
                    .hasMessageContaining("an interface here has an IPv6 address, but IPv6 rules cannot be written")
                    .hasMessageContaining("can't initialize ip6tables table");
            assertThat(lab.state()).isEqualTo(before);
            List<String> warnings = new ArrayList<>();
            var options = backEnd.options(lab, "-i * ISTIO_DUAL_STACK=false");
            assertThat(new CaptureApplier(ipv4Only, warnings::add).apply(options))
                    .isEqualTo(CaptureApplier.Outcome.APPLIED);
            assertThat(warnings)
                    .singleElement()
                    .asString()
                    .contains("this node has no IPv6 rules, and none are needed");
            BackEndFlags.clean(lab);
        }
    }

    @Test
    void a_write_that_fails_in_its_middle_is_taken_back() throws Exception {
        for (BackEndFlags backEnd : BackEndFlags.values()) {
            BackEndFlags.clean(lab);
            for (String first : List.of("", "-i * -p 16001")) {
                if (!first.isEmpty()) {
                    backEnd.run(lab, first);
                }
                String before = lab.state();
                // Either the IPv6 half or the whole transaction cannot be written, after all checks went well.
                CommandRunner failing = (command, input) -> !command.contains("--test")
                                && !command.contains("-c")
                                && ((input + command).contains("::6 oifname") || input.contains("::6/128"))
                        ? new CommandRunner.Result(4, "", "out of memory")
                        : REAL.run(command, input);
                assertThatThrownBy(() -> backEnd.run(lab, MUCH + (first.isEmpty() ? "" : " --reconcile"), failing))
                        .hasMessageContaining("out of memory");
                assertThat(lab.state()).isEqualTo(before);
            }
        }
    }
}
