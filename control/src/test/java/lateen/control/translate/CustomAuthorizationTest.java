package lateen.control.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.rbac.v3.RBAC.Action;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.List;
import lateen.control.registry.Load;
import lateen.control.source.Problem;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CustomAuthorizationTest {

    private static final String OPA = """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: opa, namespace: authz}
            spec: {clusterIP: 10.33.1.20, ports: [{name: grpc, port: 9191}]}
            """;

    private static final String CUSTOM = Shop.policy(
            "ask",
            "action: CUSTOM, provider: {name: opa}, selector: {matchLabels: {app: catalog}},"
                    + " rules: [{to: [{operation: {paths: [/books*]}}]}]");

    private static final String NAME = "istio-ext-authz-opa-ns[shop]-policy[ask]-rule[0]";

    private static String provider(String fields) {
        return """
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data:
              mesh: |
                extensionProviders:
                  - name: opa
                    envoyExtAuthzGrpc: {%s}
            """.formatted(fields);
    }

    private static final String PROVIDER = provider("service: opa.authz.svc.cluster.local, port: 9191");

    @Test
    void a_rule_marks_the_request_and_only_a_marked_request_is_put_to_the_provider() throws Exception {
        List<HttpFilter> filters = http(OPA + PROVIDER + CUSTOM);
        assertThat(filters)
                .extracting(HttpFilter::getName)
                .containsExactly(
                        "envoy.filters.http.rbac", "envoy.filters.http.ext_authz", "envoy.filters.http.router");
        RBAC marks = open(filters.get(0).getTypedConfig(), RBAC.class);
        assertThat(marks.hasRules()).isFalse();
        assertThat(marks.getShadowRulesStatPrefix()).isEqualTo("istio_ext_authz_");
        assertThat(marks.getShadowRules().getAction()).isEqualTo(Action.DENY);
        assertThat(marks.getShadowRules().getPoliciesMap()).containsOnlyKeys(NAME);
        ExtAuthz asks = open(filters.get(1).getTypedConfig(), ExtAuthz.class);
        assertThat(asks.getGrpcService().getEnvoyGrpc().getClusterName())
                .isEqualTo("outbound|9191||opa.authz.svc.cluster.local");
        assertThat(asks.getGrpcService().getEnvoyGrpc().getAuthority())
                .isEqualTo("outbound_.9191_._.opa.authz.svc.cluster.local");
        assertThat(asks.getGrpcService().getTimeout().getSeconds()).isEqualTo(600);
        assertThat(asks.getFailureModeAllow()).isFalse();
        assertThat(asks.hasWithRequestBody() || asks.hasStatusOnError()).isFalse();
        var condition = asks.getFilterEnabledMetadata();
        assertThat(condition.getFilter()).isEqualTo("envoy.filters.http.rbac");
        assertThat(condition.getPath(0).getKey()).isEqualTo("istio_ext_authz_shadow_effective_policy_id");
        assertThat(condition.getValue().getStringMatch().getPrefix()).isEqualTo("istio-ext-authz-opa-");
    }

    @Test
    void what_the_provider_says_comes_before_denials_and_permissions() throws Exception {
        List<HttpFilter> filters = http(OPA
                + PROVIDER
                + Shop.policy("a", "rules: [{}]")
                + CUSTOM
                + Shop.policy("d", "action: DENY, rules: [{}]"));
        assertThat(filters)
                .extracting(HttpFilter::getName)
                .hasSize(5)
                .element(1)
                .isEqualTo("envoy.filters.http.ext_authz");
        assertThat(open(filters.get(2).getTypedConfig(), RBAC.class).getRules().getAction())
                .isEqualTo(Action.DENY);
        assertThat(open(filters.get(3).getTypedConfig(), RBAC.class).getRules().getAction())
                .isEqualTo(Action.ALLOW);
    }

    @Test
    void every_setting_of_a_provider_arrives() throws Exception {
        ExtAuthz asks = open(
                http(OPA
                                + provider("service: authz/opa.authz.svc.cluster.local, port: 9191, timeout: 0.25s,"
                                        + " failOpen: true, statusOnError: \"503\", includeRequestBodyInCheck:"
                                        + " {maxRequestBytes: 8192, allowPartialMessage: true, packAsBytes: true}")
                                + CUSTOM)
                        .get(1)
                        .getTypedConfig(),
                ExtAuthz.class);
        assertThat(asks.getGrpcService().getTimeout().getNanos()).isEqualTo(250_000_000);
        assertThat(asks.getFailureModeAllow()).isTrue();
        assertThat(asks.getStatusOnError().getCodeValue()).isEqualTo(503);
        assertThat(asks.getWithRequestBody().getMaxRequestBytes()).isEqualTo(8192);
        assertThat(asks.getWithRequestBody().getAllowPartialMessage()).isTrue();
        assertThat(asks.getWithRequestBody().getPackAsBytes()).isTrue();
    }

    @Test
    void the_providers_cluster_is_http2_and_there_though_nothing_else_refers_to_it() throws Exception {
        Cluster cluster =
                Translation.outbound(Shop.catalog(Shop.MESH + OPA + PROVIDER + CUSTOM)
                                .outbound())
                        .clusters()
                        .stream()
                        .filter(c -> c.getName().equals("outbound|9191||opa.authz.svc.cluster.local"))
                        .findFirst()
                        .orElseThrow();
        HttpProtocolOptions options = open(
                cluster.getTypedExtensionProtocolOptionsOrThrow(
                        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"),
                HttpProtocolOptions.class);
        assertThat(options.getExplicitHttpConfig().hasHttp2ProtocolOptions()).isTrue();
    }

    @Test
    void on_tcp_the_provider_is_asked_by_what_is_left_of_the_rule() throws Exception {
        List<Filter> filters = tcp(OPA + PROVIDER + CUSTOM);
        assertThat(filters)
                .extracting(Filter::getName)
                .containsExactly(
                        "envoy.filters.network.rbac",
                        "envoy.filters.network.ext_authz",
                        "envoy.filters.network.tcp_proxy");
        var marks = open(
                filters.get(0).getTypedConfig(), io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.class);
        assertThat(marks.hasRules()).isFalse();
        assertThat(marks.getShadowRules()
                        .getPoliciesOrThrow(NAME)
                        .getPermissions(0)
                        .getAny())
                .isTrue();
        var asks = open(
                filters.get(1).getTypedConfig(),
                io.envoyproxy.envoy.extensions.filters.network.ext_authz.v3.ExtAuthz.class);
        assertThat(asks.getFilterEnabledMetadata().getFilter()).isEqualTo("envoy.filters.network.rbac");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name: nobody | there is no extension provider \"nobody\" (expected: one of [opa], as MeshConfig has them)",
                "name: opa    | the mesh has no service \"opa.authz.svc.cluster.local\""
            })
    void a_provider_that_cannot_be_asked_refuses_what_the_rules_are_about(String name, String reason) throws Exception {
        String yaml = PROVIDER + CUSTOM.replace("name: opa", name);
        assertThat(open(http(yaml).getFirst().getTypedConfig(), RBAC.class).getRules())
                .satisfies(rules -> {
                    assertThat(rules.getAction()).isEqualTo(Action.DENY);
                    assertThat(rules.getPoliciesMap().keySet())
                            .singleElement()
                            .asString()
                            .endsWith("-ns[shop]-policy[ask]-rule[0]-deny-due-to-bad-CUSTOM-action");
                });
        assertThat(http(yaml)).hasSize(2);
        assertThat(tcp(yaml)).extracting(Filter::getName).doesNotContain("envoy.filters.network.ext_authz");
        assertThat(Load.load(Shop.MESH + yaml).warnings())
                .extracting(Problem::text)
                .anyMatch(t -> t.contains(reason) && t.endsWith("every request that the policy is about is refused"));
    }

    @Test
    void two_providers_on_one_workload_refuse_what_either_is_about() throws Exception {
        String second = CUSTOM.replace("name: ask", "name: more").replace("name: opa", "name: other");
        List<HttpFilter> filters = http(OPA + PROVIDER + CUSTOM + second);
        assertThat(filters).hasSize(2);
        assertThat(open(filters.getFirst().getTypedConfig(), RBAC.class)
                        .getRules()
                        .getPoliciesMap())
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "port: 9191, x: 1          | unknown field (expected: service, port, timeout,",
                "port: 0                   | extensionProviders[0].envoyExtAuthzGrpc.port: 0 (expected: a number, 1..65535)",
                "port: 9191, timeout: soon | \"soon\" (expected: a time as in 5s, 1m30s, 200ms, at least 1ms)",
                "port: 9191, statusOnError: \"700\" | (expected: text with a status of Envoy's",
                "port: 9191, pathPrefix: /x | extensionProviders[0].envoyExtAuthzGrpc.pathPrefix: unknown field"
            })
    void a_wrong_provider_is_refused_with_its_place(String fields, String expected) {
        assertThat(problems(provider("service: opa.authz.svc.cluster.local, " + fields)))
                .anyMatch(p -> p.startsWith("mesh.yaml[data.mesh]:") && p.contains(expected));
    }

    @Test
    void other_kinds_of_providers_and_a_port_without_http2_are_refused_by_name() {
        assertThat(problems(PROVIDER.replace("envoyExtAuthzGrpc", "envoyExtAuthzHttp")))
                .anyMatch(p -> p.contains("extensionProviders[0].envoyExtAuthzHttp: is not supported yet"));
        assertThat(problems(PROVIDER + OPA.replace("name: grpc", "name: http")))
                .anyMatch(p -> p.contains("9191 of \"opa.authz.svc.cluster.local\"") && p.contains("is not HTTP/2"));
    }

    @Test
    void action_and_provider_belong_together() {
        assertThat(problems(Shop.policy("p", "action: CUSTOM, rules: [{}]")))
                .anyMatch(p -> p.contains("spec.provider: is missing"));
        assertThat(problems(Shop.policy("p", "action: DENY, provider: {name: x}")))
                .anyMatch(p -> p.contains("spec.provider: is for action CUSTOM only"));
        assertThat(problems(Shop.policy("p", "action: CUSTOM, provider: {name: x}")))
                .anyMatch(p -> p.contains("spec.rules: is missing"));
    }

    @Tag("kernel")
    @Test
    void a_real_envoy_takes_it() throws Exception {
        TranslationInput input = Shop.catalog(Shop.MESH + OPA + PROVIDER + CUSTOM);
        RealEnvoy.takes(Translation.inbound(input.inbound()), Translation.outbound(input.outbound()));
    }

    private static List<String> problems(String yaml) {
        return Load.load(Shop.MESH + yaml).errors().stream()
                .map(Problem::toString)
                .toList();
    }

    private static List<HttpFilter> http(String yaml) throws InvalidProtocolBufferException {
        return open(chain(yaml, "0.0.0.0_8080").getFilters(0).getTypedConfig(), HttpConnectionManager.class)
                .getHttpFiltersList();
    }

    private static List<Filter> tcp(String yaml) {
        return chain(yaml, "0.0.0.0_9000").getFiltersList();
    }

    private static FilterChain chain(String yaml, String name) {
        Listener inbound = Translation.inbound(Shop.catalog(Shop.MESH + yaml).inbound())
                .listeners()
                .getFirst();
        return inbound.getFilterChainsList().stream()
                .filter(c -> c.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static <M extends Message> M open(Any any, Class<M> type) throws InvalidProtocolBufferException {
        return any.unpack(type);
    }
}
