package lateen.capture.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import lateen.capture.model.Chain;
import lateen.capture.model.Clause;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Rule;
import lateen.capture.model.TableRules;
import lateen.capture.plan.CapturePlan;
import lateen.capture.plan.Story;
import lateen.capture.render.RuleText;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules of iptables as clauses: ours by value and by text are the same, others' are understood or called unknown. */
class SpecClausesTest {
    @Test
    void our_rules_mean_the_same_by_value_and_by_text() throws Exception {
        List<List<String>> flagSets = List.of(
                List.of(
                        "-i",
                        "*",
                        "-b",
                        "*",
                        "-d",
                        "1,2",
                        "-o",
                        "5",
                        "-q",
                        "6",
                        "-x",
                        "10.1.0.0/16,fd01::/16",
                        "-c",
                        "a,b+",
                        "-k",
                        "vn0"),
                List.of(
                        "-m",
                        "TPROXY",
                        "-b",
                        "*",
                        "-u",
                        "5-7",
                        "--drop-invalid",
                        "--redirect-dns",
                        "--capture-all-dns"),
                List.of("-i", "10.0.0.0/8", "--proxy-mark", "9", "--redirect-dns"));
        int rules = 0;
        for (List<String> flags : flagSets) {
            CapturePlan plan = CapturePlan.of(
                    Story.options(
                            Map.of("ISTIO_DUAL_STACK", "true", "ISTIO_OUTBOUND_OWNER_GROUPS", "42,50-60"),
                            flags.toArray(String[]::new)),
                    Story.facts("10.9.0.1 fd00:9::1", "10.9.0.53 fd00:9::53"));
            for (TableRules table : plan.rules().tables()) {
                for (Chain chain : table.chains()) {
                    for (Rule rule : chain.rules()) {
                        rules++;
                        assertThat(SpecClauses.of(table.family(), RuleText.spec(rule)))
                                .as(RuleText.spec(rule))
                                .isEqualTo(RuleClauses.of((Rule.Known) rule));
                    }
                }
            }
        }
        assertThat(rules).isGreaterThan(80);
    }

    // From iptables-extensions(8): U unknown condition, A unknown action, - all understood.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -m comment --comment "a b -j DROP" -j KUBE-SERVICES                                | -
            -p tcp -m multiport --dports 80,90:99 -j ACCEPT                                    | -
            -p tcp -m tcp --dport 1:90 -m mark ! --mark 0x4000/0x4000 -j MARK --set-xmark 0x4000/0x4000 | -
            -m addrtype --dst-type LOCAL -j DOCKER                                             | -
            ! -d 127.0.0.0/8 -p tcp -j DNAT --to-destination 10.0.0.1:80                       | -
            -j DNAT --to-destination 10.0.0.1-10.0.0.9                                         | A
            -m statistic --mode random --probability 0.5 -j KUBE-SEP-X                         | U
            -m set --match-set x dst -j DROP                                                   | U
            -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT                               | -
            -m conntrack --ctstate DNAT -j ACCEPT                                              | U
            -p tcp -m conntrack --ctdir REPLY -j ACCEPT                                        | -
            -m conntrack --ctdir SIDEWAYS -j ACCEPT                                            | U
            -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP                              | -
            -m limit --limit 3/min -j LOG --log-prefix "x "                                    | U
            -j NFQUEUE --queue-num 1                                                           | A
            -j MASQUERADE --random-fully                                                       | -
            -m brandnew --shiny 1 --more -j ACCEPT                                             | U
            -j BRANDNEW --shiny                                                                | A
            -p icmp -j REJECT --reject-with icmp-port-unreachable                              | -
            -m iprange --src-range 10.0.0.5-10.0.0.9 -j RETURN                                 | -
            -g ISTIO_OUTPUT                                                                    | -
            """)
    void others_rules_are_understood_or_unknown(String spec, String unknown) {
        List<Clause> clauses = SpecClauses.of(IpFamily.IPV4, spec);
        boolean condition = clauses.stream().anyMatch(Clause.UnknownCondition.class::isInstance);
        boolean action = clauses.stream().anyMatch(Clause.UnknownAction.class::isInstance);
        assertThat((condition ? "U" : "") + (action ? "A" : ""))
                .as("%s", clauses)
                .isEqualTo(unknown.replace("-", ""));
        assertThat(clauses.getLast()).isInstanceOf(Clause.Action.class);
    }

    @Property(tries = 3000)
    void any_words_become_clauses(@ForAll("specs") String spec) {
        assertThat(SpecClauses.of(IpFamily.IPV4, spec)).isNotNull();
    }

    @Provide
    Arbitrary<String> specs() {
        return Arbitraries.of(
                        "-s",
                        "-d",
                        "-p",
                        "tcp",
                        "-m",
                        "owner",
                        "mark",
                        "!",
                        "--dport",
                        "--mark",
                        "0x1/0x2",
                        "0xzz",
                        "-j",
                        "-g",
                        "MARK",
                        "--set-xmark",
                        "DNAT",
                        "--to-destination",
                        "[::1",
                        "1.2.3.4:99999",
                        ":",
                        "CT",
                        "--zone",
                        "-1",
                        "\"",
                        "\\",
                        "",
                        "REDIRECT",
                        "--to-ports",
                        "TPROXY",
                        "--on-port",
                        "--ctstate",
                        "NEW,,",
                        "--ctdir",
                        "REPLY",
                        "80:70",
                        "--tcp-flags",
                        "CONNMARK")
                .list()
                .ofMaxSize(10)
                .map(words -> String.join(" ", words));
    }
}
