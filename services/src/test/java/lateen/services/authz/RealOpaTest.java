package lateen.services.authz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks as a proxy sends them, decided by a real OPA. */
@Tag("opa")
class RealOpaTest {
    private static final String ONLY_CLIENT = """
            package envoy.authz

            default allow := false

            allow if {
                input.attributes.request.http.method == "GET"
                input.parsed_path[0] == "books"
                input.source_principal == "spiffe://cluster.local/ns/shop/sa/client"
            }
            """;

    @TempDir
    Path folder;

    private Opa opa;
    private AuthzServer server;
    private Checks checks;

    private void start(String rego) throws Exception {
        opa = Opa.start(folder, rego);
        server = AuthzServer.start(Checks.settings(opa.url()).withTimeout(Duration.ofSeconds(5)));
        checks = Checks.to(server);
    }

    @AfterEach
    void close() throws Exception {
        checks.close();
        server.close();
        opa.close();
    }

    @Test
    void aPolicyDecidesByMethodPathAndCaller() throws Exception {
        start(ONLY_CLIENT);

        assertThat(code(checks.check(Checks.get("/books?x=1")))).isZero();
        assertThat(code(checks.check(Checks.get("/admin")))).isEqualTo(7);
        assertThat(code(checks.check(Checks.request("POST", "/books", Map.of(), ""))))
                .isEqualTo(7);
        CheckRequest.Builder stranger = Checks.get("/books").toBuilder();
        stranger.getAttributesBuilder().getSourceBuilder().setPrincipal("spiffe://cluster.local/ns/shop/sa/other");
        CheckResponse denied = checks.check(stranger.build());
        assertThat(code(denied)).isEqualTo(7);
        assertThat(denied.getDeniedResponse().getStatus().getCodeValue()).isEqualTo(403);
    }

    @Test
    void aChangedPolicyIsInEffectWithoutARestart() throws Exception {
        start(ONLY_CLIENT);
        assertThat(code(checks.check(Checks.get("/admin")))).isEqualTo(7);

        opa.policy(ONLY_CLIENT.replace("\"books\"", "\"admin\""));

        Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> code(checks.check(Checks.get("/admin"))) == 0);
        assertThat(code(checks.check(Checks.get("/books")))).isEqualTo(7);
    }

    @Test
    void everyPartOfAStructuredDecisionReachesTheProxy() throws Exception {
        start("""
                package envoy.authz

                allow := {
                    "allowed": input.parsed_query.let == ["in"],
                    "headers": {"x-by": "opa", "x-many": ["a", "b"]},
                    "response_headers_to_add": [{"x-seen": "yes"}],
                    "request_headers_to_remove": ["x-secret"],
                    "query_parameters_to_set": {"lang": "en"},
                    "query_parameters_to_remove": ["let"],
                    "body": "not for you",
                    "http_status": 401,
                    "dynamic_metadata": {"score": 7, "tags": ["a", null], "in": true},
                }
                """);

        CheckResponse ok = checks.check(Checks.get("/books?let=in"));
        assertThat(code(ok)).isZero();
        assertThat(headers(ok.getOkResponse().getHeadersList()))
                .containsExactlyInAnyOrder("x-by: opa", "x-many: a", "+x-many: b");
        assertThat(headers(ok.getOkResponse().getResponseHeadersToAddList())).containsExactly("x-seen: yes");
        assertThat(ok.getOkResponse().getHeadersToRemoveList()).containsExactly("x-secret");
        assertThat(ok.getOkResponse().getQueryParametersToSet(0).getKey()).isEqualTo("lang");
        assertThat(ok.getOkResponse().getQueryParametersToRemoveList()).containsExactly("let");
        assertThat(JsonParser.parseString(JsonFormat.printer().print(ok.getDynamicMetadata())))
                .isEqualTo(JsonParser.parseString("{\"score\": 7.0, \"tags\": [\"a\", null], \"in\": true}"));

        CheckResponse denied = checks.check(Checks.get("/books?let=out"));
        assertThat(code(denied)).isEqualTo(7);
        assertThat(denied.getDeniedResponse().getStatus().getCodeValue()).isEqualTo(401);
        assertThat(denied.getDeniedResponse().getBody()).isEqualTo("not for you");
        assertThat(headers(denied.getDeniedResponse().getHeadersList())).contains("x-by: opa");
    }

    @Test
    void aRuleWithoutAValueAndARuleThatIsNotThereAreDenials() throws Exception {
        start("package envoy.authz\n\nallow if input.parsed_path[0] == \"books\"\n");

        assertThat(code(checks.check(Checks.get("/books")))).isZero();
        CheckResponse undefined = checks.check(Checks.get("/admin"));
        assertThat(code(undefined)).isEqualTo(7);
        assertThat(undefined.getDeniedResponse().getHeadersList()).isEmpty();

        opa.policy("package elsewhere\n");
        Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> code(checks.check(Checks.get("/books"))) == 7);
    }

    /** The whole document, as the policy gets it. */
    @Test
    void thePolicySeesTheInputOfOpasEnvoyPlugin() throws Exception {
        start("""
                package envoy.authz

                allow := {"allowed": true, "dynamic_metadata": {"input": json.marshal(input)}}
                """);
        CheckRequest request = Checks.request(
                "POST", "//books/a%20b?x=1&x=2&y", Map.of("content-type", "application/json"), "{\"n\": 1e2}");

        String marshalled = checks.check(request)
                .getDynamicMetadata()
                .getFieldsOrThrow("input")
                .getStringValue();

        JsonObject input = JsonParser.parseString(marshalled).getAsJsonObject();
        assertThat(input.get("attributes"))
                .isEqualTo(JsonParser.parseString(JsonFormat.printer().print(request.getAttributes())));
        input.remove("attributes");
        assertThat(input).isEqualTo(JsonParser.parseString("""
                {
                  "parsed_path": ["books", "a b"],
                  "parsed_query": {"x": ["1", "2"], "y": [""]},
                  "parsed_body": {"n": 100},
                  "truncated_body": false,
                  "source_principal": "spiffe://cluster.local/ns/shop/sa/client",
                  "version": {"ext_authz": "v3", "encoding": "protojson"}
                }
                """));
    }

    @Test
    void anOpaThatDiesIsSaidSoAndOneThatComesBackIsUsed() throws Exception {
        start(ONLY_CLIENT);
        assertThat(code(checks.check(Checks.get("/books")))).isZero();

        opa.close();
        CheckResponse refused = checks.check(Checks.get("/books"));
        assertThat(code(refused)).isEqualTo(7);
        // The first question may still find the old connection closing.
        Awaitility.await()
                .atMost(10, TimeUnit.SECONDS)
                .until(() -> headers(checks.check(Checks.get("/books"))
                                .getDeniedResponse()
                                .getHeadersList())
                        .contains("x-lateen-authz-failure: OPA at " + opa.url() + ": connection refused"));

        opa = Opa.start(folder, ONLY_CLIENT, opa.port());
        assertThat(code(checks.check(Checks.get("/books")))).isZero();
    }

    static int code(CheckResponse response) {
        return response.getStatus().getCode();
    }

    @SuppressWarnings("deprecation")
    static List<String> headers(List<HeaderValueOption> options) {
        return options.stream()
                .map(option -> (option.getAppend().getValue() ? "+" : "")
                        + option.getHeader().getKey() + ": "
                        + option.getHeader().getValue())
                .toList();
    }
}
