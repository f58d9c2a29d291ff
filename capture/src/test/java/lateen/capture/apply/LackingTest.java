package lateen.capture.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import lateen.capture.host.Wiring;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The command on nodes that lack something: parts of the kernel, whose system calls then end as they do without it, and
 * programs. The words are those of the real programs. Before anything is touched it is said what is missing.
 */
@NeedsRoot
class LackingTest {
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
    @CsvSource(delimiter = '|', textBlock = """
            nf_tables  | --force-iptables-binary nft    | this kernel cannot do iptables-nft: | kernel module nf_tables
            nf_tables  | --native-nftables              | this kernel cannot do native nftables: | kernel module nf_tables
            tables     | --force-iptables-binary legacy | this kernel cannot do iptables-legacy: | kernel module ip_tables
            targets    | --force-iptables-binary legacy | refuses "-A ISTIO_IN_REDIRECT -p tcp -j REDIRECT | kernel module xt_REDIRECT
            ip6_tables | --force-iptables-binary legacy | iptables-legacy of IPv6 refuses "table nat" | kernel module ip6_tables, ip6table_nat
            without:ip6tables.* |                       | an interface here has an IPv6 address, but IPv6 rules cannot be written | Debian package iptables
            without:iptables-nft-restore |              | cannot start iptables-nft-restore | Debian package iptables
            without:ip6?tables.* |                      | cannot start iptables-save | Debian package iptables
            without:nft | --native-nftables             | nft is missing | Debian package nftables
            stack      | --native-nftables -u MANY | characters of arguments | ulimit -s
            """)
    void what_is_needed_and_missing_is_named_before_anything_is_touched(
            String lack, String flags, String what, String remedy) throws Exception {
        String before = lab.state();
        String many =
                IntStream.range(20_000, 21_000).mapToObj(Integer::toString).collect(Collectors.joining(","));
        Said said = run(lack, "-i * -b * --dual-stack" + (flags == null ? "" : " " + flags.replace("MANY", many)));
        assertThat(said.status).as(said.text).isEqualTo(1);
        assertThat(said.text).contains(what, remedy);
        assertThat(lab.state()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nf_tables  |                                | iptables-legacy
            nf_tables  | --force-iptables-binary legacy | iptables-legacy
            tables     |                                | iptables-nft
            tables     | --native-nftables              | nft
            targets    |                                | iptables-nft
            without:nft |                               | iptables-nft
            without:ip6?tables.* | --native-nftables    | nft
            """)
    void what_is_not_needed_may_be_missing(String lack, String flags, String backEnd) throws Exception {
        String before = lab.state();
        String arguments = "-i * -b * --dual-stack" + (flags == null ? "" : " " + flags);
        for (String outcome : List.of("rules written", "nothing changed")) {
            Said said = run(lack, arguments);
            assertThat(said.status).as(said.text).isZero();
            assertThat(said.text).contains(outcome).doesNotContain("warning");
        }
        String rules = backEnd.equals("nft") ? lab.inPod("nft list tables") : lab.inPod(backEnd + "-save");
        assertThat(rules).containsIgnoringCase("istio");
        assertThat(run(lack, "--cleanup-only" + (flags == null ? "" : " " + flags)).text)
                .contains("rules removed");
        assertThat(lab.state()).isEqualTo(before);
    }

    @Test
    void a_kernel_without_ipv6_gets_rules_for_ipv4() throws Exception {
        for (String backEnd : List.of("nft", "legacy")) {
            BackEndFlags.clean(lab);
            // Such a kernel has no IPv6 address either.
            Said said = run("ipv6", "-i * -b * --force-iptables-binary " + backEnd);
            assertThat(said.status).as(said.text).isZero();
            assertThat(lab.inPod("iptables-" + backEnd + "-save")).contains("ISTIO_OUTPUT");
            assertThat(lab.inPod("ip6tables-" + backEnd + "-save")).doesNotContain("ISTIO");
        }
    }

    @Test
    void ipv6_that_is_not_needed_is_warned_of() throws Exception {
        Said said = run("without:ip6tables.*", "-i * -b *");
        assertThat(said.status).as(said.text).isZero();
        assertThat(said.text).contains("warning: this node has no IPv6 rules, and none are needed", "rules written");
        assertThat(lab.inPod("iptables-nft-save")).contains("ISTIO_OUTPUT");
    }

    @Test
    void a_namespace_in_which_ipv6_is_switched_off_gets_rules_for_ipv4_alone() throws Exception {
        try (Lab off = new Lab()) {
            off.inPod("sysctl -q -w net.ipv6.conf.all.disable_ipv6=1");
            for (BackEndFlags backEnd : BackEndFlags.values()) {
                List<String> warnings = new ArrayList<>();
                BackEndFlags.clean(off);
                String flags = "-m TPROXY -i 10.0.0.0/8,fd00::/8 -b * --redirect-dns";
                assertThat(new CaptureApplier(warnings::add).apply(backEnd.options(off, flags)))
                        .isEqualTo(CaptureApplier.Outcome.APPLIED);
                assertThat(warnings)
                        .singleElement()
                        .asString()
                        .contains("-i) names IPv6 ranges, but no IPv6 rules are written here");
                assertThat(backEnd.run(off, flags)).isEqualTo(CaptureApplier.Outcome.UNCHANGED);
                assertThat(off.state())
                        .containsIgnoringCase("istio")
                        .doesNotContain("legacy6", "table ip6 ", "ipv6", "-6 rule: from all fwmark", "::6/128");
            }
        }
    }

    private record Said(int status, String text) {}

    private static Said run(String lack, String flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", lab.pod, "python3", "-c"));
        command.addAll(List.of(Wiring.script(LackingTest.class, "lacking.py"), lack));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                CommandProcess.class.getName()));
        command.addAll(Arrays.asList(flags.split(" ")));
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        String text = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(process.waitFor(), text);
    }
}
