package lateen.control.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoutingTest {

    private static final String HOST = "catalog.shop.svc.cluster.local";

    private final ProxyResources rich = outbound(RichMesh.MESH);

    @Test
    void a_virtual_service_becomes_routes_in_its_order_under_istios_names() {
        assertThat(host(rich, HOST).getRoutesList())
                .extracting(Route::getName)
                .containsExactly("everything.of-it", "everything", "", "", "", "", "");
        assertThat(host(rich, HOST)
                        .getRoutes(0)
                        .getMetadata()
                        .getFilterMetadataOrThrow("istio")
                        .toString())
                .contains("/apis/networking.istio.io/v1/namespaces/shop/virtual-service/catalog");
        assertThat(host(rich, "books.example.com").getRoutesCount()).isEqualTo(7);
        assertThat(host(rich, "books.example.com").getDomainsList()).containsExactly("books.example.com");
    }

    @Test
    void weights_subsets_timeouts_and_rewrites_stand_in_the_action_and_weight_zero_is_left_out() {
        var action = host(rich, HOST).getRoutes(0).getRoute();
        assertThat(action.getWeightedClusters().getClustersList())
                .extracting(c -> c.getName() + " " + c.getWeight().getValue())
                .containsExactly("outbound|80|v1|" + HOST + " 90", "outbound|80|v2|" + HOST + " 10");
        assertThat(action.getTimeout())
                .isEqualTo(Duration.newBuilder()
                        .setSeconds(1)
                        .setNanos(500_000_000)
                        .build());
        assertThat(action.getPrefixRewrite()).isEqualTo("/");
        assertThat(action.getHostRewriteLiteral()).isEqualTo("inner.shop");
        assertThat(host(rich, HOST).getRoutes(5).getRoute().getHostRewriteLiteral())
                .isEqualTo("once.shop");
    }

    @Test
    void retries_are_istios_unless_said_otherwise() {
        RetryPolicy own = host(rich, HOST).getRoutes(0).getRoute().getRetryPolicy();
        assertThat(own.getRetryOn()).isEqualTo("gateway-error,retriable-status-codes");
        assertThat(own.getRetriableStatusCodesList()).containsExactly(429);
        assertThat(own.getNumRetries().getValue()).isEqualTo(3);
        assertThat(own.getPerTryTimeout().getNanos()).isEqualTo(300_000_000);
        assertThat(host(rich, HOST).getRoutes(5).getRoute().hasRetryPolicy()).isFalse();
        RetryPolicy usual = host(rich, HOST).getRoutes(6).getRoute().getRetryPolicy();
        assertThat(usual.getRetryOn())
                .isEqualTo("connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes");
        assertThat(usual.getRetriableStatusCodesList()).containsExactly(503);
        assertThat(usual.getNumRetries().getValue()).isEqualTo(2);
        assertThat(usual.getRetryHostPredicate(0).getName()).isEqualTo("envoy.retry_host_predicates.previous_hosts");
        assertThat(usual)
                .isEqualTo(host(rich, "ratings.other.svc.cluster.local")
                        .getRoutes(0)
                        .getRoute()
                        .getRetryPolicy());
    }

    @Test
    void a_route_for_other_callers_is_left_out() {
        String labels = virtualService(
                "catalog",
                "shop",
                "catalog",
                "[{match: [{sourceLabels: {app: other}}], name: no,"
                        + " route: [{destination: {host: catalog}}]}, {match: [{sourceNamespace: bank}], name: no, route:"
                        + " [{destination: {host: catalog}}]}, {match: [{port: 81}], name: no, route: [{destination: {host:"
                        + " catalog}}]}, {match: [{gateways: [edge]}], name: no, route: [{destination: {host: catalog}}]}, {name:"
                        + " yes, route: [{destination: {host: catalog}}]}]");
        assertThat(host(outbound(Shop.MESH + labels), HOST).getRoutesList())
                .extracting(Route::getName)
                .containsExactly("yes");
    }

    @Test
    void of_two_for_one_host_the_oldest_counts_and_a_more_exact_host_before_both() {
        String young = virtualService(
                        "a", "shop", "catalog", "[{name: young, route: [{destination: {host: catalog}}]}]")
                .replace("{name: a", "{creationTimestamp: \"2026-02-01T00:00:00Z\", name: a");
        String old = virtualService("b", "shop", "catalog", "[{name: old, route: [{destination: {host: catalog}}]}]")
                .replace("{name: b", "{creationTimestamp: \"2026-01-01T00:00:00Z\", name: b");
        String wide = virtualService("c", "shop", "'*'", "[{name: wide, route: [{destination: {host: catalog}}]}]");
        ProxyResources resources = outbound(Shop.MESH + young + old + wide);
        assertThat(host(resources, HOST).getRoutes(0).getName()).isEqualTo("old");
        assertThat(host(resources, "ratings.other.svc.cluster.local")
                        .getRoutes(0)
                        .getName())
                .isEqualTo("wide");
    }

    @Test
    void what_is_not_exported_here_has_no_effect_here() {
        String theirs = virtualService("x", "other", HOST, "[{name: theirs, route: [{destination: {host: ratings}}]}]")
                .replace("spec: {", "spec: {exportTo: [\".\"], ");
        assertThat(host(outbound(Shop.MESH + theirs), HOST).getRoutes(0).getName())
                .isEqualTo("default");
    }

    @Test
    void a_port_that_is_not_written_is_the_only_one_of_the_service_or_that_of_the_request() {
        String yaml = virtualService(
                "x", "shop", "catalog", "[{route: [{destination: {host: ratings.other.svc.cluster.local}}]}]");
        assertThat(host(outbound(Shop.MESH.replace("name: http, port: 80}]", "name: http, port: 8000}]") + yaml), HOST)
                        .getRoutes(0)
                        .getRoute()
                        .getCluster())
                .isEqualTo("outbound|8000||ratings.other.svc.cluster.local");
        String own = virtualService("x", "shop", "catalog", "[{route: [{destination: {host: catalog}}]}]");
        assertThat(host(outbound(Shop.MESH + own), HOST).getRoutes(0).getRoute().getCluster())
                .isEqualTo("outbound|80||" + HOST);
    }

    @Test
    void a_destination_rule_gives_limits_balancing_and_ejection_as_istio_translates_them() {
        Cluster cluster = cluster(rich, "outbound|80||" + HOST);
        Thresholds limits = cluster.getCircuitBreakers().getThresholds(0);
        assertThat(List.of(
                        limits.getMaxConnections().getValue(),
                        limits.getMaxPendingRequests().getValue(),
                        limits.getMaxRequests().getValue(),
                        limits.getMaxRetries().getValue()))
                .containsExactly(100, 7, 8, 10);
        assertThat(cluster.getLbPolicy()).isEqualTo(Cluster.LbPolicy.ROUND_ROBIN);
        assertThat(cluster.getConnectTimeout().getNanos()).isEqualTo(250_000_000);
        var outliers = cluster.getOutlierDetection();
        assertThat(outliers.getConsecutive5Xx().getValue()).isEqualTo(5);
        assertThat(outliers.getEnforcingConsecutive5Xx().getValue()).isEqualTo(100);
        assertThat(outliers.hasConsecutiveGatewayFailure()).isTrue();
        assertThat(outliers.getEnforcingConsecutiveGatewayFailure().getValue()).isZero();
        assertThat(outliers.hasEnforcingSuccessRate()).isTrue();
        assertThat(outliers.getEnforcingSuccessRate().getValue()).isZero();
        assertThat(outliers.getInterval().getSeconds()).isEqualTo(1);
        assertThat(outliers.getBaseEjectionTime().getSeconds()).isEqualTo(30);
        assertThat(outliers.getMaxEjectionPercent().getValue()).isEqualTo(50);
        assertThat(outliers.getSplitExternalLocalOriginErrors()).isTrue();
        assertThat(outliers.getConsecutiveLocalOriginFailure().getValue()).isEqualTo(4);
        assertThat(outliers.getEnforcingConsecutiveLocalOriginFailure().getValue())
                .isEqualTo(100);
        assertThat(cluster.getCommonLbConfig().getHealthyPanicThreshold().getValue())
                .isEqualTo(30);
        assertThat(cluster.getUpstreamConnectionOptions()
                        .getTcpKeepalive()
                        .getKeepaliveTime()
                        .getValue())
                .isEqualTo(3600);
    }

    @Test
    void a_cluster_without_a_rule_keeps_istios_defaults() {
        Cluster cluster = cluster(rich, "outbound|80||ratings.other.svc.cluster.local");
        assertThat(cluster.getConnectTimeout().getSeconds()).isEqualTo(10);
        assertThat(cluster.getCircuitBreakers().getThresholds(0).getMaxRetries().getValue())
                .isEqualTo(-1);
        assertThat(cluster.getLbPolicy()).isEqualTo(Cluster.LbPolicy.LEAST_REQUEST);
        assertThat(cluster.hasOutlierDetection()).isFalse();
        assertThat(cluster.getTransportSocketMatchesCount()).isEqualTo(2);
    }

    @Test
    void what_is_said_for_a_port_stands_in_place_of_all_that_is_said_for_the_whole() {
        Cluster port = cluster(rich, "outbound|9000||" + HOST);
        assertThat(port.getType()).isEqualTo(Cluster.DiscoveryType.ORIGINAL_DST);
        assertThat(port.getLbPolicy()).isEqualTo(Cluster.LbPolicy.CLUSTER_PROVIDED);
        assertThat(port.hasOutlierDetection()).isFalse();
        Cluster subset = cluster(rich, "outbound|80|v3|" + HOST);
        assertThat(subset.getCircuitBreakers()
                        .getThresholds(0)
                        .getMaxConnections()
                        .getValue())
                .isEqualTo(1);
        assertThat(subset.hasOutlierDetection()).isFalse();
        Cluster inherits = cluster(rich, "outbound|80|v2|" + HOST);
        assertThat(inherits.getLbPolicy()).isEqualTo(Cluster.LbPolicy.RANDOM);
        assertThat(inherits.hasOutlierDetection()).isTrue();
        assertThat(inherits.hasTransportSocket()).isFalse();
        assertThat(inherits.getTransportSocketMatchesCount()).isZero();
    }

    @Test
    void a_subset_has_its_own_endpoints_server_name_and_metadata_and_may_be_empty() throws Exception {
        assertThat(endpoints(rich, "outbound|80|v2|" + HOST).getEndpoints(0).getLbEndpointsList())
                .singleElement()
                .satisfies(e -> assertThat(
                                e.getEndpoint().getAddress().getSocketAddress().getAddress())
                        .isEqualTo("10.33.0.5"));
        assertThat(endpoints(rich, "outbound|80|v3|" + HOST).getEndpointsCount())
                .isZero();
        assertThat(endpoints(rich, "outbound|80||" + HOST).getEndpoints(0).getLbEndpointsCount())
                .isEqualTo(2);
        Cluster v3 = cluster(rich, "outbound|80|v3|" + HOST);
        assertThat(v3.getMetadata().getFilterMetadataOrThrow("istio").toString())
                .contains("\"subset\"", "destination-rule/catalog");
        assertThat(v3.getTransportSocketMatches(0)
                        .getTransportSocket()
                        .getTypedConfig()
                        .unpack(UpstreamTlsContext.class)
                        .getSni())
                .isEqualTo("outbound_.80_.v3_." + HOST);
        assertThat(cluster(rich, "outbound|80|v1|" + HOST)
                        .getTransportSocket()
                        .getTypedConfig()
                        .unpack(UpstreamTlsContext.class)
                        .getSni())
                .isEqualTo("other.shop");
    }

    @Test
    void rules_of_the_callers_namespace_come_before_those_of_the_service_and_of_the_root() {
        String root = rule("r", "istio-system", HOST, "RANDOM");
        String theirs = rule("t", "shop", "catalog", "ROUND_ROBIN");
        String own = rule("o", "bank", "'*.cluster.local'", "PASSTHROUGH");
        assertThat(balancer("bank", root)).isEqualTo(Cluster.LbPolicy.RANDOM);
        assertThat(balancer("bank", root + theirs)).isEqualTo(Cluster.LbPolicy.ROUND_ROBIN);
        assertThat(balancer("bank", root + theirs + own)).isEqualTo(Cluster.LbPolicy.CLUSTER_PROVIDED);
        assertThat(balancer("shop", root + theirs + own)).isEqualTo(Cluster.LbPolicy.ROUND_ROBIN);
        String hidden = theirs.replace("spec: {", "spec: {exportTo: [\".\"], ");
        assertThat(balancer("bank", root + hidden)).isEqualTo(Cluster.LbPolicy.RANDOM);
    }

    @Test
    void rules_for_one_host_in_one_namespace_are_merged_the_oldest_policy_first() {
        String a = rule("a", "shop", "catalog", "RANDOM").replace("}}}", "}}, subsets: [{name: v1}]}");
        String b = rule("b", "shop", HOST, "ROUND_ROBIN").replace("}}}", "}}, subsets: [{name: v1}, {name: v9}]}");
        ProxyResources resources = outbound(Shop.MESH + a + b);
        assertThat(cluster(resources, "outbound|80||" + HOST).getLbPolicy()).isEqualTo(Cluster.LbPolicy.RANDOM);
        assertThat(resources.clusters()).extracting(Cluster::getName).contains("outbound|80|v9|" + HOST);
    }

    @Test
    void tcp_routes_become_filter_chains_by_destination_with_weights() throws Exception {
        Listener listener = rich.listeners().stream()
                .filter(l -> l.getName().equals("10.33.1.7_9000"))
                .findFirst()
                .orElseThrow();
        assertThat(listener.getFilterChainsCount()).isEqualTo(2);
        assertThat(listener.getFilterChains(0).getFilterChainMatch().getPrefixRangesCount())
                .isEqualTo(2);
        TcpProxy first =
                listener.getFilterChains(0).getFilters(0).getTypedConfig().unpack(TcpProxy.class);
        assertThat(first.getWeightedClusters().getClustersList())
                .extracting(TcpProxy.WeightedCluster.ClusterWeight::getWeight)
                .containsExactly(3, 1);
        TcpProxy last =
                listener.getFilterChains(1).getFilters(0).getTypedConfig().unpack(TcpProxy.class);
        assertThat(last.getCluster()).isEqualTo("outbound|9000|v2|" + HOST);
    }

    private static Cluster.LbPolicy balancer(String caller, String rules) {
        ProxyFacts proxy = new ProxyFacts(caller, "x", Map.of(), List.of(), "");
        TranslationInput input = TranslationInput.of(proxy, lateen.control.registry.Load.mesh(Shop.MESH + rules));
        return cluster(Translation.outbound(input.outbound()), "outbound|80||" + HOST)
                .getLbPolicy();
    }

    private static String rule(String name, String namespace, String host, String balancer) {
        return """
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: %s, namespace: %s}
                spec: {host: %s, trafficPolicy: {loadBalancer: {simple: %s}}}
                """.formatted(name, namespace, host, balancer);
    }

    private static String virtualService(String name, String namespace, String host, String http) {
        return """
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s, namespace: %s}
                spec: {hosts: [%s], http: %s}
                """.formatted(name, namespace, host, http);
    }

    private static ProxyResources outbound(String yaml) {
        return Translation.outbound(Shop.catalog(yaml).outbound());
    }

    private static VirtualHost host(ProxyResources resources, String host) {
        return resources.routes().stream()
                .map(RouteConfiguration::getVirtualHostsList)
                .flatMap(List::stream)
                .filter(h -> h.getDomainsList().contains(host))
                .findFirst()
                .orElseThrow();
    }

    private static Cluster cluster(ProxyResources resources, String name) {
        return resources.clusters().stream()
                .filter(c -> c.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static ClusterLoadAssignment endpoints(ProxyResources resources, String name) {
        return resources.endpoints().stream()
                .filter(e -> e.getClusterName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
