package lateen.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.DownstreamTls;
import lateen.decision.config.FilterChainMatch.SourceType;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ListenerConfig.OriginalSource;
import lateen.decision.config.ListenerConfig.Sockets;
import lateen.decision.config.OutboundProxyProtocol;
import lateen.decision.config.ProxyProtocol;
import lateen.decision.config.ProxyProtocol.Kept;
import lateen.decision.config.ProxyProtocol.Tlv;
import lateen.decision.config.StringMatcher;
import lateen.decision.config.TlsAlgorithms;
import lateen.decision.config.TlsValidation;
import lateen.decision.config.TlsValidation.SubjectName;
import lateen.decision.config.TlsValidation.SubjectName.Kind;
import lateen.decision.config.TlsVersion;
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

    private static final String TLS = "{'name':'a','address':{'socket_address':{'address':'::','port_value':80}},"
            + "'filter_chains':[{'transport_socket':{'name':'tls','typed_config':{@DownstreamTlsContext,'require_sni':true,"
            + "'disable_stateless_session_resumption':true,'disable_stateful_session_resumption':true,'common_tls_context':"
            + "{'tls_params':{'cipher_suites':['ECDHE-RSA-AES256-GCM-SHA384'],'ecdh_curves':['P-384','X25519']},"
            + "'tls_certificate_sds_secret_configs':[{'name':'default'}],'combined_validation_context':"
            + "{'validation_context_sds_secret_config':{'name':'ROOTCA'},'default_validation_context':"
            + "{'match_typed_subject_alt_names':[{'san_type':'DNS','matcher':{'exact':'a.b'}},{'san_type':'OTHER_NAME',"
            + "'oid':'1.3.6.1','matcher':{'suffix':'@x'}},{'san_type':'IP_ADDRESS','matcher':{'exact':'10.0.0.1'}},"
            + "{'san_type':'EMAIL','matcher':{'prefix':'a@'}}],'verify_certificate_hash':['" + "AB:".repeat(31)
            + "AB'],"
            + "'verify_certificate_spki':['NvqYIYSbgK2vCJpQhObf77vv+bQWtc5ek5RIOwPiC9A=']}}}}},"
            + "'filters':[{'name':'t','typed_config':{@TcpProxy,'stat_prefix':'t','cluster':'c'}}]}]}";

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

    @Test
    void a_handshake_is_described_whole() throws Exception {
        Decoding<?> outcome = ResourceDecoder.decode(ResourceType.LISTENER, Samples.any(ResourceType.LISTENER, TLS));
        assertThat(outcome).isInstanceOf(Decoded.class);
        DownstreamTls tls = ((ListenerConfig) ((Decoded<?>) outcome).value())
                .filterChains()
                .getFirst()
                .tls();
        assertThat(tls)
                .isEqualTo(new DownstreamTls(
                        "default",
                        new TlsValidation(
                                "ROOTCA",
                                List.of(
                                        new SubjectName(Kind.DNS, "", new StringMatcher.Exact("a.b", false)),
                                        new SubjectName(Kind.OTHER, "1.3.6.1", new StringMatcher.Suffix("@x", false)),
                                        new SubjectName(Kind.IP, "", new StringMatcher.Exact("10.0.0.1", false)),
                                        new SubjectName(Kind.EMAIL, "", new StringMatcher.Prefix("a@", false))),
                                Set.of("ab".repeat(32)),
                                Set.of("NvqYIYSbgK2vCJpQhObf77vv+bQWtc5ek5RIOwPiC9A=")),
                        false,
                        List.of(),
                        new TlsAlgorithms(
                                TlsVersion.TLS_1_2,
                                TlsVersion.TLS_1_3,
                                List.of("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
                                List.of("secp384r1", "x25519")),
                        true,
                        false,
                        false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            'ECDHE-RSA-AES256-GCM-SHA384' | '[A-B]' | tls_params.cipher_suites[0]: '[A-B]'
            'P-384' | 'P-192' | tls_params.ecdh_curves[0]: 'P-192' (expected: one of P-256, P-384, P-521, X25519)
            '1.3.6.1' | '' | match_typed_subject_alt_names[1].oid: '' (expected: with OTHER_NAME, an object identifier
            'san_type':'DNS', | 'san_type':'DNS','oid':'1.2', | match_typed_subject_alt_names[0].oid: '1.2' (expected: with OTHER_NAME only)
            AB: | A: | verify_certificate_hash[0]: 'A:A:
            NvqY | Nv | verify_certificate_spki[0]: 'Nv
            """)
    void what_a_handshake_cannot_be_is_said(String replaced, String by, String reason) throws Exception {
        assertThat(TLS).contains(replaced);
        assertThat(refusal(ResourceType.LISTENER, TLS.replace(replaced, by))).contains(reason);
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
