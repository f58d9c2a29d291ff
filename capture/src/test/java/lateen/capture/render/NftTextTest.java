package lateen.capture.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import lateen.capture.model.HostFacts;
import lateen.capture.model.RuleSet;
import lateen.capture.plan.CapturePlan;
import lateen.capture.plan.Story;
import org.junit.jupiter.api.Test;

class NftTextTest {
    @Test
    void the_storys_arguments_for_ipv4_alone() throws Exception {
        HostFacts facts = Story.facts("10.33.0.3", "");
        assertThat(text(facts, Map.of(), Story.ARGUMENTS.toArray(String[]::new)))
                .isEqualTo("""
                        table inet istio-proxy-raw
                        delete table inet istio-proxy-raw
                        table inet istio-proxy-mangle
                        delete table inet istio-proxy-mangle
                        table inet istio-proxy-nat
                        delete table inet istio-proxy-nat
                        table inet istio-proxy-nat {
                        	chain prerouting {
                        		type nat hook prerouting priority -100; policy accept;
                        		meta nfproto ipv4 meta l4proto tcp jump istio-inbound
                        	}
                        	chain output {
                        		type nat hook output priority -100; policy accept;
                        		meta nfproto ipv4 meta l4proto tcp jump istio-output
                        	}
                        	chain istio-inbound {
                        		meta nfproto ipv4 tcp dport 15008 return
                        		meta nfproto ipv4 tcp dport 15090 return
                        		meta nfproto ipv4 tcp dport 15021 return
                        		meta nfproto ipv4 tcp dport 15020 return
                        		meta nfproto ipv4 meta l4proto tcp jump istio-in-redirect
                        	}
                        	chain istio-in-redirect {
                        		meta nfproto ipv4 meta l4proto tcp redirect to :15006
                        	}
                        	chain istio-output {
                        		ip saddr 127.0.0.6 oifname "lo" return
                        		ip daddr != 127.0.0.1 oifname "lo" tcp dport != 15008 meta skuid 1337 jump istio-in-redirect
                        		meta nfproto ipv4 meta skuid 1337 return
                        		ip daddr != 127.0.0.1 oifname "lo" tcp dport != 15008 meta skgid 1337 jump istio-in-redirect
                        		meta nfproto ipv4 meta skgid 1337 return
                        		meta nfproto ipv4 oifname "lo" return
                        		ip daddr 127.0.0.1 return
                        		meta nfproto ipv4 jump istio-redirect
                        	}
                        	chain istio-redirect {
                        		meta nfproto ipv4 meta l4proto tcp redirect to :15001
                        	}
                        }
                        """);
    }

    @Test
    void what_is_the_same_in_both_families_is_written_once_and_keeps_its_place() throws Exception {
        HostFacts facts = Story.facts("10.33.0.3 fd00::3", "");
        String text = text(
                facts,
                Map.of("ISTIO_DUAL_STACK", "true"),
                "-i",
                "10.0.0.0/8,fd00::/8",
                "-x",
                "fd01::/16",
                "-q",
                "9000");
        assertThat(text.lines().map(String::strip))
                .containsSubsequence(
                        "ip saddr 127.0.0.6 oifname \"lo\" return",
                        "ip6 saddr ::6 oifname \"lo\" return",
                        "meta skuid 1337 return",
                        "oifname \"lo\" return",
                        "ip6 daddr fd01::/16 return",
                        "tcp dport 9000 jump istio-redirect",
                        "ip daddr 10.0.0.0/8 jump istio-redirect",
                        "ip6 daddr fd00::/8 jump istio-redirect")
                .doesNotContain("meta nfproto ipv4 meta skuid 1337 return");
    }

    @Test
    void without_a_transparent_listener_a_packet_is_dropped_as_with_iptables() throws Exception {
        assertThat(text(Story.facts("10.33.0.3", ""), Map.of(), "-m", "TPROXY", "-b", "*")
                        .lines()
                        .map(String::strip))
                .containsSubsequence(
                        "type route hook output priority -150; policy accept;",
                        "ip daddr != 127.0.0.1 meta l4proto tcp tproxy ip to :15006 meta mark set 0x00000539 accept",
                        "ip daddr != 127.0.0.1 meta l4proto tcp drop");
    }

    @Test
    void interfaces_by_their_beginning_are_told_from_names_that_end_with_a_star() throws Exception {
        assertThat(text(Story.facts("10.33.0.3", ""), Map.of(), "-i", "*", "-c", "veth+,eth*"))
                .contains("oifname \"veth*\" return", "oifname \"eth\\*\" return");
    }

    @Test
    void no_rules_leave_no_table() {
        assertThat(NftText.transaction(new RuleSet(List.of())).lines())
                .hasSize(6)
                .noneMatch(line -> line.contains("{"));
    }

    private static String text(HostFacts facts, Map<String, String> env, String... arguments) throws Exception {
        return NftText.transaction(
                CapturePlan.of(Story.options(env, arguments), facts).rules());
    }
}
