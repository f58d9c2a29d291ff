package lateen.decision.rbac;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PolicyNameTest {

    @Test
    void istiosFormIsTakenApart() {
        assertThat(PolicyName.parse("ns[shop]-policy[only-client]-rule[0]"))
                .contains(new PolicyName("shop", "only-client", 0));
        assertThat(PolicyName.describe("ns[shop]-policy[only-client]-rule[12]"))
                .isEqualTo("policy shop/only-client, rule 12");
    }

    @Test
    void anotherFormIsQuoted() {
        assertThat(PolicyName.parse("ns[shop]-policy[x]-rule[a]")).isEmpty();
        assertThat(PolicyName.describe("mine")).isEqualTo("policy 'mine'");
    }
}
