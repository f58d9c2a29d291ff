package lateen.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.FilterChainMatch.SourceType;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ListenerConfig.OriginalSource;
import lateen.decision.config.ListenerConfig.Sockets;
import lateen.decision.config.OutboundProxyProtocol;
import lateen.decision.config.ProxyProtocol;
import lateen.decision.config.ProxyProtocol.Kept;
import lateen.decision.config.ProxyProtocol.Tlv;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.xds.ResourceType;
import lateen.xds.decode.Decoding.Decoded;
import lateen.xds.decode.Decoding.Rejected;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sockets, listener filters and transports. */
class ListenerAndTransportTest {
    private static final String LISTENER = "{'name':'a','address':{'socket_address':{'address':'::','port_value':80,"
            + "'ipv4_compat':true}},'additional_addresses':[{'address':{'pipe':{'path':'/run/a','mode':432}}},"
            + "{'address':{'pipe':{'path':'@b'}}}],'transparent':true,'freebind':true,'enable_reuse_port':true,"
            + "'tcp_backlog_size':77,'listener_filters':[{'name':'o','typed_config':{@OriginalDst}},{'name':'p','typed_config':"
            + "{@ProxyProtocol,'allow_requests_without_proxy_protocol':true,'disallowed_versions':['V1'],"
            + "'pass_through_tlvs':{'match_type':'INCLUDE','tlv_type':[1,234]},'stat_prefix':'x'}},"
            + "{'name':'t','typed_config':{@TlsInspector}},{'name':'s','typed_config':{@OriginalSrc,'mark':7,'bind_port':true}}],"
            + "'filter_chains':[{'filter_chain_match':{'source_type':'EXTERNAL'},'filters':[{'name':'t','typed_config':"
            + "{@TcpProxy,'stat_prefix':'t','cluster':'c'}}]}]}";

    private static final String CLUSTER =
            "{'name':'c','type':'STATIC','load_assignment':{'cluster_name':'c','endpoints':"
                    + "[{'lb_endpoints':[{'endpoint':{'address':{'pipe':{'path':'/run/b'}}}}]}]},'transport_socket':{'name':'p',"
                    + "'typed_config':{@ProxyProtocolUpstreamTransport,'config':{'version':'V2','pass_through_tlvs':{},"
                    + "'added_tlvs':[{'type':5,'value':'/w=='}]},'transport_socket':{'name':'tls','typed_config':"
                    + "{@UpstreamTlsContext,'sni':'x.example.com'}}}},'transport_socket_matches':[{'name':'m','match':{},"
                    + "'transport_socket':{'name':'p','typed_config':{@ProxyProtocolUpstreamTransport,'transport_socket':"
                    + "{'name':'raw','typed_config':{@RawBuffer}}}}}]}";

    private static String refusal(ResourceType type, String json) throws Exception {
        Decoding<?> outcome = ResourceDecoder.decode(type, Samples.any(type, json));
        assertThat(outcome).isInstanceOf(Rejected.class);
        return ((Rejected<?>) outcome).reason();
    }

    @Test
    void a_listener_says_how_its_sockets_are_made_and_what_comes_first() throws Exception {
        Decoding<?> outcome =
                ResourceDecoder.decode(ResourceType.LISTENER, Samples.any(ResourceType.LISTENER, LISTENER));
        assertThat(outcome).isInstanceOf(Decoded.class);
        ListenerConfig listener = (ListenerConfig) ((Decoded<?>) outcome).value();
        SocketAddr any = new SocketAddr(IpAddress.parse("::"), 80);
        assertThat(listener.addresses()).containsExactly(any, SocketAddr.unix("/run/a"), SocketAddr.unix("@b"));
        assertThat(listener.sockets())
                .isEqualTo(new Sockets(true, true, true, 77, Set.of(any), Map.of(SocketAddr.unix("/run/a"), 0660)));
        assertThat(listener.inspectors().proxyProtocol())
                .isEqualTo(new ProxyProtocol(true, Set.of(1), new Kept(false, Set.of(1, 234))));
        assertThat(listener.inspectors().originalSource()).isEqualTo(new OriginalSource(7, true));
        assertThat(listener.filterChains().getFirst().match().sourceType()).isEqualTo(SourceType.EXTERNAL);
    }

    @Test
    void a_transport_may_begin_with_a_header() throws Exception {
        Decoding<?> outcome = ResourceDecoder.decode(ResourceType.CLUSTER, Samples.any(ResourceType.CLUSTER, CLUSTER));
        assertThat(outcome).isInstanceOf(Decoded.class);
        ClusterConfig cluster = (ClusterConfig) ((Decoded<?>) outcome).value();
        assertThat(cluster.proxyProtocol())
                .isEqualTo(new OutboundProxyProtocol(2, new Kept(true, Set.of()), List.of(new Tlv(5, "\u00ff"))));
        assertThat(cluster.tls()).isNotNull();
        assertThat(cluster.tls().sni()).isEqualTo("x.example.com");
        assertThat(cluster.transports().getFirst().proxyProtocol())
                .isEqualTo(new OutboundProxyProtocol(1, Kept.NONE, List.of()));
        assertThat(cluster.transports().getFirst().tls()).isNull();
        assertThat(cluster.staticEndpoints()
                        .localities()
                        .getFirst()
                        .endpoints()
                        .getFirst()
                        .address())
                .isEqualTo(SocketAddr.unix("/run/b"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            LISTENER | 'address':'::' | 'address':'fd00::1' | address.socket_address.ipv4_compat: 'true' (expected: with the address :: only)
            LISTENER | 'mode':432 | 'mode':512 | additional_addresses[0].address.pipe.mode: '512' (expected: 0..511
            LISTENER | {'path':'@b'} | {'path':'@b','mode':1} | additional_addresses[1].address.pipe.mode: '1' (expected: none
            LISTENER | '/run/a' | '' | additional_addresses[0].address.pipe.path: missing
            LISTENER | '@b' | '@' | additional_addresses[1].address.pipe.path: '@' (expected: 1..107 bytes
            LISTENER | 'stat_prefix':'x' | 'rules':[{'tlv_type':1}] | listener_filters[1].typed_config.rules: unsupported field
            LISTENER | [1,234] | [256] | listener_filters[1].typed_config.pass_through_tlvs.tlv_type[0]: '256' (expected: 0..255)
            LISTENER | {@OriginalDst} | {@TlsInspector} | listener_filters[1]: proxy_protocol after another filter
            CLUSTER | 'type':5 | 'type':256 | transport_socket.typed_config.config.added_tlvs[0].type: '256' (expected: 0..255)
            CLUSTER | '/w==' | '' | added_tlvs[0].value: missing
            CLUSTER | {@RawBuffer} | {@DownstreamTlsContext} | typed_config.transport_socket.typed_config: 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext' (expected: envoy
            """)
    void each_refusal_says_where_and_what_was_expected(ResourceType type, String replaced, String by, String reason)
            throws Exception {
        String sample = type == ResourceType.LISTENER ? LISTENER : CLUSTER;
        assertThat(sample).contains(replaced);
        assertThat(refusal(type, sample.replace(replaced, by))).contains(reason);
    }

    @Test
    void original_dst_comes_before_the_header() throws Exception {
        String swapped = LISTENER.replace("{@OriginalDst}", "{@@}")
                .replace("{@TlsInspector}", "{@OriginalDst}")
                .replace("{@@}", "{@OriginalDst}");
        assertThat(refusal(ResourceType.LISTENER, swapped))
                .contains("listener_filters[2]: original_dst after proxy_protocol (expected: before it)");
    }
}
