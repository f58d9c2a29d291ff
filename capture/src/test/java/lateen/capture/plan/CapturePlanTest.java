package lateen.capture.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import lateen.capture.model.Cidr;
import lateen.capture.model.HostFacts;
import lateen.capture.model.IpFamily;
import lateen.capture.model.TableRules;
import lateen.capture.render.RuleText;
import org.junit.jupiter.api.Test;

class CapturePlanTest {
    private static final HostFacts IPV4_POD = Story.facts("127.0.0.1 10.33.0.3 fe80::1", "10.96.0.10");

    @Test
    void the_storys_arguments_give_the_storys_lines_in_order() throws Exception {
        CapturePlan plan = plan(Map.of(), IPV4_POD, Story.ARGUMENTS.toArray(String[]::new));
        assertThat(restoreText(plan, IpFamily.IPV4).lines()).containsSubsequence(Story.LINES);
        assertThat(restoreText(plan, IpFamily.IPV6)).isEmpty();
        assertThat(plan.warnings()).isEmpty();
    }

    @Test
    void the_whole_text_for_the_storys_arguments() throws Exception {
        assertThat(restoreText(plan(Map.of(), IPV4_POD, Story.ARGUMENTS.toArray(String[]::new)), IpFamily.IPV4))
                .isEqualTo("""
                        *nat
                        :ISTIO_INBOUND - [0:0]
                        :ISTIO_IN_REDIRECT - [0:0]
                        :ISTIO_OUTPUT - [0:0]
                        :ISTIO_REDIRECT - [0:0]
                        -A PREROUTING -p tcp -j ISTIO_INBOUND
                        -A OUTPUT -p tcp -j ISTIO_OUTPUT
                        -A ISTIO_INBOUND -p tcp -m tcp --dport 15008 -j RETURN
                        -A ISTIO_INBOUND -p tcp -m tcp --dport 15090 -j RETURN
                        -A ISTIO_INBOUND -p tcp -m tcp --dport 15021 -j RETURN
                        -A ISTIO_INBOUND -p tcp -m tcp --dport 15020 -j RETURN
                        -A ISTIO_INBOUND -p tcp -j ISTIO_IN_REDIRECT
                        -A ISTIO_IN_REDIRECT -p tcp -j REDIRECT --to-ports 15006
                        -A ISTIO_OUTPUT -s 127.0.0.6/32 -o lo -j RETURN
                        -A ISTIO_OUTPUT ! -d 127.0.0.1/32 -o lo -p tcp -m tcp ! --dport 15008 -m owner --uid-owner 1337 -j ISTIO_IN_REDIRECT
                        -A ISTIO_OUTPUT -m owner --uid-owner 1337 -j RETURN
                        -A ISTIO_OUTPUT ! -d 127.0.0.1/32 -o lo -p tcp -m tcp ! --dport 15008 -m owner --gid-owner 1337 -j ISTIO_IN_REDIRECT
                        -A ISTIO_OUTPUT -m owner --gid-owner 1337 -j RETURN
                        -A ISTIO_OUTPUT -o lo -j RETURN
                        -A ISTIO_OUTPUT -d 127.0.0.1/32 -j RETURN
                        -A ISTIO_OUTPUT -j ISTIO_REDIRECT
                        -A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001
                        COMMIT
                        """);
    }

    @Test
    void a_virtual_machines_interface_is_named_without_any_outbound_range() throws Exception {
        // iptables-restore takes no jump to a chain that is not declared.
        assertThat(restoreText(plan(Map.of(), IPV4_POD, "-k", "vnet0", "-i", "", "-b", "*"), IpFamily.IPV4))
                .contains(":ISTIO_VIRTUAL - [0:0]", "-A PREROUTING -i vnet0 -p tcp -j ISTIO_VIRTUAL");
    }

    @Test
    void with_a_mark_the_proxy_is_known_by_it_and_by_nothing_else() throws Exception {
        String text =
                restoreText(plan(Map.of(), IPV4_POD, "--proxy-mark", "1337", "-i", "*", "-b", "*"), IpFamily.IPV4);
        assertThat(text).contains("""
                        -A ISTIO_OUTPUT -s 127.0.0.6/32 -o lo -j RETURN
                        -A ISTIO_OUTPUT ! -d 127.0.0.1/32 -o lo -p tcp -m tcp ! --dport 15008 -m mark --mark 0x539 -j ISTIO_IN_REDIRECT
                        -A ISTIO_OUTPUT -m mark --mark 0x539 -j RETURN
                        -A ISTIO_OUTPUT -o lo -j RETURN
                        """).doesNotContain("owner");
    }

    @Test
    void ipv6_has_its_own_loopback_and_pass_through_address() throws Exception {
        HostFacts dual = Story.facts("10.33.0.3 fd00:33::3", "");
        String text = restoreText(
                plan(Map.of("ISTIO_DUAL_STACK", "true"), dual, "-i", "fd00::/8,10.0.0.0/8", "-b", "80"), IpFamily.IPV6);
        assertThat(text)
                .contains("-A ISTIO_OUTPUT -s ::6/128 -o lo -j RETURN")
                .contains("! -d ::1/128 -o lo -p tcp")
                .contains("-A ISTIO_OUTPUT -d fd00::/8 -j ISTIO_REDIRECT")
                .doesNotContain("10.0.0.0");
    }

    @Test
    void ipv6_rules_are_written_when_the_first_address_is_ipv6_or_with_dual_stack_any() throws Exception {
        assertThat(families(false, "10.0.0.1 fd00::1")).containsExactly(IpFamily.IPV4);
        assertThat(families(true, "10.0.0.1 fd00::1")).containsExactly(IpFamily.IPV4, IpFamily.IPV6);
        assertThat(families(false, "127.0.0.1 fd00::1")).containsExactly(IpFamily.IPV4, IpFamily.IPV6);
        assertThat(families(true, "10.0.0.1 fe80::1 ::1")).containsExactly(IpFamily.IPV4);
    }

    @Test
    void an_include_list_of_groups_is_one_rule_that_demands_none_of_them() throws Exception {
        assertThat(restoreText(
                        plan(Map.of("ISTIO_OUTBOUND_OWNER_GROUPS", "java,202"), IPV4_POD, "-i", "*"), IpFamily.IPV4))
                .contains("-A ISTIO_OUTPUT -m owner ! --gid-owner 777 -m owner ! --gid-owner 202 -j RETURN");
    }

    @Test
    void dns_goes_to_the_agent_for_the_known_servers_only() throws Exception {
        String text = restoreText(plan(Map.of(), IPV4_POD, "--redirect-dns"), IpFamily.IPV4);
        assertThat(text.lines())
                .containsSubsequence(
                        "*raw",
                        "-A PREROUTING -p udp -m udp --sport 53 -j ISTIO_INBOUND",
                        "-A ISTIO_INBOUND -s 10.96.0.10/32 -p udp -m udp --sport 53 -j CT --zone 1",
                        "-A ISTIO_OUTPUT_DNS -p udp -m udp --sport 15053 -m owner --uid-owner 1337 -j CT --zone 2",
                        "-A ISTIO_OUTPUT_DNS -p udp -m udp --dport 53 -m owner --uid-owner 1337 -j CT --zone 1",
                        "-A ISTIO_OUTPUT_DNS -d 10.96.0.10/32 -p udp -m udp --dport 53 -j CT --zone 2",
                        "*nat",
                        "-A OUTPUT -p udp -m udp --dport 53 -j ISTIO_OUTPUT_DNS",
                        "-A OUTPUT -p tcp -m tcp --dport 53 -j ISTIO_OUTPUT_DNS",
                        "-A OUTPUT -p tcp -j ISTIO_OUTPUT",
                        "-A ISTIO_OUTPUT_DNS -d 10.96.0.10/32 -p udp -m udp --dport 53 -j REDIRECT --to-ports 15053",
                        "-A ISTIO_OUTPUT_DNS -d 10.96.0.10/32 -p tcp -m tcp --dport 53 -j REDIRECT --to-ports 15053");
    }

    @Test
    void without_servers_dns_is_not_captured_and_the_user_is_told() throws Exception {
        HostFacts noServers = Story.facts("10.0.0.1", "");
        CapturePlan plan = plan(Map.of(), noServers, "--redirect-dns");
        assertThat(plan.warnings()).singleElement().asString().contains("DNS is not captured");
        assertThat(restoreText(plan, IpFamily.IPV4)).doesNotContain("DNS");
        assertThat(restoreText(plan(Map.of(), noServers, "--redirect-dns", "--capture-all-dns"), IpFamily.IPV4))
                .contains("-A ISTIO_OUTPUT_DNS -p udp -m udp --dport 53 -j REDIRECT --to-ports 15053");
    }

    @Test
    void transparent_interception_marks_instead_of_redirecting_and_needs_a_route() throws Exception {
        CapturePlan plan = plan(Map.of(), IPV4_POD, "-m", "TPROXY", "-b", "*", "-d", "15090", "-i", "*");
        assertThat(restoreText(plan, IpFamily.IPV4).lines())
                .containsSubsequence(
                        "*mangle",
                        "-A ISTIO_INBOUND -p tcp -m conntrack --ctdir REPLY -j RETURN",
                        "-A ISTIO_INBOUND -p tcp -m tcp --dport 15090 -j RETURN",
                        "-A ISTIO_INBOUND -p tcp -m conntrack --ctstate RELATED,ESTABLISHED -j ISTIO_DIVERT",
                        "-A ISTIO_INBOUND -p tcp -j ISTIO_TPROXY",
                        "-A ISTIO_TPROXY ! -d 127.0.0.1/32 -p tcp -j TPROXY --on-port 15006 --on-ip 0.0.0.0 --tproxy-mark 0x539/0xffffffff",
                        "*nat",
                        "-A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001")
                .noneMatch(line -> line.contains("15008 -j RETURN") || line.contains("ISTIO_IN_REDIRECT"));
        assertThat(List.of(plan.routes().getFirst().addRule()))
                .containsExactly(
                        List.of("ip", "-4", "rule", "add", "fwmark", "1337", "lookup", "133", "protocol", "133"));
    }

    @Test
    void invalid_packets_are_dropped_when_asked() throws Exception {
        assertThat(restoreText(plan(Map.of(), IPV4_POD, "--drop-invalid"), IpFamily.IPV4))
                .contains("-A PREROUTING -p tcp -m conntrack --ctstate INVALID -j ISTIO_DROP\n-A ISTIO_DROP -j DROP");
    }

    @Test
    void addresses_are_printed_as_the_kernel_does() {
        assertThat(List.of("::6/128", "fd00::/8", "2001:db8:0:1::/64", "::/0", "1:0:0:2:0:0:0:3/128", "10.1.2.3/8"))
                .extracting(text -> Cidr.parse(text).orElseThrow().toString())
                .containsExactly("::6/128", "fd00::/8", "2001:db8:0:1::/64", "::/0", "1:0:0:2::3/128", "10.0.0.0/8");
    }

    private static List<IpFamily> families(boolean dualStack, String addresses) throws Exception {
        return plan(Map.of("ISTIO_DUAL_STACK", "" + dualStack), Story.facts(addresses, ""), "-i", "*")
                .rules()
                .tables()
                .stream()
                .map(TableRules::family)
                .toList();
    }

    private static String restoreText(CapturePlan plan, IpFamily family) {
        return RuleText.restore(plan.rules(), family);
    }

    private static CapturePlan plan(Map<String, String> env, HostFacts facts, String... args) throws Exception {
        return CapturePlan.of(Story.options(env, args), facts);
    }
}
