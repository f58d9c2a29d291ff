package lateen.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.Cors;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.original_src.v3.OriginalSrc;
import io.envoyproxy.envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.List;
import lateen.xds.ResourceType;

/** Envoy's own JSON as input; {@code '} stands for {@code "}, and {@code @Name} for the type URL of that message. */
final class Samples {

    private static final List<com.google.protobuf.Descriptors.Descriptor> TYPES = List.of(
            HttpConnectionManager.getDescriptor(),
            TcpProxy.getDescriptor(),
            Router.getDescriptor(),
            Cors.getDescriptor(),
            OriginalDst.getDescriptor(),
            TlsInspector.getDescriptor(),
            HttpInspector.getDescriptor(),
            OriginalSrc.getDescriptor(),
            ProxyProtocol.getDescriptor(),
            ProxyProtocolUpstreamTransport.getDescriptor(),
            FileAccessLog.getDescriptor(),
            StdoutAccessLog.getDescriptor(),
            DownstreamTlsContext.getDescriptor(),
            UpstreamTlsContext.getDescriptor(),
            RawBuffer.getDescriptor(),
            HttpProtocolOptions.getDescriptor());

    private static final JsonFormat.Parser PARSER = JsonFormat.parser()
            .usingTypeRegistry(TypeRegistry.newBuilder()
                    .add(TYPES)
                    .add(com.github.udpa.udpa.type.v1.TypedStruct.getDescriptor())
                    .add(com.github.xds.type.v3.TypedStruct.getDescriptor())
                    .add(PreviousHostsPredicate.getDescriptor())
                    .add(LocalRateLimit.getDescriptor())
                    .add(io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDescriptor())
                    .add(io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.getDescriptor())
                    .add(io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz.getDescriptor())
                    .add(io.envoyproxy.envoy.extensions.filters.network.ext_authz.v3.ExtAuthz.getDescriptor())
                    .build());

    static final String HCM = "{'name':'hcm','typed_config':{@HttpConnectionManager,'stat_prefix':'in','route_config':"
            + "{'name':'inbound','virtual_hosts':[{'name':'all','domains':['*'],'routes':[{'match':{'prefix':'/'},"
            + "'route':{'cluster':'inbound|80||','timeout':'0s'}}]}]},'http_filters':[{'name':'rbac','typed_config':"
            + "{@http.rbac.v3.RBAC,'rules':{'action':'ALLOW','policies':{"
            + "'ns[shop]-policy[b]-rule[0]':{'permissions':[{'and_rules':{'rules':[{'any':true},{'header':{'name':':method',"
            + "'string_match':{'exact':'GET'}}},{'url_path':{'path':{'prefix':'/a'}}},{'destination_port':8080}]}}],"
            + "'principals':[{'authenticated':{'principal_name':{'exact':'spiffe://cluster.local/ns/shop/sa/web'}}}]},"
            + "'ns[shop]-policy[a]-rule[0]':{'permissions':[{'any':true}],'principals':[{'any':true}]}}}}},"
            + "{'name':'marks','typed_config':{@http.rbac.v3.RBAC,'shadow_rules_stat_prefix':'istio_ext_authz_',"
            + "'shadow_rules':{'action':'DENY','policies':{'istio-ext-authz-ns[shop]-policy[opa]-rule[0]':{'permissions':"
            + "[{'url_path':{'path':{'prefix':'/admin'}}}],'principals':[{'any':true}]}}}}},{'name':'ext','typed_config':"
            + "{@http.ext_authz.v3.ExtAuthz,'grpc_service':{'envoy_grpc':{'cluster_name':'opa','authority':'opa.shop'},"
            + "'timeout':'0.5s'},'transport_api_version':'V3','failure_mode_allow':true,'status_on_error':{'code':"
            + "'ServiceUnavailable'},'include_peer_certificate':true,'filter_enabled_metadata':{'filter':"
            + "'envoy.filters.http.rbac','path':[{'key':'istio_ext_authz_shadow_effective_policy_id'}],'value':"
            + "{'string_match':{'prefix':'istio-ext-authz'}}},'allowed_headers':{'patterns':[{'exact':'x-user'}]}}},"
            + "{'name':'limit','typed_config':{@http.local_ratelimit.v3.LocalRateLimit,'stat_prefix':'top','token_bucket':"
            + "{'max_tokens':4,'fill_interval':'60s'},'filter_enabled':{'default_value':{'numerator':100}},'filter_enforced':"
            + "{'default_value':{'numerator':5,'denominator':'TEN_THOUSAND'}},'response_headers_to_add':[{'header':{'key':"
            + "'X-Limited','value':'yes'}}]}},"
            + "{'name':'router','typed_config':{@Router}}],'use_remote_address':false,'forward_client_cert_details':"
            + "'APPEND_FORWARD','upgrade_configs':[{'upgrade_type':'websocket'}],'stream_idle_timeout':'0s',"
            + "'access_log':[{'name':'file','typed_config':{@FileAccessLog,'path':'/dev/stdout','log_format':"
            + "{'text_format_source':{'inline_string':'%START_TIME%'}}}}]}}";

    static final String TLS = "{'name':'tls','typed_config':{@DownstreamTlsContext,'require_client_certificate':true,"
            + "'common_tls_context':{'alpn_protocols':['istio','h2'],'tls_certificate_sds_secret_configs':[{'name':"
            + "'default','sds_config':{'ads':{}}}],'combined_validation_context':{'default_validation_context':"
            + "{'match_typed_subject_alt_names':[{'san_type':'URI','matcher':{'prefix':'spiffe://cluster.local/'}}]},"
            + "'validation_context_sds_secret_config':{'name':'ROOTCA','sds_config':{'ads':{}}}}}}}";

    static final String LISTENER = "{'name':'virtualInbound','address':{'socket_address':{'address':'0.0.0.0',"
            + "'port_value':15006}},'additional_addresses':[{'address':{'socket_address':{'address':'::','port_value':"
            + "15006}}}],'use_original_dst':true,'traffic_direction':'INBOUND','continue_on_listener_filters_timeout':true,"
            + "'listener_filters_timeout':'5s','listener_filters':[{'name':'o','typed_config':{@OriginalDst}},{'name':'t',"
            + "'typed_config':{@TlsInspector}},{'name':'h','typed_config':{@HttpInspector}}],'filter_chains':[{'name':'c',"
            + "'filter_chain_match':{'destination_port':80,'transport_protocol':'tls','application_protocols':['istio'],"
            + "'prefix_ranges':[{'address_prefix':'10.0.0.7','prefix_len':8}],'server_names':['*.Example.com']},"
            + "'transport_socket':" + TLS + ",'filters':[" + HCM + "]}],'default_filter_chain':{'filters':[{'name':'r',"
            + "'typed_config':{@network.rbac.v3.RBAC,'stat_prefix':'tcp.','rules':{'action':'DENY'},"
            + "'shadow_rules_stat_prefix':'istio_ext_authz_','shadow_rules':{'action':'DENY','policies':{"
            + "'istio-ext-authz-ns[shop]-policy[opa]-rule[0]':{'permissions':[{'any':true}],'principals':[{'any':true}]}}}"
            + "}},{'name':'e','typed_config':{@network.ext_authz.v3.ExtAuthz,'stat_prefix':'tcp.','grpc_service':"
            + "{'envoy_grpc':{'cluster_name':'opa'}},'transport_api_version':'V3','filter_enabled_metadata':{'filter':"
            + "'envoy.filters.network.rbac','path':[{'key':'istio_ext_authz_shadow_effective_policy_id'}],'value':"
            + "{'string_match':{'prefix':'istio-ext-authz'}}}}},{'name':'tcp',"
            + "'typed_config':{@TcpProxy,'stat_prefix':'pass','cluster':'InboundPassthroughCluster'}}]}}";

    static final String CLUSTER = "{'name':'outbound|80||catalog.shop.svc.cluster.local','type':'EDS','lb_policy':"
            + "'LEAST_REQUEST','connect_timeout':'10s','outlier_detection':{'consecutive_5xx':7,'interval':'5s',"
            + "'max_ejection_percent':100,'enforcing_success_rate':0},'common_lb_config':{'healthy_panic_threshold':{}},"
            + "'eds_cluster_config':{'service_name':'catalog','eds_config':{'ads':"
            + "{}}},'circuit_breakers':{'thresholds':[{'max_connections':4294967295,'max_retries':7}]},"
            + "'transport_socket_matches':[{'name':'tlsMode-istio','match':{'tlsMode':'istio'},'transport_socket':{'name':"
            + "'tls','typed_config':{@UpstreamTlsContext,'sni':'outbound_.80_._.catalog','common_tls_context':"
            + "{'tls_certificate_sds_secret_configs':[{'name':'default'}],'tls_params':{'tls_maximum_protocol_version':"
            + "'TLSv1_3'},'validation_context_sds_secret_config':{'name':'ROOTCA'}}}}},{'name':'tlsMode-disabled','match':"
            + "{},'transport_socket':{'name':'raw','typed_config':{@RawBuffer}}}],'upstream_bind_config':{'source_address':"
            + "{'address':'127.0.0.6','port_value':0}},'typed_extension_protocol_options':"
            + "{'envoy.extensions.upstreams.http.v3.HttpProtocolOptions':{@HttpProtocolOptions,"
            + "'use_downstream_protocol_config':{},'common_http_protocol_options':{'idle_timeout':'0s',"
            + "'max_requests_per_connection':9}}},'metadata':"
            + "{'filter_metadata':{'istio':{'services':[{'host':'catalog.shop.svc.cluster.local','name':'catalog',"
            + "'namespace':'shop'}]}}}}";

    static final String ENDPOINTS = "{'cluster_name':'catalog','endpoints':[{'locality':{'region':'eu'},'lb_endpoints':"
            + "[{'endpoint':{'address':{'socket_address':{'address':'10.0.0.9','port_value':8080}}},'health_status':"
            + "'DRAINING','load_balancing_weight':3,'metadata':{'filter_metadata':{'envoy.transport_socket_match':"
            + "{'tlsMode':'istio'},'istio':{'workload':'catalog;shop;catalog;v1;local'}}}},{'endpoint':{'address':"
            + "{'socket_address':{'address':'fd00::9','port_value':8080}}}}]},{'locality':{'region':'empty'}}]}";

    static final String ROUTE =
            "{'name':'80','virtual_hosts':[{'name':'catalog','domains':['catalog','Catalog.shop:80'],"
                    + "'routes':[{'name':'a','match':{'path_separated_prefix':'/api','headers':[{'name':'X-A','present_match':true,"
                    + "'invert_match':true}],'query_parameters':[{'name':'q'}]},'route':{'weighted_clusters':{'clusters':[{'name':"
                    + "'v1','weight':90},{'name':'v2','weight':10}]},'retry_policy':{'retry_on':'connect-failure,5xx',"
                    + "'num_retries':2,'retry_host_predicate':[{'name':"
                    + "'envoy.retry_host_predicates.previous_hosts','typed_config':{@PreviousHostsPredicate}}],"
                    + "'host_selection_retry_max_attempts':5},'prefix_rewrite':'/','host_rewrite_literal':'x'},'metadata':{'filter_metadata':{'istio':"
                    + "{'config':'/apis/x'}}},'request_headers_to_add':[{'header':{'key':'X-Mesh','value':'1'},'append_action':"
                    + "'OVERWRITE_IF_EXISTS_OR_ADD'}],'response_headers_to_remove':['Server'],'typed_per_filter_config':{'limit':"
                    + "{@http.local_ratelimit.v3.LocalRateLimit,'stat_prefix':'a','token_bucket':{'max_tokens':2,'tokens_per_fill':2,"
                    + "'fill_interval':'1.5s'},'status':{'code':'ServiceUnavailable'}}}},{'match':{'prefix':'/'},'redirect':"
                    + "{'https_redirect':true,'response_code':'TEMPORARY_REDIRECT'}},{'match':{'path':'/x'},'direct_response':"
                    + "{'status':503,'body':{'inline_string':'no'}}}]}]}";

    private Samples() {}

    static Any any(ResourceType type, String json) throws InvalidProtocolBufferException {
        Message.Builder message = switch (type) {
            case LISTENER -> Listener.newBuilder();
            case ROUTE -> RouteConfiguration.newBuilder();
            case CLUSTER -> Cluster.newBuilder();
            case ENDPOINT -> ClusterLoadAssignment.newBuilder();
            case SECRET -> Secret.newBuilder();
        };
        PARSER.merge(expanded(json), message);
        return Any.pack(message.build());
    }

    static String sample(ResourceType type) {
        return switch (type) {
            case LISTENER -> LISTENER;
            case ROUTE -> ROUTE;
            case CLUSTER -> CLUSTER;
            case ENDPOINT -> ENDPOINTS;
            case SECRET -> "{'name':'ROOTCA','validation_context':{'trusted_ca':{'inline_string':'none'}}}";
        };
    }

    private static String expanded(String json) {
        String text = json.replace('\'', '"')
                .replace("@network.rbac.v3.RBAC", type("envoy.extensions.filters.network.rbac.v3.RBAC"))
                .replace(
                        "@http.local_ratelimit.v3.LocalRateLimit",
                        type(LocalRateLimit.getDescriptor().getFullName()))
                .replace(
                        "@PreviousHostsPredicate",
                        type(PreviousHostsPredicate.getDescriptor().getFullName()))
                .replace(
                        "@network.ext_authz.v3.ExtAuthz",
                        type("envoy.extensions.filters.network.ext_authz.v3.ExtAuthz"))
                .replace("@http.ext_authz.v3.ExtAuthz", type("envoy.extensions.filters.http.ext_authz.v3.ExtAuthz"))
                .replace("@http.rbac.v3.RBAC", type("envoy.extensions.filters.http.rbac.v3.RBAC"));
        for (var descriptor : TYPES) {
            text = text.replace("@" + descriptor.getName() + ",", type(descriptor.getFullName()) + ",")
                    .replace("@" + descriptor.getName() + "}", type(descriptor.getFullName()) + "}");
        }
        return text;
    }

    private static String type(String name) {
        return "\"@type\":\"type.googleapis.com/" + name + "\"";
    }
}
