package lateen.decision.rbac;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import lateen.decision.TestConnection;
import lateen.decision.TestRequest;
import lateen.decision.config.HeaderMatcher;
import lateen.decision.config.RbacConfig;
import lateen.decision.config.RbacConfig.Action;
import lateen.decision.config.RbacConfig.Permission;
import lateen.decision.config.RbacConfig.Policy;
import lateen.decision.config.RbacConfig.Principal;
import lateen.decision.config.StringMatcher;
import org.junit.jupiter.api.Test;

class RbacProgramTest {

    private static final String NAME = "ns[shop]-policy[only-client]-rule[0]";
    private static final String CLIENT = "spiffe://cluster.local/ns/shop/sa/client";
    private static final Permission GET_A = new Permission.And(List.of(
            new Permission.Header(new HeaderMatcher(
                    ":method", new HeaderMatcher.Test.Value(new StringMatcher.Exact("GET", false)), false, false)),
            new Permission.UrlPath(new StringMatcher.Exact("/a", false))));
    private static final Principal IS_CLIENT =
            new Principal.Authenticated(Set.of(new StringMatcher.Exact(CLIENT, false)));
    private static final TestConnection CONNECTION = TestConnection.to("10.0.0.1", 80);

    private static RbacProgram program(Action action, Object... namesAndPolicies) {
        LinkedHashMap<String, Policy> policies = new LinkedHashMap<>();
        for (int i = 0; i < namesAndPolicies.length; i += 2) {
            policies.put((String) namesAndPolicies[i], (Policy) namesAndPolicies[i + 1]);
        }
        return RbacProgram.compile(new RbacConfig(action, policies));
    }

    private static final Policy ONLY_CLIENT = new Policy(List.of(GET_A), List.of(IS_CLIENT));

    @Test
    void allowNeedsAPolicyThatMatches() {
        RbacProgram program = program(Action.ALLOW, NAME, ONLY_CLIENT);
        assertThat(program.decide(TestRequest.get("x", "/a?q#f").over(CONNECTION.peer(CLIENT))))
                .isEqualTo(new Verdict.Allowed(NAME));
        assertThat(program.decide(TestRequest.get("x", "/a").over(CONNECTION))).isEqualTo(new Verdict.Denied(null));
        assertThat(program(Action.ALLOW).decide(CONNECTION)).isEqualTo(new Verdict.Denied(null));
    }

    @Test
    void denyRefusesWhatAPolicyMatchesAndLogNever() {
        TestRequest request = TestRequest.get("x", "/a").over(CONNECTION.peer(CLIENT));
        assertThat(program(Action.DENY, NAME, ONLY_CLIENT).decide(request)).isEqualTo(new Verdict.Denied(NAME));
        assertThat(program(Action.LOG, NAME, ONLY_CLIENT).decide(request)).isEqualTo(new Verdict.Allowed(NAME));
        assertThat(program(Action.DENY).decide(request)).isEqualTo(new Verdict.Allowed(null));
        assertThat(program(Action.DENY, NAME, ONLY_CLIENT).decide(request).message())
                .isEqualTo("denied by policy shop/only-client, rule 0");
    }

    @Test
    void theFirstPolicyThatMatchesCounts() {
        Policy anybody = new Policy(List.of(new Permission.Any()), List.of(new Principal.Any()));
        assertThat(program(Action.ALLOW, "b", anybody, "a", anybody).decide(CONNECTION))
                .isEqualTo(new Verdict.Allowed("b"));
    }

    @Test
    void conditionsOnHttpValuesDoNotMatchABareConnection() {
        RbacProgram program = program(Action.ALLOW, NAME, ONLY_CLIENT);
        assertThat(program.decide(CONNECTION.peer(CLIENT))).isEqualTo(new Verdict.Denied(null));
        assertThat(program.explain(CONNECTION.peer(CLIENT)).words().toString()).contains("bare connection");
    }

    @Test
    void aPeerIsKnownOnlyByAVerifiedCertificate() {
        Policy verified = new Policy(List.of(new Permission.Any()), List.of(new Principal.Authenticated(Set.of())));
        RbacProgram program = program(Action.ALLOW, "v", verified);
        assertThat(program.decide(CONNECTION)).isEqualTo(new Verdict.Denied(null));
        assertThat(program.decide(CONNECTION.peer())).isEqualTo(new Verdict.Allowed("v"));
    }

    @Test
    void anExplanationNamesTheValueSeenAndTheOneExpected() {
        Policy far = new Policy(
                List.of(new Permission.And(List.of(
                        GET_A, new Permission.DestinationPorts(90, 91), new Permission.Not(new Permission.Any())))),
                List.of(IS_CLIENT));
        Explanation why = program(Action.ALLOW, "far", far, NAME, ONLY_CLIENT)
                .explain(TestRequest.get("x", "/b").over(CONNECTION.peer(CLIENT)));
        assertThat(why.verdict()).isEqualTo(new Verdict.Denied(null));
        assertThat(why.words())
                .containsExactly(
                        "denied: no policy allows it (action ALLOW, 2 tried)",
                        "policy 'far': did not match: path: \"/b\" (expected: \"/a\"); destination port: 80 (expected: 90"
                                + " to 91); anything: anything (expected: anything but anything)",
                        "policy shop/only-client, rule 0: did not match: path: \"/b\" (expected: \"/a\")",
                        "nearest: policy shop/only-client, rule 0");
    }

    @Test
    void anExplanationEndsWithThePolicyThatMatched() {
        Policy anybody = new Policy(List.of(new Permission.Any()), List.of(new Principal.Any()));
        Explanation why =
                program(Action.DENY, "one", anybody, NAME, ONLY_CLIENT).explain(CONNECTION);
        assertThat(why.policies()).hasSize(1);
        assertThat(why.nearest()).isEmpty();
        assertThat(why.words()).last().isEqualTo("policy 'one': matched");
    }
}
