package lateen.capture.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import lateen.capture.model.IdRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CaptureOptionsTest {
    @Test
    void without_arguments_the_defaults_of_the_contract_hold() throws Exception {
        CaptureOptions options = Story.options(Map.of());
        assertThat(options.ports()).isEqualTo(new CaptureOptions.Ports(15001, 15006, 15008));
        assertThat(options.proxy().uids()).containsExactly(new IdRange(1337, 1337));
        assertThat(options.proxy().gids()).containsExactly(new IdRange(1337, 1337));
        assertThat(options.inbound().mode()).isEqualTo(CaptureOptions.Mode.REDIRECT);
        assertThat(options.inbound().ports().none()).isTrue();
        assertThat(options.outbound().cidrs().none()).isTrue();
        assertThat(options.outbound().groups().included().all()).isTrue();
        assertThat(options.tproxy()).isEqualTo(new CaptureOptions.Tproxy(1337, 133));
        assertThat(options.tproxy().loopMark()).isEqualTo(1338);
        assertThat(options.probe()).isEqualTo(new CaptureOptions.Probe(15002, Duration.ofSeconds(5)));
        assertThat(options.loopbackIpv4()).hasToString("127.0.0.1/32");
    }

    @Test
    void the_arguments_of_the_injected_container_are_understood() throws Exception {
        CaptureOptions options = Story.options(Map.of(), Story.ARGUMENTS.toArray(String[]::new));
        assertThat(options.inbound().ports().all()).isTrue();
        assertThat(options.inbound().excluded()).containsExactly(15090, 15021, 15020);
        assertThat(options.outbound().cidrs().all()).isTrue();
        assertThat(options.outbound().excludedCidrs()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-p 7001", "-p7001", "-p=7001", "--envoy-port 7001", "--envoy-port=7001"})
    void every_spelling_of_a_flag_means_the_same(String line) throws Exception {
        assertThat(Story.options(Map.of(), line.split(" ")).ports().outbound()).isEqualTo(7001);
    }

    @Test
    void a_flag_wins_over_the_environment_and_that_over_the_default() throws Exception {
        Map<String, String> env = Map.of("INBOUND_CAPTURE_PORT", "7006", "ENVOY_PORT", "7001", "DRY_RUN", "true");
        assertThat(Story.options(env).ports().inbound()).isEqualTo(7006);
        assertThat(Story.options(env, "-z", "7007").ports().inbound()).isEqualTo(7007);
        assertThat(Story.options(env).ports().outbound())
                .as("envoy-port has no variable")
                .isEqualTo(15001);
        assertThat(Story.options(env).run().dryRun()).isTrue();
        assertThat(Story.options(env, "--dry-run=false").run().dryRun()).isFalse();
    }

    @Test
    void some_variables_have_names_of_their_own() throws Exception {
        CaptureOptions options =
                Story.options(Map.of("ISTIO_META_DNS_CAPTURE", "true", "INVALID_DROP", "1", "ISTIO_DUAL_STACK", "T"));
        assertThat(options.dns().redirect()).isTrue();
        assertThat(options.dropInvalid()).isTrue();
        assertThat(options.dualStack()).isTrue();
    }

    @Test
    void the_proxys_group_follows_its_user_and_names_become_numbers() throws Exception {
        assertThat(Story.options(Map.of(), "-u", "12,500-600").proxy())
                .isEqualTo(new CaptureOptions.Proxy(
                        List.of(new IdRange(12, 12), new IdRange(500, 600)),
                        List.of(new IdRange(12, 12), new IdRange(500, 600)),
                        OptionalInt.empty()));
        assertThat(Story.options(Map.of(), "-u", "12", "-g", "java").proxy().gids())
                .containsExactly(new IdRange(777, 777));
        assertThat(Story.options(Map.of("ENVOY_USER", "proxy-user")).proxy().uids())
                .containsExactly(new IdRange(4242, 4242));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --envoy-port=0               | --envoy-port (-p): "0" (expected: a number 1..65535)
            -b 80,http                   | --istio-inbound-ports (-b): "http" (expected: * alone, or ports 1..65535, separated by commas)
            -b 80,*                      | --istio-inbound-ports (-b): "*"
            -d 65536                     | --istio-local-exclude-ports (-d): "65536"
            -i 10.0.0.0/33               | --istio-service-cidr (-i): "10.0.0.0/33"
            -i 10.0.0.0/8,*              | --istio-service-cidr (-i): "*" (expected: * alone
            -x *                         | * cannot be excluded
            -x example.org               | --istio-service-exclude-cidr (-x): "example.org"
            -i 010.0.0.1                 | --istio-service-cidr (-i): "010.0.0.1"
            -m NONE                      | --istio-inbound-interception-mode (-m): "NONE" (expected: REDIRECT or TPROXY)
            -u nobody-here               | --proxy-uid (-u): "nobody-here"
            -c eth0;reboot-now-and-then  | --istio-exclude-interfaces (-c)
            -t 0                         | --istio-inbound-tproxy-mark (-t): "0"
            -r 254                       | --istio-inbound-tproxy-route-table (-r): "254"
            --probe-timeout=5            | a time like 5s
            --dry-run=maybe              | --dry-run (-n): "maybe" (expected: true or false)
            --no-such-flag               | flag: "--no-such-flag"
            stray                        | argument: "stray"
            -p                           | --envoy-port (-p): "" (expected: a value after the flag)
            --cleanup-only --reconcile   | --cleanup-only: "true" (expected: no --reconcile beside it)
            --cleanup-only --force-apply | --cleanup-only: "true" (expected: no --force-apply beside it)
            --cleanup-only --run-validation | --cleanup-only: "true" (expected: no --run-validation beside it)
            --skip-rule-apply --cleanup-only | --cleanup-only: "true" (expected: no --skip-rule-apply beside it)
            --skip-rule-apply --reconcile | --skip-rule-apply: "true" (expected: no --reconcile beside it)
            --dry-run --run-validation   | --dry-run (-n): "true" (expected: no --run-validation beside it)
            --native-nftables --force-iptables-binary nft | --force-iptables-binary: "nft" (expected: empty, as --native-nftables
            --force-iptables-binary /bin/sh | --force-iptables-binary: "/bin/sh" (expected: legacy, nft, or a command
            --cni-mode                   | --cni-mode: "true" (expected: --network-namespace beside it
            --cni-mode --redirect-dns --network-namespace x | --cni-mode: "true" (expected: --capture-all-dns beside --redirect-dns
            -z 15001                     | --inbound-capture-port (-z): "15001" (expected: not the port of --envoy-port (-p))
            -e 15006                     | --inbound-tunnel-port (-e): "15006" (expected: not the port of
            --run-validation --iptables-probe-port 15006 | --iptables-probe-port: "15006" (expected: not the port of --inbound-capture-port (-z))
            --iptables-probe-port=0      | --iptables-probe-port: "0" (expected: a number 1..65535)
            -x -b *                      | --istio-service-exclude-cidr (-x): "-b" (expected: a value after the flag; an empty one is '' or
            -c -k vnet0                  | --istio-exclude-interfaces (-c): "-k" (expected: a value after the flag
            --log_output_level -p 1      | --log_output_level: "-p" (expected: a value after the flag
            --proxy-mark 0               | --proxy-mark: "0" (expected: a number 1..2147483647)
            --proxy-mark 5 -u 12         | --proxy-uid (-u): "12" (expected: empty, as --proxy-mark takes its place)
            --proxy-mark 5 -m TPROXY     | --istio-inbound-interception-mode (-m): "TPROXY" (expected: REDIRECT: with
            """)
    void a_bad_value_is_refused_by_name_value_and_expectation(String line, String message) {
        assertThatThrownBy(() -> Story.options(Map.of(), line.split(" ")))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining(message);
    }

    @Test
    void a_bad_variable_is_refused_by_the_variables_name() {
        assertThatThrownBy(() -> Story.options(Map.of("ISTIO_INBOUND_PORTS", "x")))
                .hasMessageStartingWith("$ISTIO_INBOUND_PORTS (for --istio-inbound-ports (-b)): \"x\"");
        assertThatThrownBy(() -> Story.options(Map.of("ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR", "10.0.0.0/8")))
                .hasMessageContaining("a range within 127.0.0.0/8");
        assertThatThrownBy(() -> Story.options(
                        Map.of("ISTIO_OUTBOUND_OWNER_GROUPS", "1", "ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE", "2")))
                .hasMessageContaining("ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE");
    }

    @Test
    void help_names_every_flag_once() {
        assertThat(Flag.values()).hasSize(35);
        assertThat(Stream.of(Flag.values()).map(f -> "--" + f.longName))
                .allSatisfy(name -> assertThat(Flag.helpText())
                        .containsOnlyOnce(name + (Flag.helpText().contains(name + " value") ? " value " : "  ")));
        assertThat(Flag.helpText().lines()).noneMatch(line -> line.length() > 160);
    }
}
