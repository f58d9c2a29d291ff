package lateen.decision.rbac;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import lateen.decision.TestConnection;
import lateen.decision.TestRequest;
import lateen.decision.config.ExtAuthzConfig.Condition;
import lateen.decision.config.RbacConfig;
import lateen.decision.config.RbacConfig.Action;
import lateen.decision.config.RbacConfig.Permission;
import lateen.decision.config.RbacConfig.Principal;
import lateen.decision.config.StringMatcher;
import org.junit.jupiter.api.Test;

class CheckConditionTest {

    private static final String KEY = "istio_ext_authz_shadow_effective_policy_id";
    private static final String POLICY = "istio-ext-authz-ns[shop]-policy[opa]-rule[0]";

    private static RbacConfig.Shadow shadow(Action action, String policy) {
        LinkedHashMap<String, RbacConfig.Policy> policies = new LinkedHashMap<>();
        policies.put(
                policy,
                new RbacConfig.Policy(
                        List.of(new Permission.UrlPath(new StringMatcher.Prefix("/admin", false))),
                        List.of(new Principal.Any())));
        return new RbacConfig.Shadow("istio_ext_authz_", new RbacConfig(action, policies));
    }

    private static CheckCondition condition(Action action, String policy, boolean invert) {
        return CheckCondition.compile(
                new Condition(KEY, new StringMatcher.Prefix("istio-ext-authz", false), invert),
                List.of(shadow(action, policy)));
    }

    @Test
    void a_request_that_a_policy_of_the_right_name_matches_is_meant_whatever_the_action() {
        for (Action action : Action.values()) {
            CheckCondition condition = condition(action, POLICY, false);
            assertThat(condition.applies(TestRequest.get("catalog", "/admin/x")))
                    .isTrue();
            assertThat(condition.applies(TestRequest.get("catalog", "/books"))).isFalse();
        }
    }

    @Test
    void a_policy_of_another_name_does_not_count() {
        assertThat(condition(Action.DENY, "ns[shop]-policy[opa]-rule[0]", false)
                        .applies(TestRequest.get("catalog", "/admin/x")))
                .isFalse();
    }

    @Test
    void inverted_those_that_none_matches_are_meant() {
        CheckCondition condition = condition(Action.DENY, POLICY, true);
        assertThat(condition.applies(TestRequest.get("catalog", "/admin/x"))).isFalse();
        assertThat(condition.applies(TestRequest.get("catalog", "/books"))).isTrue();
    }

    @Test
    void a_bare_connection_is_asked_about_without_its_path() {
        assertThat(condition(Action.DENY, POLICY, false).applies(TestConnection.to("10.0.0.1", 80)))
                .isFalse();
    }

    @Test
    void without_condition_everything_is_meant() {
        assertThat(CheckCondition.compile(null, List.of()).applies(TestRequest.get("catalog", "/")))
                .isTrue();
    }

    @Test
    void a_key_that_nothing_before_writes_is_refused_because_nothing_would_ever_be_checked() {
        Condition other =
                new Condition("other_shadow_effective_policy_id", new StringMatcher.Prefix("a", false), false);
        assertThatThrownBy(() -> CheckCondition.compile(other, List.of(shadow(Action.DENY, POLICY))))
                .hasMessageContaining("other_shadow_effective_policy_id' is written by 0 filters");
        Condition twice = new Condition(KEY, new StringMatcher.Prefix("a", false), false);
        assertThatThrownBy(() -> CheckCondition.compile(
                        twice, List.of(shadow(Action.DENY, POLICY), shadow(Action.DENY, POLICY))))
                .hasMessageContaining("written by 2 filters");
    }
}
