package lateen.capture.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import lateen.capture.command.IstioIptablesCommand;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code --run-validation} against rules that are right, missing, or changed behind its back. */
@NeedsRoot
class ValidationTest {
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
    void clean() {
        command("--cleanup-only");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -i * -b *                                  | IPv4 outbound, IPv4 inbound, IPv4 loopback, IPv6 outbound, IPv6 inbound, IPv6 loopback
            -i * -b * -m TPROXY                        | IPv4 outbound, IPv4 inbound, IPv4 loopback, IPv6 outbound, IPv6 inbound, IPv6 loopback
            -i * -b * --native-nftables                | IPv4 outbound, IPv4 inbound, IPv6 outbound, IPv6 inbound
            -i * -b * -m TPROXY --native-nftables      | IPv4 outbound, IPv4 inbound, IPv6 outbound, IPv6 inbound
            -i * -b * --force-iptables-binary legacy   | IPv4 outbound, IPv4 inbound, IPv6 outbound, IPv6 inbound
            -i 10.1.0.0/16,fd01::/16 -b 80             | 10.1.0.1:15002, [fd01::1]:15002, IPv4 inbound, IPv6 inbound
            -i * -b * -u 0,77 -o 15002                 | 192.0.2.1:20000 as 65534:65534, IPv6 inbound
            -i * -b * --proxy-mark 99                  | IPv4 outbound, IPv4 inbound, IPv6 outbound, IPv6 inbound
            -q 9000                                    | 192.0.2.1:9000, [2001:db8::1]:9000
            -i * -b * -p 16001 -z 16006 --iptables-probe-port 16002 | to port 16001, to port 16006
            """)
    void good_rules_pass(String flags, String passed) {
        Said said = command(flags + " --run-validation --probe-timeout=300ms");
        assertThat(said.status).as(said.text).isZero();
        for (String part : passed.split(", ")) {
            assertThat(said.text.lines().filter(line -> line.contains("validated: ")))
                    .anyMatch(line -> line.contains(part));
        }
        assertThat(said.text).doesNotContain("not validated");
    }

    @Test
    void without_rules_every_call_fails_and_the_status_is_126() {
        Said said = command("-i * -b * --skip-rule-apply --run-validation --probe-timeout=100ms");
        assertThat(said.status).isEqualTo(126);
        assertThat(said.text.lines().filter(line -> line.contains("validation failed: ")))
                .hasSize(4)
                .anyMatch(line -> line.contains("IPv4 outbound: 192.0.2.1:15002 as 0:0 to port 15001"))
                .anyMatch(line -> line.contains("IPv6 inbound: [fd00:250::1]:15002 as 1337:0 to port 15006"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            iptables-nft -t nat -F ISTIO_REDIRECT      | IPv4 outbound
            ip6tables-nft -t nat -F ISTIO_OUTPUT       | IPv6 inbound
            iptables-nft -t nat -I ISTIO_OUTPUT -d 192.0.2.1 -j RETURN | IPv4 outbound
            ip6tables-nft -t nat -I OUTPUT -p tcp --dport 15002 -j REDIRECT --to-ports 15001 | IPv6 inbound
            """)
    void rules_changed_behind_its_back_are_found_by_what_they_do(String change, String failed) throws Exception {
        command("-i * -b *");
        lab.inPod(change);
        Said said = command("-i * -b * --skip-rule-apply --run-validation --probe-timeout=100ms");
        assertThat(said.status).isEqualTo(126);
        assertThat(said.text).contains("validation failed: " + failed);
    }

    @Test
    void a_port_in_use_is_no_verdict_on_the_rules() throws Exception {
        Process listener = new ProcessBuilder(
                        "ip",
                        "netns",
                        "exec",
                        lab.pod,
                        "python3",
                        "-c",
                        "import socket,sys\ns=socket.create_server(('',15006))\nprint('READY',flush=True)\nsys.stdin.read()")
                .start();
        try {
            assertThat(listener.inputReader().readLine()).isEqualTo("READY");
            Said said = command("-i * -b * --run-validation --probe-timeout=100ms");
            assertThat(said.status).isEqualTo(1);
            assertThat(said.text).contains("validation cannot run: listen at port 15006: Address already in use");
        } finally {
            listener.destroyForcibly();
        }
    }

    private record Said(int status, String text) {}

    private static Said command(String flags) {
        var out = new ByteArrayOutputStream();
        var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        List<String> arguments = new ArrayList<>(Arrays.asList(flags.split(" +")));
        arguments.addAll(List.of("--network-namespace", lab.pod));
        int status = IstioIptablesCommand.run(arguments, Map.of("ISTIO_DUAL_STACK", "true"), stream, stream);
        return new Said(status, out.toString(StandardCharsets.UTF_8));
    }
}
