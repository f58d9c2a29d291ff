package lateen.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterConfig.UpstreamHttp;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.ClusterEndpoints.Health;
import lateen.decision.config.DownstreamTls;
import lateen.decision.config.ExtAuthzConfig;
import lateen.decision.config.FilterChainConfig;
import lateen.decision.config.Http1Options;
import lateen.decision.config.Http2FloodLimits;
import lateen.decision.config.Http2Options;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.LocalRateLimit;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.NetworkFilter.HttpConnectionManager;
import lateen.decision.config.OutlierDetection;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.PathMatch;
import lateen.decision.config.RouteConfig.RouteAction;
import lateen.decision.config.StringMatcher;
import lateen.decision.config.TlsAlgorithms;
import lateen.decision.config.TlsValidation;
import lateen.decision.config.TlsVersion;
import lateen.decision.config.WeightedCluster;
import lateen.decision.net.Cidr;
import lateen.xds.ResourceType;
import lateen.xds.decode.Decoding.Decoded;
import lateen.xds.decode.Decoding.Rejected;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceDecoderTest {

    @SuppressWarnings("unchecked")
    private static <T> T decoded(ResourceType type, String json) throws Exception {
        Decoding<?> outcome = ResourceDecoder.decode(type, Samples.any(type, json));
        assertThat(outcome).isInstanceOf(Decoded.class);
        return (T) ((Decoded<?>) outcome).value();
    }

    private static String refusal(ResourceType type, Any body) {
        Decoding<?> outcome = ResourceDecoder.decode(type, body);
        assertThat(outcome).isInstanceOf(Rejected.class);
        return ((Rejected<?>) outcome).reason();
    }

    @Test
    void an_inbound_listener_is_read_whole() throws Exception {
        ListenerConfig listener = decoded(ResourceType.LISTENER, Samples.LISTENER);
        assertThat(listener.addresses()).map(Object::toString).hasToString("[0.0.0.0:15006, [0:0:0:0:0:0:0:0]:15006]");
        assertThat(listener.bindToPort()).isTrue();
        assertThat(listener.useOriginalDst()).isTrue();
        assertThat(listener.direction()).isEqualTo(ListenerConfig.Direction.INBOUND);
        assertThat(listener.inspectors())
                .isEqualTo(new ListenerConfig.Inspectors(true, true, true, Duration.ofSeconds(5), true));
        FilterChainConfig chain = listener.filterChains().getFirst();
        assertThat(chain.match().destinationPrefixes()).containsExactly(Cidr.parse("10.0.0.0/8"));
        assertThat(chain.match().serverNames()).containsExactly("*.example.com");
        DownstreamTls tls = chain.tls();
        assertThat(tls.certificateSecret()).isEqualTo("default");
        assertThat(tls.validation().trustSecret()).isEqualTo("ROOTCA");
        assertThat(tls.validation())
                .isEqualTo(new TlsValidation(
                        "ROOTCA", List.of(new StringMatcher.Prefix("spiffe://cluster.local/", false))));
        assertThat(tls.algorithms()).isEqualTo(new TlsAlgorithms(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3));
        assertThat(listener.defaultFilterChain().filters().getLast())
                .isEqualTo(new NetworkFilter.TcpProxy(
                        "pass",
                        List.of(new WeightedCluster("InboundPassthroughCluster", 1)),
                        Duration.ofHours(1),
                        Duration.ZERO,
                        List.of(),
                        null));
    }

    @Test
    void an_http_connection_manager_has_envoys_defaults_and_policies_in_the_order_of_their_names() throws Exception {
        ListenerConfig listener = decoded(ResourceType.LISTENER, Samples.LISTENER);
        HttpConnectionManager http = (HttpConnectionManager)
                listener.filterChains().getFirst().filters().getFirst();
        assertThat(http.serverName()).isEqualTo("envoy");
        assertThat(http.maxRequestHeadersBytes()).isEqualTo(60 * 1024);
        assertThat(http.generateRequestId()).isTrue();
        assertThat(http.forwardClientCert()).isEqualTo(NetworkFilter.ForwardClientCert.APPEND_FORWARD);
        assertThat(http.upgrades()).containsExactly("websocket");
        assertThat(http.accessLogs().getFirst().textFormat()).isEqualTo("%START_TIME%");
        HttpFilter.Rbac rbac = (HttpFilter.Rbac) http.filters().getFirst();
        assertThat(rbac.rules().policies().keySet())
                .containsExactly("ns[shop]-policy[a]-rule[0]", "ns[shop]-policy[b]-rule[0]");
    }

    @Test
    void external_authorization_is_read_with_the_rules_that_mark_its_requests() throws Exception {
        ListenerConfig listener = decoded(ResourceType.LISTENER, Samples.LISTENER);
        HttpConnectionManager http = (HttpConnectionManager)
                listener.filterChains().getFirst().filters().getFirst();
        HttpFilter.Rbac marks = (HttpFilter.Rbac) http.filters().get(1);
        assertThat(marks.rules().policies()).isEmpty();
        assertThat(marks.shadow().rules().policies()).containsOnlyKeys("istio-ext-authz-ns[shop]-policy[opa]-rule[0]");
        ExtAuthzConfig.Condition condition = new ExtAuthzConfig.Condition(
                "istio_ext_authz_shadow_effective_policy_id",
                new StringMatcher.Prefix("istio-ext-authz", false),
                false);
        assertThat(marks.shadow().policyKey()).isEqualTo(condition.key());
        assertThat(http.filters().get(2))
                .isEqualTo(new HttpFilter.ExtAuthz(new ExtAuthzConfig(
                        "opa",
                        "opa.shop",
                        Duration.ofMillis(500),
                        true,
                        false,
                        503,
                        true,
                        false,
                        List.of(new StringMatcher.Exact("x-user", false)),
                        List.of(),
                        condition)));
        assertThat(listener.defaultFilterChain().filters().get(1))
                .isEqualTo(new NetworkFilter.ExtAuthz(
                        "tcp.",
                        new ExtAuthzConfig(
                                "opa",
                                "",
                                Duration.ofMillis(200),
                                false,
                                false,
                                403,
                                false,
                                false,
                                null,
                                List.of(),
                                condition)));
    }

    @Test
    void a_cluster_is_read_whole() throws Exception {
        ClusterConfig cluster = decoded(ResourceType.CLUSTER, Samples.CLUSTER);
        assertThat(cluster.endpointsName()).isEqualTo("catalog");
        assertThat(cluster.circuitBreakers())
                .isEqualTo(new ClusterConfig.CircuitBreakers(Long.MAX_VALUE, 1024, 1024, 7));
        assertThat(cluster.transports())
                .extracting(ClusterConfig.TransportMatch::tlsMode)
                .containsExactly("istio", "");
        assertThat(cluster.transports().getFirst().tls().algorithms().maximum()).isEqualTo(TlsVersion.TLS_1_3);
        assertThat(cluster.transports().getLast().tls()).isNull();
        assertThat(cluster.sourceAddress()).hasToString("127.0.0.6");
        assertThat(cluster.http()).isEqualTo(UpstreamHttp.USE_DOWNSTREAM);
        assertThat(cluster.idleTimeout()).isZero();
        assertThat(cluster.connectionLimits().maxRequests()).isEqualTo(9);
        assertThat(cluster.panicThreshold()).isZero();
        OutlierDetection outliers = cluster.outlierDetection();
        assertThat(outliers.serverErrors()).isEqualTo(new OutlierDetection.Consecutive(7, 100));
        assertThat(outliers.gatewayErrors()).isEqualTo(new OutlierDetection.Consecutive(5, 0));
        assertThat(outliers.interval()).hasSeconds(5);
        assertThat(outliers.baseEjectionTime()).hasSeconds(30);
        assertThat(outliers.maxEjectionTime()).hasSeconds(300);
        assertThat(outliers.maxEjectionPercent()).isEqualTo(100);
        assertThat(outliers.successRate().enforcing()).isZero();
        assertThat(cluster.services())
                .containsExactly(new ClusterConfig.ServiceRef("catalog.shop.svc.cluster.local", "catalog", "shop"));
    }

    @Test
    void endpoints_without_locality_weights_count_alike() throws Exception {
        ClusterEndpoints endpoints = decoded(ResourceType.ENDPOINT, Samples.ENDPOINTS);
        assertThat(endpoints.localities()).hasSize(1);
        assertThat(endpoints.localities().getFirst().weight()).isEqualTo(4);
        ClusterEndpoints.Endpoint first =
                endpoints.localities().getFirst().endpoints().getFirst();
        assertThat(first.health()).isEqualTo(Health.DRAINING);
        assertThat(first.tlsMode()).isEqualTo("istio");
        assertThat(first.workload()).isEqualTo("catalog;shop;catalog;v1;local");
    }

    @Test
    void what_http2_grants_and_bears_is_read() throws Exception {
        String sample = Samples.sample(ResourceType.LISTENER)
                .replace(
                        "'use_remote_address':false",
                        "'http_protocol_options':{'enable_trailers':true},'http2_protocol_options':{'hpack_table_size':0,"
                                + "'max_concurrent_streams':7,'initial_stream_window_size':65535,'allow_connect':true,"
                                + "'max_outbound_frames':9,'max_outbound_control_frames':8,"
                                + "'max_consecutive_inbound_frames_with_empty_payload':3,"
                                + "'max_inbound_priority_frames_per_stream':4,"
                                + "'max_inbound_window_update_frames_per_data_frame_sent':5,"
                                + "'initial_connection_window_size':70000,"
                                + "'connection_keepalive':{'interval':'30s','timeout':'5s'}}");
        ListenerConfig listener = decoded(ResourceType.LISTENER, sample);
        HttpConnectionManager manager = listener.filterChains().stream()
                .flatMap(chain -> chain.filters().stream())
                .filter(HttpConnectionManager.class::isInstance)
                .map(HttpConnectionManager.class::cast)
                .findFirst()
                .orElseThrow();
        assertThat(manager.http1()).isEqualTo(new Http1Options(true));
        assertThat(manager.http2())
                .isEqualTo(new Http2Options(
                        0,
                        7,
                        65535,
                        70000,
                        true,
                        new Http2FloodLimits(9, 8, 3, 4, 5, 500, 1, 100),
                        new Http2Options.KeepAlive(Duration.ofSeconds(30), Duration.ofSeconds(5), 15)));
    }

    @Test
    void routes_are_read_whole() throws Exception {
        RouteConfig routes = decoded(ResourceType.ROUTE, Samples.ROUTE);
        RouteConfig.VirtualHost host = routes.virtualHosts().getFirst();
        assertThat(host.domains()).containsExactly("catalog", "catalog.shop:80");
        RouteConfig.Route first = host.routes().getFirst();
        assertThat(first.origin()).isEqualTo("/apis/x");
        assertThat(first.match().path()).isEqualTo(new PathMatch.SegmentPrefix("/api"));
        assertThat(first.requestEdits().edits().getFirst().name()).isEqualTo("x-mesh");
        assertThat(first.responseEdits().remove()).containsExactly("server");
        assertThat(first.action()).asInstanceOf(type(RouteAction.Forward.class)).satisfies(forward -> {
            assertThat(forward.timeout()).hasSeconds(15);
            assertThat(forward.retry().on())
                    .containsExactlyInAnyOrder(RouteConfig.RetryOn.CONNECT_FAILURE, RouteConfig.RetryOn.SERVER_ERROR);
            assertThat(forward.retry().avoidPrevious()).isTrue();
            assertThat(forward.retry().hostAttempts()).isEqualTo(5);
            assertThat(forward.retry().maxBackoff()).hasMillis(250);
        });
        assertThat(host.routes().get(1).action()).isInstanceOf(RouteAction.Redirect.class);
        assertThat(host.routes().get(2).action()).isEqualTo(new RouteAction.DirectResponse(503, "no"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '§', textBlock = """
LISTENER | 'use_original_dst':true | 'enable_mptcp':true | listener 'virtualInbound': enable_mptcp: unsupported field
LISTENER | 'use_original_dst':true | 'tcp_fast_open_queue_length':5 | listener 'virtualInbound': tcp_fast_open_queue_length: unsupported field, set to '5'
LISTENER | {@TcpProxy,'stat_prefix':'pass','cluster':'InboundPassthroughCluster'} | {@Cors} | default_filter_chain.filters[2]: unsupported filter 'tcp' of type 'envoy.extensions.filters.http.cors.v3.Cors' (supported: rbac, ext_authz, tcp_proxy, http_connection_manager)
LISTENER | {@TcpProxy,'stat_prefix':'pass','cluster':'InboundPassthroughCluster'} | {@TcpProxy,'stat_prefix':'pass'} | default_filter_chain.filters[2].typed_config.cluster: missing
LISTENER | {@Router} | {@Cors} | filter_chains[0].filters[0].typed_config.http_filters[4]: unsupported HTTP filter 'router'
LISTENER | 'stream_idle_timeout':'0s' | 'stream_idle_timeout':'-5s' | stream_idle_timeout:
LISTENER | 'upgrade_type':'websocket' | 'upgrade_type':'CONNECT-UDP' | upgrade_configs[0].upgrade_type: 'connect-udp'
LISTENER | 'prefix_len':8 | 'prefix_len':33 | prefix_ranges[0].prefix_len: '33' (expected: 0..32)
LISTENER | '0.0.0.0' | 'localhost' | address.socket_address.address: 'localhost' (expected: an IPv4 or IPv6 address)
LISTENER | 'port_value':15006}},'additional | 'port_value':70000}},'additional | address.socket_address.port_value: '70000' (expected: 0..65535)
LISTENER | 'destination_port':8080 | 'metadata':{'filter':'x'} | permissions[0].and_rules.rules[3].metadata: unsupported field
LISTENER | 'failure_mode_allow':true | 'with_request_body':{'max_request_bytes':8} | http_filters[2].typed_config.with_request_body: unsupported field
LISTENER | 'failure_mode_allow':true | 'metadata_context_namespaces':['a'] | http_filters[2].typed_config.metadata_context_namespaces: unsupported field
LISTENER | {'cluster_name':'opa','authority':'opa.shop'} | {} | typed_config.grpc_service.envoy_grpc.cluster_name: missing
LISTENER | 'code':'ServiceUnavailable' | 'code':'Continue' | http_filters[2].typed_config.status_on_error.code: '100' (expected: 200..599)
LISTENER | 'transport_api_version':'V3','failure | 'failure | http_filters[2].typed_config.transport_api_version: 'AUTO' (expected: V3)
LISTENER | 'shadow_rules_stat_prefix':'istio_ext_authz_','shadow_rules':{'action':'DENY','policies':{'istio-ext-authz-ns[shop]-policy[opa]-rule[0]':{'permissions':[{'url_path' | 'shadow_rules_stat_prefix':'other_','shadow_rules':{'action':'DENY','policies':{'istio-ext-authz-ns[shop]-policy[opa]-rule[0]':{'permissions':[{'url_path' | http_filters[2].typed_config.filter_enabled_metadata.path: 'istio_ext_authz_shadow_effective_policy_id' (expected: the shadow_rules_stat_prefix of exactly one
LISTENER | 'filter':'envoy.filters.http.rbac' | 'filter':'envoy.lb' | filter_enabled_metadata.filter: 'envoy.lb' (expected: envoy.filters.http.rbac
LISTENER | 'filter':'envoy.filters.network.rbac' | 'filter':'envoy.lb' | default_filter_chain.filters[1].typed_config.filter_enabled_metadata.filter: 'envoy.lb'
LISTENER | {'envoy_grpc':{'cluster_name':'opa','authority':'opa.shop'},'timeout':'0.5s'} | {'google_grpc':{'target_uri':'x','stat_prefix':'y'}} | http_filters[2].typed_config.grpc_service.google_grpc: unsupported field
LISTENER | 'san_type':'URI' | 'san_type':'SAN_TYPE_UNSPECIFIED' | match_typed_subject_alt_names[0].san_type: 'SAN_TYPE_UNSPECIFIED' (expected: EMAIL, DNS, URI
LISTENER | 'alpn_protocols':['istio','h2'] | 'tls_params':{'cipher_suites':['X']} | tls_params.cipher_suites[0]: 'X' (expected: one of ECDHE-ECDSA-AES128-GCM-SHA256
LISTENER | 'alpn_protocols':['istio','h2'] | 'tls_params':{'tls_minimum_protocol_version':'TLSv1_0'} | tls_minimum_protocol_version: 'TLSv1_0' (expected: TLSv1_2 or TLSv1_3)
CLUSTER | 'lb_policy':'LEAST_REQUEST' | 'lb_policy':'MAGLEV' | lb_policy: 'MAGLEV' (expected: ROUND_ROBIN
CLUSTER | 'type':'EDS' | 'type':'STRICT_DNS' | type: 'STRICT_DNS' (expected: STATIC, EDS or ORIGINAL_DST)
CLUSTER | 'connect_timeout':'10s' | 'dns_jitter':'1s' | dns_jitter: unsupported field
CLUSTER | 'interval':'5s' | 'interval':'0s' | outlier_detection.interval: '0s' (expected: more than 0)
CLUSTER | 'enforcing_success_rate':0 | 'enforcing_success_rate':101 | outlier_detection.enforcing_success_rate: '101' (expected: 0..100)
CLUSTER | 'enforcing_success_rate':0 | 'monitors':[{'name':'x'}] | outlier_detection.monitors: unsupported field
CLUSTER | 'healthy_panic_threshold':{} | 'healthy_panic_threshold':{'value':120} | common_lb_config.healthy_panic_threshold: '120.0' (expected: 0..100)
CLUSTER | {'tlsMode':'istio'} | {'zone':'a'} | transport_socket_matches[0].match: 'zone' (expected: tlsMode
CLUSTER | 'connect_timeout':'10s' | 'connect_timeout':'-1s' | connect_timeout: '-1s 0ns' (expected: 0 or longer)
ENDPOINT | 'load_balancing_weight':3 | 'load_balancing_weight':0 | lb_endpoints[0].load_balancing_weight: '0' (expected: 1 or more)
ENDPOINT | 'region':'empty'} | 'region':'e'},'priority':1,'leds_cluster_locality_config':{} | endpoints[1].leds_cluster_locality_config: unsupported field
ROUTE | 'Catalog.shop:80' | 'CATALOG' | virtual_hosts[0].domains: 'catalog' (expected: a domain that stands in no other place
ROUTE | 'path':'/x' | 'safe_regex':{'regex':'(['} | routes[2].match.safe_regex.regex: '(['
ROUTE | 'weight':90 | 'weight':4294967295 | weighted_clusters: 'total weight 4294967305'
ROUTE | 'X-Mesh' | ':path' | header.key: ':path' (expected: a header name
ROUTE | connect-failure,5xx | connect-failure,retriable-headers | retry_policy.retry_on: 'retriable-headers' (expected: 5xx, gateway-error
ROUTE | 'prefix_rewrite':'/' | 'prefix_rewrite':'/x y' | routes[0].route.prefix_rewrite: '/x y' (expected: no spaces and control characters)
ROUTE | 'host_rewrite_literal':'x' | 'host_rewrite_literal':'x\\r\\nA: b' | routes[0].route.host_rewrite_literal: 'x
ROUTE | @PreviousHostsPredicate | @Cors | retry_policy.retry_host_predicate[0]: 'envoy.extensions.filters.http.cors.v3.Cors' (expected: envoy.extensions.retry.host.previous_hosts
ROUTE | 'host_selection_retry_max_attempts':5 | 'retry_back_off':{'base_interval':'1s','max_interval':'0.5s'} | retry_back_off.max_interval: '500ms' (expected: base_interval or longer)
ROUTE | 'max_tokens':2 | 'max_tokens':0 | typed_per_filter_config[limit].token_bucket.max_tokens: '0' (expected: 1 or more)
ROUTE | 'fill_interval':'1.5s' | 'fill_interval':'0.04s' | token_bucket.fill_interval: '0.04s' (expected: 0.05s to a year)
ROUTE | @http.local_ratelimit.v3.LocalRateLimit,'stat_prefix':'a','token_bucket':{'max_tokens':2,'tokens_per_fill':2,'fill_interval':'1.5s'},'status':{'code':'ServiceUnavailable'}} | @Cors} | routes[0].typed_per_filter_config[limit]: unsupported type 'envoy.extensions.filters.http.cors.v3.Cors'
LISTENER | 'denominator':'TEN_THOUSAND' | 'denominator':7 | filter_enforced.default_value.denominator: '7' (expected: HUNDRED
LISTENER | 'max_tokens':4,'fill_interval':'60s'} | 'max_tokens':4,'fill_interval':'60s'},'descriptors':[{'entries':[{'key':'a','value':'b'}]}] | http_filters[3].typed_config.descriptors: unsupported field
LISTENER | 'use_remote_address':false | 'http2_protocol_options':{'initial_stream_window_size':65534} | http2_protocol_options.initial_stream_window_size: '65534' (expected: 65535..2147483647)
LISTENER | 'use_remote_address':false | 'http2_protocol_options':{'max_concurrent_streams':0} | http2_protocol_options.max_concurrent_streams: '0' (expected: 1..2147483647)
LISTENER | 'use_remote_address':false | 'http2_protocol_options':{'connection_keepalive':{'interval':'1s'}} | connection_keepalive.timeout: missing
LISTENER | 'use_remote_address':false | 'http2_protocol_options':{'connection_keepalive':{'interval':'0s','timeout':'1s'}} | connection_keepalive.interval:
LISTENER | 'use_remote_address':false | 'http2_protocol_options':{'connection_keepalive':{'timeout':'1s','connection_idle_interval':'1s'}} | connection_keepalive.connection_idle_interval: unsupported field
LISTENER | 'use_remote_address':false | 'http2_protocol_options':{'custom_settings_parameters':[{'identifier':9,'value':1}]} | http2_protocol_options.custom_settings_parameters: unsupported field
LISTENER | 'use_remote_address':false | 'common_http_protocol_options':{'max_connection_duration':'1s'} | common_http_protocol_options.max_connection_duration: unsupported in a listener
ROUTE | 'status':503 | 'status':99 | direct_response.status: '99' (expected: 200..599)
ROUTE | 'host_rewrite_literal':'x' | 'cors':{} | routes[0].route.cors: unsupported field
""")
    void each_refusal_says_where_what_and_what_was_expected(
            ResourceType type, String replaced, String by, String reason) throws Exception {
        String sample = Samples.sample(type);
        assertThat(sample).contains(replaced);
        assertThat(refusal(type, Samples.any(type, sample.replace(replaced, by))))
                .contains(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"xds.type.v3", "udpa.type.v1"})
    void a_filter_written_as_a_typed_struct_means_the_same(String kind) throws Exception {
        String plain = "{@http.local_ratelimit.v3.LocalRateLimit,'stat_prefix':'a',";
        String struct = "{'@type':'type.googleapis.com/" + kind + ".TypedStruct','type_url':"
                + "'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit','value':"
                + "{'stat_prefix':'a',";
        String end = "'status':{'code':'ServiceUnavailable'}}";
        assertThat(Samples.ROUTE).contains(plain).contains(end);
        String wrapped = Samples.ROUTE.replace(plain, struct).replace(end, end + "}");
        RouteConfig routes = decoded(ResourceType.ROUTE, wrapped);
        assertThat(routes).isEqualTo(decoded(ResourceType.ROUTE, Samples.ROUTE));
        assertThat(routes.virtualHosts().getFirst().routes().getFirst().overrides())
                .containsEntry(
                        "limit",
                        new LocalRateLimit(
                                "a",
                                new LocalRateLimit.TokenBucket(2, 2, Duration.ofMillis(1500)),
                                LocalRateLimit.Share.NONE,
                                LocalRateLimit.Share.NONE,
                                503,
                                List.of(),
                                false,
                                false));
        assertThat(refusal(ResourceType.ROUTE, Samples.any(ResourceType.ROUTE, wrapped.replace("max_tokens", "max"))))
                .contains("typed_per_filter_config[limit].value: no envoy.extensions.filters.http.local_ratelimit");
    }

    @Test
    void a_local_rate_limit_in_a_filter_is_read_whole() throws Exception {
        ListenerConfig listener = decoded(ResourceType.LISTENER, Samples.LISTENER);
        HttpConnectionManager http = (HttpConnectionManager)
                listener.filterChains().getFirst().filters().getFirst();
        HttpFilter.LocalRateLimited filter =
                (HttpFilter.LocalRateLimited) http.filters().get(3);
        assertThat(filter.name()).isEqualTo("limit");
        assertThat(filter.limit().enabled()).isEqualTo(LocalRateLimit.Share.ALL);
        assertThat(filter.limit().enforced().millionths()).isEqualTo(500);
        assertThat(filter.limit().status()).isEqualTo(429);
        assertThat(filter.limit().bucket().tokensPerFill()).isEqualTo(1);
        assertThat(filter.limit().responseEdits().getFirst().name()).isEqualTo("x-limited");
    }

    @Test
    void private_keys_are_never_taken_and_never_shown() throws Exception {
        String reason = refusal(
                ResourceType.SECRET,
                Samples.any(
                        ResourceType.SECRET,
                        "{'name':'default','tls_certificate':{'private_key':{'inline_string':'SECRET-KEY'}}}"));
        assertThat(reason).startsWith("secret 'default': holds TLS_CERTIFICATE").doesNotContain("SECRET-KEY");
    }

    @Test
    void roots_that_are_no_certificates_are_refused() throws Exception {
        assertThat(refusal(ResourceType.SECRET, Samples.any(ResourceType.SECRET, Samples.sample(ResourceType.SECRET))))
                .startsWith("secret 'ROOTCA': validation_context.trusted_ca: ");
    }

    @Test
    void a_field_that_this_version_does_not_know_is_refused() throws Exception {
        Any known = Samples.any(ResourceType.ENDPOINT, Samples.ENDPOINTS);
        // Field 2000, varint 1.
        ByteString newer = known.getValue().concat(ByteString.copyFrom(new byte[] {(byte) 0x80, 0x7d, 1}));
        assertThat(refusal(
                        ResourceType.ENDPOINT, known.toBuilder().setValue(newer).build()))
                .startsWith("endpoints 'catalog': unknown field number 2000");
    }

    @Test
    void a_resource_of_another_type_is_refused() throws Exception {
        assertThat(refusal(ResourceType.ROUTE, Samples.any(ResourceType.CLUSTER, Samples.CLUSTER)))
                .contains("(expected: envoy.config.route.v3.RouteConfiguration)");
    }
}
