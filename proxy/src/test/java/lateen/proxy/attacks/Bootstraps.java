package lateen.proxy.attacks;

/** Configurations as files that both proxies take. */
final class Bootstraps {
    private static final String TYPE = "type.googleapis.com/envoy.extensions.";

    private Bootstraps() {}

    private static String address(int port) {
        return "'address':{'socket_address':{'address':'127.0.0.1','port_value':" + port + "}}";
    }

    /** A listener {@code l} for HTTP of either version, in front of one back end that speaks HTTP/1. */
    static String http(int admin, int port, int backend) {
        return http(admin, port, backend, false, "");
    }

    /**
     * @param http2 whether the back end speaks HTTP/2
     * @param more fields of the connection manager, each with a comma behind it
     */
    static String http(int admin, int port, int backend, boolean http2, String more) {
        String options = http2
                ? "'typed_extension_protocol_options':{'envoy.extensions.upstreams.http.v3.HttpProtocolOptions':{'@type':'"
                        + TYPE + "upstreams.http.v3.HttpProtocolOptions','explicit_http_config':"
                        + "{'http2_protocol_options':{}}}},"
                : "";
        return ("{'admin':{" + address(admin) + "},'static_resources':{'listeners':[{'name':'l'," + address(port)
                        + ",'filter_chains':[{'filters':[{'name':'hcm','typed_config':{'@type':'" + TYPE
                        + "filters.network.http_connection_manager.v3.HttpConnectionManager','stat_prefix':'in',"
                        + (more.contains("stream_idle_timeout") ? "" : "'stream_idle_timeout':'0s',")
                        + "'delayed_close_timeout':'0.02s'," + more
                        + "'route_config':{'name':'r','virtual_hosts':[{'name':'v','domains':['*'],'routes':[{'match':"
                        + "{'prefix':'/'},'route':{'cluster':'app','timeout':'0s'}}]}]},'http_filters':[{'name':'router',"
                        + "'typed_config':{'@type':'" + TYPE + "filters.http.router.v3.Router'}}]}}]}]}],'clusters':["
                        + "{'name':'app','type':'STATIC','connect_timeout':'1s'," + options
                        + "'load_assignment':{'cluster_name':'app','endpoints':[{'lb_endpoints':[{'endpoint':{"
                        + address(backend) + "}}]}]}}]}}")
                .replace('\'', '"');
    }
}
