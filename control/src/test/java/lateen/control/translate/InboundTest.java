package lateen.control.translate;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InboundTest {

    @Test
    void strict_leaves_only_chains_that_terminate_mtls_and_the_black_hole() {
        Listener inbound = inbound(Shop.mtls("STRICT"));
        assertThat(inbound.getName()).isEqualTo("virtualInbound");
        assertThat(inbound.getFilterChainsList())
                .extracting(InboundTest::described)
                .containsExactly(
                        "virtualInbound-blackhole 15006 any",
                        "0.0.0.0_8080 8080 tls mTLS HTTP",
                        "0.0.0.0_9000 9000 tls mTLS",
                        "virtualInbound-catchall-http 0 tls+istio-http/1.0,istio-http/1.1,istio-h2 mTLS HTTP",
                        "virtualInbound 0 tls mTLS");
    }

    @Test
    void permissive_takes_mtls_of_sidecars_plaintext_and_on_tcp_the_applications_own_tls() {
        assertThat(inbound("").getFilterChainsList())
                .extracting(InboundTest::described)
                .contains(
                        "0.0.0.0_8080 8080 tls+istio-peer-exchange,istio,istio-http/1.0,istio-http/1.1,istio-h2 mTLS HTTP",
                        "0.0.0.0_8080 8080 raw_buffer HTTP",
                        "0.0.0.0_9000 9000 raw_buffer",
                        "0.0.0.0_9000 9000 tls",
                        "virtualInbound 0 raw_buffer");
    }

    @Test
    void disable_takes_no_mtls_at_all() {
        assertThat(inbound(Shop.mtls("DISABLE")).getFilterChainsList())
                .extracting(InboundTest::described)
                .containsExactly(
                        "virtualInbound-blackhole 15006 any",
                        "0.0.0.0_8080 8080 any HTTP",
                        "0.0.0.0_9000 9000 any",
                        "virtualInbound 0 any");
    }

    @Test
    void a_connection_stays_in_this_listener_though_its_destination_is_recovered() {
        Listener inbound = inbound("");
        assertThat(inbound.hasUseOriginalDst()).isFalse();
        assertThat(inbound.getListenerFilters(0).getName()).isEqualTo("envoy.filters.listener.original_dst");
    }

    @Test
    void the_application_is_reached_from_an_address_that_capture_leaves_alone() {
        Cluster cluster = Translation.inbound(Shop.catalog(Shop.MESH).inbound()).clusters().getFirst();
        assertThat(cluster.getName()).isEqualTo("inbound|8080||");
        assertThat(cluster.getType()).isEqualTo(Cluster.DiscoveryType.ORIGINAL_DST);
        assertThat(cluster.getUpstreamBindConfig().getSourceAddress().getAddress()).isEqualTo("127.0.0.6");
        assertThat(cluster.getUpstreamBindConfig().getExtraSourceAddresses(0).getAddress().getAddress())
                .isEqualTo("::6");
    }

    @Test
    void denials_come_before_permissions_under_names_that_lead_to_the_rule() {
        List<RBAC> rules = http(Shop.policy("allow", "rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/client]}}]}]")
                + Shop.policy("deny", "action: DENY, rules: [{to: [{operation: {paths: [/admin*], methods: [POST]}}]}]"));
        assertThat(rules).extracting(RBAC::getAction).containsExactly(RBAC.Action.DENY, RBAC.Action.ALLOW);
        assertThat(rules.get(0).getPoliciesMap()).containsOnlyKeys("ns[shop]-policy[deny]-rule[0]");
        Policy allow = rules.get(1).getPoliciesOrThrow("ns[shop]-policy[allow]-rule[0]");
        assertThat(allow.getPrincipals(0).getAuthenticated().getPrincipalName().getExact())
                .isEqualTo("spiffe://cluster.local/ns/shop/sa/client");
        assertThat(allow.getPermissions(0).getAny()).isTrue();
        Policy deny = rules.get(0).getPoliciesMap().values().iterator().next();
        assertThat(deny.getPermissions(0).getAndRules().getRulesList()).hasSize(2);
        assertThat(deny.getPermissions(0).getAndRules().getRules(1).getUrlPath().getPath().getPrefix())
                .isEqualTo("/admin");
    }

    @Test
    void an_allow_policy_without_rules_allows_nothing_and_a_deny_policy_without_rules_denies_nothing() {
        assertThat(http(Shop.policy("none", ""))).singleElement().satisfies(r -> {
            assertThat(r.getAction()).isEqualTo(RBAC.Action.ALLOW);
            assertThat(r.getPoliciesCount()).isZero();
        });
        assertThat(http(Shop.policy("none", "action: DENY"))).isEmpty();
    }

    @Test
    void on_tcp_an_allow_rule_with_http_never_matches_and_a_deny_rule_denies_by_the_rest() {
        String http = "rules: [{from: [{source: {namespaces: [shop]}}], to: [{operation: {methods: [GET]}}]}]";
        assertThat(tcp(Shop.policy("a", http))).singleElement().satisfies(r -> assertThat(r.getPoliciesCount()).isZero());
        Policy deny = tcp(Shop.policy("d", "action: DENY, " + http)).getFirst().getPoliciesMap().values().iterator().next();
        assertThat(deny.getPermissions(0).getAny()).isTrue();
        assertThat(deny.getPrincipals(0).getAuthenticated().getPrincipalName().getPrefix())
                .isEqualTo("spiffe://cluster.local/ns/shop/");
    }

    @Test
    void not_values_are_negations_and_several_values_are_alternatives() {
        Policy policy = http(Shop.policy("p", "rules: [{from: [{source: {notNamespaces: [a, b], ipBlocks: [10.0.0.0/8]}}]}]"))
                .getFirst().getPoliciesMap().values().iterator().next();
        var all = policy.getPrincipals(0).getAndIds().getIdsList();
        assertThat(all.get(0).getNotId().getOrIds().getIdsList()).hasSize(2);
        assertThat(all.get(1).getDirectRemoteIp().getPrefixLen().getValue()).isEqualTo(8);
    }

    @Test
    void a_policy_for_other_workloads_or_another_namespace_is_not_here() {
        assertThat(http(Shop.policy("x", "selector: {matchLabels: {app: ratings}}"))).isEmpty();
        assertThat(http(Shop.policy("x", "").replace("namespace: shop", "namespace: bank"))).isEmpty();
        assertThat(http(Shop.policy("x", "").replace("namespace: shop", "namespace: istio-system"))).hasSize(1);
    }

    private static Listener inbound(String policies) {
        return Translation.inbound(Shop.catalog(Shop.MESH + policies).inbound()).listeners().getFirst();
    }

    private static FilterChain chain(String policies, String name) {
        return inbound(policies).getFilterChainsList().stream().filter(c -> c.getName().equals(name)).findFirst().orElseThrow();
    }

    private static List<RBAC> http(String policies) {
        List<RBAC> out = new ArrayList<>();
        try {
            HttpConnectionManager manager =
                    chain(policies, "0.0.0.0_8080").getFilters(0).getTypedConfig().unpack(HttpConnectionManager.class);
            for (HttpFilter filter : manager.getHttpFiltersList()) {
                if (filter.getName().equals("envoy.filters.http.rbac")) {
                    out.add(filter.getTypedConfig()
                            .unpack(io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.class)
                            .getRules());
                }
            }
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        return out;
    }

    private static List<RBAC> tcp(String policies) {
        List<RBAC> out = new ArrayList<>();
        try {
            for (Filter filter : chain(policies, "0.0.0.0_9000").getFiltersList()) {
                if (filter.getName().equals("envoy.filters.network.rbac")) {
                    out.add(filter.getTypedConfig()
                            .unpack(io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.class)
                            .getRules());
                }
            }
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        return out;
    }

    /** Name, port, transport and ALPN, and what is done. */
    private static String described(FilterChain chain) {
        var match = chain.getFilterChainMatch();
        String transport = match.getTransportProtocol().isEmpty() ? "any" : match.getTransportProtocol();
        String alpn = String.join(",", match.getApplicationProtocolsList());
        boolean http = chain.getFiltersList().stream().anyMatch(f -> f.getName().endsWith("http_connection_manager"));
        return chain.getName() + " " + match.getDestinationPort().getValue() + " " + transport
                + (alpn.isEmpty() ? "" : "+" + alpn) + (chain.hasTransportSocket() ? " mTLS" : "") + (http ? " HTTP" : "");
    }
}
