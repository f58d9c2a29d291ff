package lateen.capture.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import lateen.capture.model.Clause;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What nft's listing leaves unsaid, each case found by the comparison with the kernel. */
class NftCasesTest {
    private static List<Clause> clauses(String expression) throws RuleFormatException {
        return new NftExpressions(_ -> Optional.empty()).clauses(Json.parse(expression));
    }

    private static Clause family(long version) {
        return new Clause.NumberIs(
                Clause.Key.FAMILY,
                Clause.NumberIs.ALL,
                List.of(Clause.Span.one(version)),
                false,
                Optional.empty(),
                true);
    }

    @Test
    void a_rejection_in_one_familys_words_is_for_that_family_alone() throws Exception {
        Clause reject = new Clause.Reject();
        assertThat(clauses("{'reject': {'type': 'icmpv6', 'expr': 'port-unreachable'}}".replace('\'', '"')))
                .containsExactly(family(6), reject);
        assertThat(clauses("{'reject': {'type': 'icmp', 'expr': 'port-unreachable'}}".replace('\'', '"')))
                .containsExactly(family(4), reject);
        assertThat(clauses("{'reject': {'type': 'tcp reset'}}".replace('\'', '"')))
                .containsExactly(reject);
        assertThat(clauses("{'reject': null}".replace('\'', '"'))).containsExactly(reject);
    }

    @ParameterizedTest
    @CsvSource({"==, reply, true, false", "!=, reply, true, true", "==, original, false, false"})
    void the_direction_of_a_connection_is_understood(String op, String way, boolean reply, boolean not)
            throws Exception {
        assertThat(clauses("{'match': {'op': 'OP', 'left': {'ct': {'key': 'direction'}}, 'right': 'WAY'}}"
                        .replace("OP", op)
                        .replace("WAY", way)
                        .replace('\'', '"')))
                .containsExactly(new Clause.DirectionIs(reply, not));
    }
}
