package lateen.control.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.List;
import lateen.control.registry.Load;
import lateen.control.source.Problem;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvoyFilterTest {

    /** A limit that is there but off, and one that is on for a route of port 80: Istio's way of a local rate limit. */
    private static final String RATE_LIMIT = """
            ---
            apiVersion: networking.istio.io/v1alpha3
            kind: EnvoyFilter
            metadata: {name: limit, namespace: istio-system}
            spec:
              workloadSelector: {labels: {app: catalog}}
              configPatches:
                - applyTo: HTTP_FILTER
                  match:
                    context: SIDECAR_INBOUND
                    listener:
                      filterChain:
                        filter:
                          name: envoy.filters.network.http_connection_manager
                  patch:
                    operation: INSERT_BEFORE
                    value:
                      name: envoy.filters.http.local_ratelimit
                      typed_config:
                        "@type": type.googleapis.com/udpa.type.v1.TypedStruct
                        type_url: type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
                        value:
                          stat_prefix: http_local_rate_limiter
                - applyTo: HTTP_ROUTE
                  match:
                    context: SIDECAR_INBOUND
                    routeConfiguration:
                      vhost:
                        name: "inbound|http|80"
                        route: {action: ANY}
                  patch:
                    operation: MERGE
                    value:
                      typed_per_filter_config:
                        envoy.filters.http.local_ratelimit:
                          "@type": type.googleapis.com/udpa.type.v1.TypedStruct
                          type_url: type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
                          value:
                            stat_prefix: http_local_rate_limiter
                            token_bucket: {max_tokens: 4, tokens_per_fill: 4, fill_interval: 60s}
                            filter_enabled:
                              runtime_key: local_rate_limit_enabled
                              default_value: {numerator: 100, denominator: HUNDRED}
                            filter_enforced:
                              runtime_key: local_rate_limit_enforced
                              default_value: {numerator: 100, denominator: HUNDRED}
                            response_headers_to_add:
                              - append_action: APPEND_IF_EXISTS_OR_ADD
                                header: {key: x-local-rate-limit, value: 'true'}
            """;

    private static String filter(String patch) {
        return """
            ---
            apiVersion: networking.istio.io/v1alpha3
            kind: EnvoyFilter
            metadata: {name: f, namespace: shop}
            spec:
              configPatches:
                - %s
            """.formatted(patch);
    }

    /** An HTTP filter named {@code x}, put where {@code rest} says. */
    private static String lua(String match, String operation) {
        return filter("{applyTo: HTTP_FILTER, match: {" + match + "}, patch: {operation: " + operation
                + ", value: {name: x, typed_config: {\"@type\":"
                + " type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua}}}}");
    }

    private static final String IN_ROUTER =
            "listener: {filterChain: {filter: {subFilter: {name: envoy.filters.http.router}}}}";

    @Test
    void istios_local_rate_limit_is_a_filter_in_every_http_chain_and_a_setting_of_the_ports_routes() throws Exception {
        ProxyResources inbound = inbound(RATE_LIMIT);
        assertThat(inbound.applied())
                .containsEntry("istio-system/limit configPatches[0]", 3)
                .containsEntry("istio-system/limit configPatches[1]", 2);
        HttpConnectionManager manager = manager(inbound, "0.0.0.0_8080");
        assertThat(names(manager)).containsExactly("envoy.filters.http.local_ratelimit", "envoy.filters.http.router");
        assertThat(manager.getHttpFilters(0)
                        .getTypedConfig()
                        .unpack(LocalRateLimit.class)
                        .getStatPrefix())
                .isEqualTo("http_local_rate_limiter");
        Route route = manager.getRouteConfig().getVirtualHosts(0).getRoutes(0);
        LocalRateLimit limit = route.getTypedPerFilterConfigOrThrow("envoy.filters.http.local_ratelimit")
                .unpack(LocalRateLimit.class);
        assertThat(limit.getTokenBucket().getMaxTokens()).isEqualTo(4);
        assertThat(limit.getTokenBucket().getTokensPerFill().getValue()).isEqualTo(4);
        assertThat(limit.getTokenBucket().getFillInterval().getSeconds()).isEqualTo(60);
        assertThat(limit.getFilterEnforced().getDefaultValue().getNumerator()).isEqualTo(100);
        assertThat(limit.getResponseHeadersToAdd(0).getHeader().getKey()).isEqualTo("x-local-rate-limit");
        assertThat(route.getName()).as("what was there stays").isEqualTo("default");
        assertThat(manager(inbound, "virtualInbound-catchall-http")
                        .getRouteConfig()
                        .getVirtualHosts(0)
                        .getRoutes(0)
                        .getTypedPerFilterConfigMap())
                .isEmpty();
    }

    @Test
    void other_workloads_and_the_other_side_stay_as_they_are() {
        assertThat(inbound(RATE_LIMIT.replace("app: catalog", "app: ratings"))).isEqualTo(inbound(""));
        assertThat(outbound(RATE_LIMIT)).isEqualTo(outbound(""));
        assertThat(inbound(RATE_LIMIT.replace("namespace: istio-system", "namespace: other")))
                .isEqualTo(inbound(""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "INSERT_FIRST  |            | x rbac router",
                "INSERT_BEFORE |            | x rbac router",
                "INSERT_BEFORE | router     | rbac x router",
                "INSERT_AFTER  | rbac       | rbac x router",
                "INSERT_AFTER  | missing    | rbac router",
                "ADD           |            | rbac x router",
                "REPLACE       | rbac       | x router",
                "REMOVE        | rbac       | router"
            })
    void a_filter_goes_where_the_operation_says(String operation, String subFilter, String expected) throws Exception {
        String match = subFilter == null
                ? "context: SIDECAR_INBOUND"
                : "listener: {filterChain: {filter: {subFilter: {name: envoy.filters.http." + subFilter + "}}}}";
        HttpConnectionManager manager = manager(inbound(Shop.policy("p", "") + lua(match, operation)), "0.0.0.0_8080");
        assertThat(names(manager).stream().map(n -> n.replace("envoy.filters.http.", "")))
                .containsExactly(expected.split(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "context: ANY                                               | true",
                "context: SIDECAR_OUTBOUND                                  | false",
                "listener: {portNumber: 8080}                               | true",
                "listener: {portNumber: 80}                                 | false",
                "listener: {name: virtualInbound}                           | true",
                "listener: {name: other}                                    | false",
                "listener: {filterChain: {name: 0.0.0.0_8080}}              | true",
                "listener: {filterChain: {destinationPort: 9000}}           | false",
                "listener: {filterChain: {filter: {name: other}}}           | false",
                "proxy: {proxyVersion: '^1\\.27'}                           | true",
                "proxy: {proxyVersion: '^1\\.2$'}                           | false"
            })
    void a_patch_is_applied_where_its_match_fits(String match, boolean expected) throws Exception {
        HttpConnectionManager manager = manager(inbound(lua(match, "INSERT_FIRST")), "0.0.0.0_8080");
        assertThat(names(manager).contains("x")).isEqualTo(expected);
    }

    @Test
    void merging_replaces_values_appends_lists_and_goes_into_the_filters_own_settings() throws Exception {
        String merge =
                filter("{applyTo: NETWORK_FILTER, match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter:"
                        + " {name: envoy.filters.network.http_connection_manager}}}}, patch: {operation: MERGE, value: {name:"
                        + " envoy.filters.network.http_connection_manager, typed_config: {\"@type\": type.googleapis.com/envoy"
                        + ".extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, streamIdleTimeout: 1.5s,"
                        + " upgrade_configs: [{upgrade_type: h2c}], xff_num_trusted_hops: 2}}}}");
        HttpConnectionManager manager = manager(inbound(merge), "0.0.0.0_8080");
        assertThat(manager.getStreamIdleTimeout().getNanos()).isEqualTo(500_000_000);
        assertThat(manager.getUpgradeConfigsList())
                .extracting(c -> c.getUpgradeType())
                .containsExactly("websocket", "h2c");
        assertThat(manager.getXffNumTrustedHops()).isEqualTo(2);
        assertThat(names(manager)).containsExactly("envoy.filters.http.router");
        assertThat(manager.getRouteConfig().getName()).isEqualTo("inbound|8080||");
    }

    @Test
    void clusters_are_chosen_by_host_and_port_and_may_be_added_or_removed() {
        String merge = filter("{applyTo: CLUSTER, match: {cluster: {service: ratings.other.svc.cluster.local,"
                + " portNumber: 80}}, patch: {operation: MERGE, value: {connect_timeout: 0.25s}}}");
        assertThat(outbound(merge).clusters())
                .filteredOn(c -> c.getConnectTimeout().getNanos() == 250_000_000)
                .extracting(Cluster::getName)
                .containsExactly("outbound|80||ratings.other.svc.cluster.local");
        assertThat(outbound(merge).clusters())
                .filteredOn(c -> c.getConnectTimeout().getNanos() == 250_000_000)
                .allMatch(c -> c.getConnectTimeout().getSeconds() == 0);
        String remove = filter(
                "{applyTo: CLUSTER, match: {cluster: {name: PassthroughCluster}}," + " patch: {operation: REMOVE}}");
        assertThat(outbound(remove).clusters())
                .extracting(Cluster::getName)
                .doesNotContain("PassthroughCluster")
                .contains("BlackHoleCluster");
        String add = filter("{applyTo: CLUSTER, match: {}, patch: {operation: ADD, value: {name: own, type: STATIC}}}");
        assertThat(outbound(add).clusters()).extracting(Cluster::getName).contains("own");
        assertThat(inbound(add).clusters()).extracting(Cluster::getName).doesNotContain("own");
    }

    @Test
    void routes_and_virtual_hosts_are_chosen_by_name() {
        String vhost = "routeConfiguration: {name: \"80\", vhost: {name: \"catalog.shop.svc.cluster.local:80\"";
        String first = filter("{applyTo: HTTP_ROUTE, match: {" + vhost + "}}}, patch: {operation: INSERT_FIRST, value:"
                + " {name: gone, match: {prefix: /old}, direct_response: {status: 410}}}}");
        assertThat(routes(first).getVirtualHostsList())
                .allSatisfy(host -> assertThat(host.getRoutes(0).getName())
                        .isEqualTo(
                                host.getName().equals("catalog.shop.svc.cluster.local:80")
                                        ? "gone"
                                        : host.getName().equals("allow_any") ? "allow_any" : "default"));
        String remove = filter("{applyTo: VIRTUAL_HOST, match: {routeConfiguration: {vhost: {name: allow_any}}},"
                + " patch: {operation: REMOVE}}");
        assertThat(routes(remove).getVirtualHostsList()).hasSize(2);
        String merge = filter("{applyTo: ROUTE_CONFIGURATION, match: {routeConfiguration: {portNumber: 80}}, patch:"
                + " {operation: MERGE, value: {response_headers_to_remove: [x-secret]}}}");
        assertThat(routes(merge).getResponseHeadersToRemoveList()).containsExactly("x-secret");
        assertThat(routes(merge.replace("portNumber: 80", "portNumber: 81")).getResponseHeadersToRemoveList())
                .isEmpty();
    }

    @Test
    void listeners_may_be_changed_removed_and_added() {
        String merge = filter("{applyTo: LISTENER, match: {context: SIDECAR_INBOUND}, patch: {operation: MERGE, value:"
                + " {per_connection_buffer_limit_bytes: 1000}}}");
        assertThat(inbound(merge)
                        .listeners()
                        .getFirst()
                        .getPerConnectionBufferLimitBytes()
                        .getValue())
                .isEqualTo(1000);
        String remove = filter("{applyTo: LISTENER, match: {listener: {portNumber: 80}}, patch: {operation: REMOVE}}");
        assertThat(outbound(remove).listeners())
                .extracting(Listener::getName)
                .contains("virtualOutbound")
                .doesNotContain("0.0.0.0_80");
    }

    @Test
    void lower_priority_comes_first_then_the_root_namespace() throws Exception {
        String late = lua("context: SIDECAR_INBOUND", "INSERT_FIRST").replace("name: x", "name: late");
        String own = late.replace("name: f", "name: a").replace("name: late", "name: own");
        String root = own.replace("name: own", "name: root").replace("namespace: shop", "namespace: istio-system");
        String early = late.replace("name: f", "name: z")
                .replace("spec:", "spec:\n  priority: -1")
                .replace("name: late", "name: early");
        late = late.replace("spec:", "spec:\n  priority: 1");
        assertThat(names(manager(inbound(late + own + root + early), "0.0.0.0_8080")))
                .containsExactly("late", "own", "root", "early", "envoy.filters.http.router");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "stat_prefix: h            | stat_prefx: h  | mesh.yaml:48: spec.configPatches[0].patch.value.typed_config.value.stat_prefx: unknown field of envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
                "v3.LocalRateLimit\\n      | v3.LocalLimit\\n | mesh.yaml:46: spec.configPatches[0].patch.value.typed_config.type_url: \"type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalLimit\" is not known",
                "fill_interval: 60s        | fill_interval: 1m | typed_config: \"1m\"",
                "max_tokens: 4             | max_tokens: -4 | max_tokens: -4 (expected: a whole number, uint32)",
                "HUNDRED}                  | ALL}           | denominator: \"ALL\" (expected: HUNDRED, TEN_THOUSAND, MILLION)",
                "applyTo: HTTP_ROUTE       | applyTo: BOOTSTRAP | spec.configPatches[1].applyTo: \"BOOTSTRAP\" (expected: LISTENER, NETWORK_FILTER",
                "context: SIDECAR_INBOUND  | context: GATEWAY | spec.configPatches[0].match.context: \"GATEWAY\"",
                "operation: MERGE          | operation: REPLACE | spec.configPatches[1].patch.operation: REPLACE with applyTo HTTP_ROUTE (expected: one of [ADD,",
                "workloadSelector:         | targetRefs: []\\n  workloadSelector: | spec.targetRefs: is not supported yet",
                "operation: INSERT_BEFORE  | operation: REMOVE | match.listener.filterChain.filter.subFilter.name: is missing (expected: which filter, for REMOVE)"
            })
    void what_is_unknown_or_wrong_is_refused_where_it_stands(String old, String now, String expected) {
        String yaml =
                RATE_LIMIT.replace(old.strip().replace("\\n", "\n"), now.strip().replace("\\n", "\n"));
        List<String> problems = Load.load(Shop.MESH + yaml).errors().stream()
                .map(Problem::toString)
                .toList();
        if (expected.startsWith("typed_config: ")) {
            assertThat(problems)
                    .anyMatch(p -> p.contains("fill_interval: \"1m\" (expected: seconds, as in 60s or 0.5s)"));
        } else {
            assertThat(problems).anyMatch(p -> p.contains(expected));
        }
    }

    @Tag("kernel")
    @Test
    void a_real_envoy_takes_the_rate_limit() throws Exception {
        TranslationInput input = Shop.catalog(Shop.MESH + RATE_LIMIT + lua(IN_ROUTER, "INSERT_BEFORE"));
        RealEnvoy.takes(Translation.inbound(input.inbound()), Translation.outbound(input.outbound()));
    }

    private static ProxyResources inbound(String yaml) {
        return Translation.inbound(Shop.catalog(Shop.MESH + yaml).inbound());
    }

    private static ProxyResources outbound(String yaml) {
        return Translation.outbound(Shop.catalog(Shop.MESH + yaml).outbound());
    }

    private static RouteConfiguration routes(String yaml) {
        return outbound(yaml).routes().getFirst();
    }

    private static HttpConnectionManager manager(ProxyResources inbound, String chain)
            throws InvalidProtocolBufferException {
        FilterChain found = inbound.listeners().getFirst().getFilterChainsList().stream()
                .filter(c -> c.getName().equals(chain))
                .findFirst()
                .orElseThrow();
        return found.getFilters(0).getTypedConfig().unpack(HttpConnectionManager.class);
    }

    private static List<String> names(HttpConnectionManager manager) {
        return manager.getHttpFiltersList().stream().map(HttpFilter::getName).toList();
    }
}
