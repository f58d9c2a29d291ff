package lateen.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import lateen.decision.config.DownstreamTls;
import lateen.decision.config.OutboundProxyProtocol;
import lateen.decision.config.TlsVersion;
import lateen.decision.config.UpstreamTls;
import lateen.identity.Pem;
import lateen.xds.ResourceType;
import org.jspecify.annotations.Nullable;

/** Envoy: {@code extensions.transport_sockets}. */
final class TlsDecoder {

    static final String DOWNSTREAM = "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";
    static final String UPSTREAM = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
    static final String PROXY_PROTOCOL =
            "envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport";
    static final String RAW = "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";

    private TlsDecoder() {}

    /** Null: plaintext. */
    static @Nullable DownstreamTls downstream(boolean present, TransportSocket socket, FieldPath at) {
        if (!present || isRaw(socket.getTypedConfig(), DOWNSTREAM, at)) {
            return null;
        }
        DownstreamTlsContext context =
                Values.open(socket.getTypedConfig(), DownstreamTlsContext.getDefaultInstance(), at.at("typed_config"));
        FieldPath common = at.at("typed_config").at("common_tls_context");
        String certificate = certificate(context.getCommonTlsContext(), common);
        if (certificate == null) {
            throw common.missing("tls_certificate_sds_secret_configs", "the name of the secret with the certificate");
        }
        return new DownstreamTls(
                certificate,
                TlsValidationDecoder.validation(context.getCommonTlsContext(), common),
                context.getRequireClientCertificate().getValue(),
                context.getCommonTlsContext().getAlpnProtocolsList(),
                TlsAlgorithmsDecoder.algorithms(
                        context.getCommonTlsContext().getTlsParams(), TlsVersion.TLS_1_3, common.at("tls_params")),
                context.getRequireSni().getValue(),
                !context.getDisableStatelessSessionResumption(),
                !context.getDisableStatefulSessionResumption());
    }

    /** Null: plaintext. */
    static @Nullable UpstreamTls upstream(boolean present, TransportSocket outer, FieldPath outside) {
        TransportSocket socket = inner(outer, outside);
        FieldPath at = isWrapped(outer) ? outside.at("typed_config").at("transport_socket") : outside;
        if (!present || isRaw(socket.getTypedConfig(), UPSTREAM, at)) {
            return null;
        }
        UpstreamTlsContext context =
                Values.open(socket.getTypedConfig(), UpstreamTlsContext.getDefaultInstance(), at.at("typed_config"));
        FieldPath common = at.at("typed_config").at("common_tls_context");
        return new UpstreamTls(
                certificate(context.getCommonTlsContext(), common),
                TlsValidationDecoder.validation(context.getCommonTlsContext(), common),
                context.getSni(),
                context.getCommonTlsContext().getAlpnProtocolsList(),
                // Envoy's own default for clients is older than for servers.
                TlsAlgorithmsDecoder.algorithms(
                        context.getCommonTlsContext().getTlsParams(), TlsVersion.TLS_1_2, common.at("tls_params")),
                context.hasMaxSessionKeys()
                        ? Values.count(
                                context.getMaxSessionKeys().getValue(),
                                at.at("typed_config").at("max_session_keys"))
                        : UpstreamTls.SESSIONS);
    }

    /** The inner socket of one that begins with a header, else the socket itself. */
    static TransportSocket inner(TransportSocket socket, FieldPath at) {
        if (!isWrapped(socket)) {
            return socket;
        }
        ProxyProtocolUpstreamTransport wrapped = wrapped(socket, at);
        if (!wrapped.hasTransportSocket()) {
            throw at.at("typed_config").missing("transport_socket", "raw_buffer or tls");
        }
        return wrapped.getTransportSocket();
    }

    /** Null: no header. */
    static @Nullable OutboundProxyProtocol header(TransportSocket socket, FieldPath at) {
        return isWrapped(socket)
                ? ProxyProtocolDecoder.outbound(
                        wrapped(socket, at).getConfig(), at.at("typed_config").at("config"))
                : null;
    }

    private static boolean isWrapped(TransportSocket socket) {
        return Values.typeName(socket.getTypedConfig()).equals(PROXY_PROTOCOL);
    }

    private static ProxyProtocolUpstreamTransport wrapped(TransportSocket socket, FieldPath at) {
        return Values.open(
                socket.getTypedConfig(), ProxyProtocolUpstreamTransport.getDefaultInstance(), at.at("typed_config"));
    }

    private static boolean isRaw(Any config, String tlsContext, FieldPath at) {
        String type = Values.typeName(config);
        if (type.equals(RAW)) {
            var _ = Values.open(config, RawBuffer.getDefaultInstance(), at.at("typed_config"));
            return true;
        }
        if (!type.equals(tlsContext)) {
            throw at.at("typed_config").refuse(type, tlsContext + " or " + RAW);
        }
        return false;
    }

    private static @Nullable String certificate(CommonTlsContext common, FieldPath at) {
        if (common.getTlsCertificateSdsSecretConfigsCount() > 1) {
            throw at.at("tls_certificate_sds_secret_configs")
                    .refuse(common.getTlsCertificateSdsSecretConfigsCount() + " certificates", "at most one");
        }
        return common.getTlsCertificateSdsSecretConfigsCount() == 0
                ? null
                : at.at("tls_certificate_sds_secret_configs", 0)
                        .required(common.getTlsCertificateSdsSecretConfigs(0).getName(), "name");
    }

    /** Private keys never come by wire: each proxy makes its own. */
    static SecretConfig secret(Any body) {
        Unchecked<Secret> read = Values.parsed(body, Secret.getDefaultInstance(), "secret", ResourceType.SECRET);
        Secret secret = read.message();
        FieldPath at = FieldPath.resource("secret", secret.getName());
        if (secret.getTypeCase() != Secret.TypeCase.VALIDATION_CONTEXT) {
            throw at.because("holds " + secret.getTypeCase()
                    + " (expected: validation_context; keys are made by the proxy and never taken from the wire)");
        }
        var _ = read.checked(at);
        FieldPath roots = at.at("validation_context").at("trusted_ca");
        String pem = Values.text(secret.getValidationContext().getTrustedCa(), roots);
        try {
            var _ = Pem.certificates(pem);
        } catch (IllegalArgumentException e) {
            throw roots.because(String.valueOf(e.getMessage()));
        }
        return new SecretConfig.Roots(at.required(secret.getName(), "name"), pem);
    }
}
