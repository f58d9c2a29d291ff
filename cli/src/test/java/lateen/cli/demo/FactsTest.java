package lateen.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FactsTest {
    private static final String SAVED = """
            *nat
            :PREROUTING ACCEPT [9:540]
            [7:420] -A PREROUTING -p tcp -j ISTIO_INBOUND
            [3:180] -A ISTIO_IN_REDIRECT -p tcp -j REDIRECT --to-ports 15006
            [4:240] -A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001
            COMMIT
            """;

    @Test
    void packetsAreThoseOfTheRedirectRuleOfThatPortAlone() {
        assertThat(PacketCounters.redirectedTo(15006, SAVED)).isEqualTo(3);
        assertThat(PacketCounters.redirectedTo(15001, SAVED)).isEqualTo(4);
        assertThat(PacketCounters.redirectedTo(1500, SAVED)).isZero();
    }

    @Test
    void anAccessLogLineIsReadAndWhatHasNoValueIsEmpty() {
        LogEntry line = LogEntry.parse(
                        "{\"request_id\":\"a:b\",\"response_code\":403,\"route_name\":null,\"method\":\"-\","
                                + "\"upstream_cluster\":\"outbound|80||frontend.shop.svc.cluster.local\"}")
                .orElseThrow();

        assertThat(line.of("request_id")).isEqualTo("a:b");
        assertThat(line.of("response_code")).isEqualTo("403");
        assertThat(line.of("route_name")).isEmpty();
        assertThat(line.of("method")).isEmpty();
        assertThat(line.outboundTo("frontend", 80)).isTrue();
        assertThat(line.outboundTo("front", 80)).isFalse();
        assertThat(line.outboundTo("frontend", 8)).isFalse();
    }

    @Test
    void aLineThatIsNoJsonObjectIsNoEntry() {
        assertThat(LogEntry.parse("starting")).isEmpty();
        assertThat(LogEntry.parse("{\"cut\":\"sho")).isEmpty();
        assertThat(LogEntry.parse("")).isEmpty();
    }

    @Test
    void thePolicyIsNamedFromTheDetailOfTheRefusal() {
        assertThat(DeniedStep.policy(detail("rbac_access_denied_matched_policy[ns[shop]-policy[p-1]-rule[0]]"), "d"))
                .isEqualTo("policy shop/p-1, rule 0");
        assertThat(DeniedStep.policy(detail("rbac_access_denied_matched_policy[none]"), "d"))
                .isEqualTo("no policy (d: \"rbac_access_denied_matched_policy[none]\")");
        assertThat(DeniedStep.policy(Optional.empty(), "d")).isEqualTo("no log line");
    }

    private static Optional<LogEntry> detail(String value) {
        return LogEntry.parse("{\"d\":\"" + value + "\"}");
    }

    @Test
    void aMissingRuleAndTwoInTheWrongOrderAreSeen() {
        assertThat(RulesStep.firstMissing(RulesStep.STORY)).isEmpty();
        List<String> without = new ArrayList<>(RulesStep.STORY);
        without.remove(7);
        assertThat(RulesStep.firstMissing(without)).isEqualTo(RulesStep.STORY.get(7));
        List<String> swapped = new ArrayList<>(RulesStep.STORY);
        swapped.add(9, swapped.remove(8));
        assertThat(RulesStep.firstMissing(swapped)).isEqualTo(RulesStep.STORY.get(9));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.6:41000, true",
        "[::6]:41000, true",
        "127.0.0.61:41000, false",
        "10.33.0.2:41000, false",
        "none, false"
    })
    void onlyTheSidecarsPassThroughAddressIsTheSidecar(String peer, boolean expected) {
        assertThat(CallStep.fromOwnSidecar(peer)).isEqualTo(expected);
    }

    @Test
    void percentilesCountAnswersAndFailuresAreApart() {
        Latencies latencies = new Latencies();
        latencies.add("200 0.001\n200 0.003\n503 9\n200 0.002\n000 6\n200 0.100\n");

        assertThat(latencies.requests()).isEqualTo(6);
        assertThat(latencies.failures()).isEqualTo(2);
        assertThat(latencies.percentile(0.5)).isEqualTo(2.0);
        assertThat(latencies.percentile(0.99)).isEqualTo(100.0);
    }
}
