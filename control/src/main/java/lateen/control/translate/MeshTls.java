package lateen.control.translate;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import lateen.control.registry.Protocol;

/** mTLS between sidecars: which certificate is shown, which is taken, and the ALPN by which the other side knows it. */
final class MeshTls {

    /** Offered to the server's sidecar. The first tells it what is inside, {@code http/1.1} is what it chooses. */
    static final List<String> CLIENT_HTTP = List.of("istio-http/1.1", "istio", "http/1.1");

    private static final List<String> CLIENT_HTTP2 = List.of("istio-h2", "istio", "h2");

    static final List<String> CLIENT_TCP = List.of("istio-peer-exchange", "istio");

    /** Of which one shows that a sidecar calls and speaks HTTP. */
    static final List<String> MATCH_HTTP = List.of("istio-http/1.0", "istio-http/1.1", "istio-h2");

    /** Of which one shows that a sidecar calls. */
    static final List<String> MATCH_MESH = List.of("istio-peer-exchange", "istio");

    private static final List<String> SERVER_HTTP = List.of("h2", "http/1.1");
    private static final List<String> SERVER_TCP = List.of("istio-peer-exchange", "istio", "http/1.1");

    private final String trustDomain;

    MeshTls(String trustDomain) {
        this.trustDomain = trustDomain;
    }

    /**
     * @param accounts the only ones taken, as {@code namespace/account}; empty: any of the mesh
     */
    TransportSocket client(Protocol protocol, String sni, SortedSet<String> accounts) {
        List<String> ids = new ArrayList<>();
        for (String account : accounts) {
            int slash = account.indexOf('/');
            ids.add("spiffe://" + trustDomain + "/ns/" + account.substring(0, slash) + "/sa/"
                    + account.substring(slash + 1));
        }
        return client(protocol, sni, ids);
    }

    /**
     * @param ids the only ones taken; empty: any of the mesh
     */
    TransportSocket client(Protocol protocol, String sni, List<String> ids) {
        CertificateValidationContext.Builder names = CertificateValidationContext.newBuilder();
        ids.forEach(id -> names.addMatchTypedSubjectAltNames(
                uri(StringMatcher.newBuilder().setExact(id))));
        UpstreamTlsContext tls = UpstreamTlsContext.newBuilder()
                .setCommonTlsContext(common(names, alpn(protocol)))
                .setSni(sni)
                .build();
        return socket(tls);
    }

    private static List<String> alpn(Protocol protocol) {
        return switch (protocol) {
            case HTTP -> CLIENT_HTTP;
            case HTTP2 -> CLIENT_HTTP2;
            case TCP -> CLIENT_TCP;
        };
    }

    /** A client certificate of this trust domain is required. */
    TransportSocket server(boolean http) {
        CertificateValidationContext.Builder names = CertificateValidationContext.newBuilder()
                .addMatchTypedSubjectAltNames(
                        uri(StringMatcher.newBuilder().setPrefix("spiffe://" + trustDomain + "/")));
        DownstreamTlsContext tls = DownstreamTlsContext.newBuilder()
                .setCommonTlsContext(common(names, http ? SERVER_HTTP : SERVER_TCP))
                .setRequireClientCertificate(Pack.bool(true))
                .build();
        return socket(tls);
    }

    static TransportSocket plaintext() {
        return TransportSocket.newBuilder()
                .setName("envoy.transport_sockets.raw_buffer")
                .setTypedConfig(Pack.any(RawBuffer.getDefaultInstance()))
                .build();
    }

    private static TransportSocket socket(com.google.protobuf.Message tls) {
        return TransportSocket.newBuilder()
                .setName("envoy.transport_sockets.tls")
                .setTypedConfig(Pack.any(tls))
                .build();
    }

    private static CommonTlsContext common(CertificateValidationContext.Builder names, List<String> alpn) {
        return CommonTlsContext.newBuilder()
                .setTlsParams(TlsParameters.newBuilder()
                        .setTlsMinimumProtocolVersion(TlsParameters.TlsProtocol.TLSv1_2)
                        .setTlsMaximumProtocolVersion(TlsParameters.TlsProtocol.TLSv1_3))
                .addTlsCertificateSdsSecretConfigs(secret(XdsNames.OWN_CERTIFICATE))
                .setCombinedValidationContext(CommonTlsContext.CombinedCertificateValidationContext.newBuilder()
                        .setDefaultValidationContext(names)
                        .setValidationContextSdsSecretConfig(secret(XdsNames.ROOTS)))
                .addAllAlpnProtocols(alpn)
                .build();
    }

    /** From the workload's own agent, which holds the key. */
    private static SdsSecretConfig secret(String name) {
        return SdsSecretConfig.newBuilder()
                .setName(name)
                .setSdsConfig(ConfigSource.newBuilder()
                        .setApiConfigSource(ApiConfigSource.newBuilder()
                                .setApiType(ApiConfigSource.ApiType.GRPC)
                                .setTransportApiVersion(ApiVersion.V3)
                                .setSetNodeOnFirstMessageOnly(true)
                                .addGrpcServices(GrpcService.newBuilder()
                                        .setEnvoyGrpc(GrpcService.EnvoyGrpc.newBuilder()
                                                .setClusterName(XdsNames.SDS_CLUSTER))))
                        .setInitialFetchTimeout(Duration.getDefaultInstance())
                        .setResourceApiVersion(ApiVersion.V3))
                .build();
    }

    private static SubjectAltNameMatcher uri(StringMatcher.Builder matcher) {
        return SubjectAltNameMatcher.newBuilder()
                .setSanType(SubjectAltNameMatcher.SanType.URI)
                .setMatcher(matcher)
                .build();
    }
}
