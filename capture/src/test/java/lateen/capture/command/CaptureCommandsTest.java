package lateen.capture.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lateen.capture.host.TwoHosts;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands on real namespaces. */
@NeedsRoot
class CaptureCommandsTest {
    private static final List<String> FLAGS = List.of("-u", "1337", "-i", "*", "-b", "*", "-d", "15090,15021,15020");

    private TwoHosts hosts;
    private int status;

    @BeforeEach
    void build() throws IOException {
        hosts = new TwoHosts();
    }

    @AfterEach
    void remove() throws IOException {
        hosts.close();
    }

    private String capture(String... args) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        status = CaptureCommand.run(List.of(args), Map.of("ISTIO_DUAL_STACK", "true"), out, out);
        return said.toString(StandardCharsets.UTF_8);
    }

    private void apply(List<String> flags) {
        List<String> args = new ArrayList<>(flags);
        args.add("--network-namespace=" + hosts.pod);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        int done = IstioIptablesCommand.run(args, Map.of("ISTIO_DUAL_STACK", "true"), out, out);
        assertThat(done).as(said.toString(StandardCharsets.UTF_8)).isZero();
    }

    @Test
    void explain_names_the_deciding_rule_the_failed_conditions_the_listener_and_the_flag() throws Exception {
        apply(FLAGS);
        hosts.listen(hosts.pod, false, 15001, 15006);
        String out = capture("explain", "tcp", "192.0.2.1:80", "--netns", hosts.pod, "--uid", "1000");
        assertThat(out)
                .contains(
                        "✔ -p tcp -j ISTIO_OUTPUT",
                        "← user 1000 is not 1337",
                        "← interface of departure eth0 is not lo")
                .contains("goes to local port 15001 (127.0.0.1:15001)", "Listener: python3 (process ")
                .contains("excludeOutboundIPRanges", "--envoy-port (-p)");
        assertThat(capture("explain", "--in", "tcp", TwoHosts.PEER4, TwoHosts.POD4 + ":15021", "--netns", hosts.pod))
                .contains("goes where it was sent", "--istio-local-exclude-ports (-d)");
        assertThat(capture("explain", "udp", TwoHosts.POD6, "[" + TwoHosts.PEER6 + "]:9", "--netns", hosts.pod))
                .contains("leaves by eth0", "UDP is not captured");
        assertThat(capture(
                        "explain",
                        "tcp",
                        "1.2.3.4:80",
                        "--pid",
                        Long.toString(ProcessHandle.current().pid()),
                        "--iface",
                        "lo"))
                .contains("sent by user 0, group 0");
    }

    @Test
    void the_example_of_the_documentation_is_what_the_command_says() throws Exception {
        apply(FLAGS);
        String out = capture("explain", "tcp", "192.0.2.1:80", "--uid", "1000", "--netns", hosts.pod);
        String example = out.substring(0, out.indexOf("\nListener:"));
        assertThat(Files.readString(Path.of("../docs/capture.md"))).contains("```\n" + example + "\n```");
    }

    @Test
    void what_is_not_understood_is_said_and_not_guessed() throws Exception {
        hosts.inPod("iptables-nft -A OUTPUT -p tcp -m statistic --mode random --probability 0.5 -j DROP");
        assertThat(capture("explain", "tcp", TwoHosts.PEER4 + ":80", "--netns", hosts.pod))
                .contains("? -p tcp -m statistic", "[not ours]", "is not understood", "Unknown:");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            explain tcp x:1                       | destination: "x:1"
            explain sctp 1.2.3.4:1                | protocol: "sctp"
            explain tcp 1.2.3.4:1 pod/no-such-pod -n shop | pod: "shop/no-such-pod" (expected: a pod of this node
            explain tcp 1.2.3.4:1 -n shop         | pod/NAME beside it
            show 0123456789abcdef                 | container: "0123456789abcdef" (expected: the id of a container
            show containerd://0123456789abcdef    | the id of a container that runs on this node
            diff container/no-such-container      | the id of a container that runs on this node
            watch pod/no-such-pod                 | "default/no-such-pod"
            clean pod/no-such-pod --pid 1         | one target
            show web                              | pod/NAME with -n NAMESPACE, a container id
            show --pid 999999999                  | process id
            show -o xml                           | text, json, yaml or dot
            show --netns                          | a value
            watch --seconds 900                   | 1..600
            clean --netns no-such-namespace-here  | network namespace
            """)
    void what_cannot_be_meant_is_refused(String args, String message) {
        assertThat(capture(args.split(" "))).contains(message);
        assertThat(status).isEqualTo(1);
    }

    @Test
    void show_tells_ours_from_others_in_every_format() throws Exception {
        apply(FLAGS);
        hosts.inPod("iptables-legacy -A INPUT -p udp --dport 9 -j DROP");
        assertThat(capture("show", "--netns", hosts.pod, "--counters"))
                .contains("-A ISTIO_INBOUND -p tcp -m tcp --dport 15021 -j RETURN")
                .contains("TCP to port 15021 is left alone here. [--istio-local-exclude-ports (-d); annotation")
                .contains("iptables-legacy -t filter", "UDP to port 9 is dropped. [not ours]", "where packets go");
        assertThat(capture("show", "--netns", hosts.pod, "-o", "json"))
                .contains("\"flag\": \"--envoy-port (-p)\"", "\"ours\": false");
        assertThat(capture("show", "--netns", hosts.pod, "-o", "yaml")).contains("flag: \"--envoy-port (-p)\"");
        assertThat(capture("show", "--netns", hosts.pod, "-o", "dot")).contains("digraph capture", " -> \"t");
    }

    @Test
    void show_tells_what_rules_alone_do_not_decide() throws Exception {
        apply(FLAGS);
        hosts.inPod("nft add table ip rival");
        hosts.inPod("nft add chain ip rival out { type nat hook output priority -100; }");
        hosts.inPod("nft add rule ip rival out counter");
        assertThat(capture("show", "--netns", hosts.pod))
                .contains("note: iptables -t nat and nft table ip rival both hold rules at OUTPUT with priority -100");
    }

    @Test
    void show_counts_packets_and_tells_routes_names_policies_and_ways() throws Exception {
        Path names = Path.of("/etc/netns", hosts.pod, "resolv.conf");
        Files.createDirectories(names.getParent());
        Files.writeString(names, "nameserver 10.9.0.53\n");
        try {
            apply(List.of("-u", "1337", "-i", "*", "-b", "*", "-m", "TPROXY"));
            hosts.inPod("iptables-nft -P FORWARD DROP");
            hosts.listen(hosts.pod, true, 15001, 15006);
            String call = TwoHosts.PEER4 + "|80|";
            hosts.call(hosts.pod, 1000, 1000, List.of(call, call, call));
            assertThat(capture("show", "--netns", hosts.pod, "--counters"))
                    .containsPattern("\n +3 -A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001\n")
                    .contains("FORWARD: what reaches the end is dropped (its policy)")
                    .contains("ip rule, IPV4: packets with mark 1337 are routed by table 133")
                    .contains("table 133: 0.0.0.0/0 counts as an address of this host")
                    .contains("resolv.conf: 10.9.0.53")
                    .contains("[--istio-inbound-interception-mode (-m); annotation sidecar.istio.io/interceptionMode]")
                    .containsPattern("uid 1337 .*OUTPUT → ISTIO_OUTPUT → untouched")
                    .contains("→ :15006 (transparent)");
            assertThat(capture("show", "--netns", hosts.pod)).doesNotContainPattern("\n +3 -A ISTIO_REDIRECT");
        } finally {
            Files.delete(names);
            Files.delete(names.getParent());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --uid 1000                | user 1000, group 1000    | goes to local port 15001
            --uid 1337                | user 1337, group 1337    | uid-owner 1337 -j RETURN   (--proxy-uid (-u))
            --uid 1000 --gid 1337     | user 1000, group 1337    | gid-owner 1337 -j RETURN   (--proxy-gid (-g)
            --mark 7                  | user 1000, group 1000    | Result:   dropped
            --iface lo                | by way of lo             | chain ISTIO_OUTPUT: -o lo -j RETURN
            --out                     | sent from here           | goes to local port 15001
            --in                      | arrives on eth0          | goes to local port 15006
            --in --iface lo           | arrives on lo            | goes to local port 15006
            --all                     | chain POSTROUTING        | goes to local port 15001
            """)
    void what_is_said_of_a_packet_counts(String flags, String said, String end) throws Exception {
        apply(FLAGS);
        hosts.inPod("iptables-nft -t mangle -A OUTPUT -m mark --mark 7 -j DROP");
        // A chain without rules is told when everything is asked for.
        hosts.inPod("iptables-nft -t mangle -P POSTROUTING ACCEPT");
        List<String> args = new ArrayList<>(List.of("explain", "tcp"));
        args.addAll(
                flags.contains("--in")
                        ? List.of(TwoHosts.PEER4, TwoHosts.POD4 + ":80")
                        : List.of(TwoHosts.POD4, TwoHosts.PEER4 + ":80"));
        args.addAll(List.of("--netns", hosts.pod));
        args.addAll(List.of(flags.split(" ")));
        String out = capture(args.toArray(String[]::new));
        assertThat(out).contains(said, end);
        assertThat(out.contains("iptables -t mangle, chain POSTROUTING")).isEqualTo(flags.equals("--all"));
        assertThat(status).isZero();
    }

    @ParameterizedTest
    @CsvSource({"--force-iptables-binary=legacy", "--native-nftables", "-m=TPROXY"})
    void diff_compares_every_back_end(String flag) throws Exception {
        List<String> flags = new ArrayList<>(FLAGS);
        flags.add(flag);
        apply(flags);
        List<String> args = new ArrayList<>(List.of("diff", "--netns", hosts.pod, "--"));
        args.addAll(flags);
        assertThat(capture(args.toArray(String[]::new))).contains("no difference");
        assertThat(status).isZero();
        args.addAll(List.of("-p", "16001"));
        boolean nft = flag.equals("--native-nftables");
        assertThat(capture(args.toArray(String[]::new)))
                .containsPattern(nft ? "\n- istio-redirect: .*:15001" : "\n- -A ISTIO_REDIRECT .* 15001")
                .containsPattern(nft ? "\n\\+ istio-redirect: .*:16001" : "\n\\+ -A ISTIO_REDIRECT .* 16001");
        assertThat(status).isEqualTo(3);
    }

    @Test
    void diff_and_clean() throws Exception {
        apply(FLAGS);
        List<String> args = new ArrayList<>(List.of("diff", "--netns", hosts.pod, "--"));
        args.addAll(FLAGS);
        assertThat(capture(args.toArray(String[]::new))).contains("no difference");
        args.addAll(List.of("-o", "443"));
        assertThat(capture(args.toArray(String[]::new)))
                .contains("+ -A ISTIO_OUTPUT -p tcp -m tcp --dport 443 -j RETURN");
        assertThat(status).isEqualTo(3);
        assertThat(capture("clean", "--netns", hosts.pod)).contains("capture rules removed");
        assertThat(hosts.inPod("iptables-nft-save") + hosts.inPod("ip6tables-nft-save"))
                .doesNotContain("ISTIO");
        apply(List.of("--native-nftables", "-i", "*"));
        assertThat(capture("diff", "--netns", hosts.pod, "--", "--native-nftables", "-i", "*"))
                .contains("no difference");
        assertThat(capture("diff", "--netns", hosts.pod, "--", "--native-nftables", "-i", ""))
                .contains("- istio-output: jump istio-redirect");
    }

    @ParameterizedTest
    @CsvSource({"redirect,-m REDIRECT", "tproxy,-m TPROXY", "nftables,--native-nftables"})
    void the_pictures_of_the_documentation_are_what_the_command_draws(String name, String mode) throws Exception {
        Path kept = Path.of("../docs/capture", name + ".svg");
        Path drawn = Files.createTempFile("picture", ".svg");
        List<String> flags = new ArrayList<>(List.of(mode.split(" ")));
        flags.addAll(FLAGS);
        flags.add("--dual-stack=false");
        apply(flags);
        capture("show", "--netns", hosts.pod, "--graph", drawn.toString());
        if ("write".equals(System.getProperty("lateen.pictures"))) {
            Files.createDirectories(kept.getParent());
            Files.copy(drawn, kept, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        assertThat(drawn).hasSameTextualContentAs(kept);
        Files.delete(drawn);
    }
}
