package lateen.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.DownstreamTls;
import lateen.decision.config.OutboundProxyProtocol;
import lateen.decision.config.StringMatcher;
import lateen.decision.config.TlsValidation;
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
                validation(context.getCommonTlsContext(), common),
                context.getRequireClientCertificate().getValue(),
                context.getCommonTlsContext().getAlpnProtocolsList(),
                minimum(context.getCommonTlsContext(), common),
                maximum(context.getCommonTlsContext(), TlsVersion.TLS_1_3, common));
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
                validation(context.getCommonTlsContext(), common),
                context.getSni(),
                context.getCommonTlsContext().getAlpnProtocolsList(),
                minimum(context.getCommonTlsContext(), common),
                // Envoy's own default for clients is older than for servers.
                maximum(context.getCommonTlsContext(), TlsVersion.TLS_1_2, common));
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

    private static TlsValidation validation(CommonTlsContext common, FieldPath at) {
        return switch (common.getValidationContextTypeCase()) {
            case VALIDATIONCONTEXTTYPE_NOT_SET -> new TlsValidation(null, List.of());
            case VALIDATION_CONTEXT -> {
                List<StringMatcher> names = names(common.getValidationContext(), at.at("validation_context"));
                if (!names.isEmpty()) {
                    throw at.at("validation_context")
                            .because("names to match without roots to trust (expected: combined_validation_context)");
                }
                yield new TlsValidation(null, names);
            }
            case VALIDATION_CONTEXT_SDS_SECRET_CONFIG ->
                new TlsValidation(
                        at.at("validation_context_sds_secret_config")
                                .required(
                                        common.getValidationContextSdsSecretConfig()
                                                .getName(),
                                        "name"),
                        List.of());
            case COMBINED_VALIDATION_CONTEXT -> {
                var combined = common.getCombinedValidationContext();
                FieldPath inner = at.at("combined_validation_context");
                yield new TlsValidation(
                        inner.at("validation_context_sds_secret_config")
                                .required(
                                        combined.getValidationContextSdsSecretConfig()
                                                .getName(),
                                        "name"),
                        names(combined.getDefaultValidationContext(), inner.at("default_validation_context")));
            }
            case VALIDATION_CONTEXT_CERTIFICATE_PROVIDER, VALIDATION_CONTEXT_CERTIFICATE_PROVIDER_INSTANCE ->
                throw at.refuse(
                        common.getValidationContextTypeCase(),
                        "validation_context_sds_secret_config or combined_validation_context");
        };
    }

    @SuppressWarnings("deprecation") // match_subject_alt_names is the older form of the typed list.
    private static List<StringMatcher> names(CertificateValidationContext context, FieldPath at) {
        if (context.hasTrustedCa()) {
            throw at.at("trusted_ca").because("roots in place (expected: the name of a secret that holds them)");
        }
        List<StringMatcher> names = new ArrayList<>(at.each(
                context.getMatchTypedSubjectAltNamesList(),
                "match_typed_subject_alt_names",
                TlsDecoder::subjectAltName));
        names.addAll(at.each(context.getMatchSubjectAltNamesList(), "match_subject_alt_names", MatcherDecoder::string));
        return names;
    }

    private static StringMatcher subjectAltName(SubjectAltNameMatcher name, FieldPath at) {
        if (name.getSanType() != SubjectAltNameMatcher.SanType.URI
                && name.getSanType() != SubjectAltNameMatcher.SanType.DNS) {
            throw at.at("san_type").refuse(name.getSanType(), "URI or DNS");
        }
        return MatcherDecoder.string(name.getMatcher(), at.at("matcher"));
    }

    private static TlsVersion minimum(CommonTlsContext common, FieldPath at) {
        FieldPath field = at.at("tls_params").at("tls_minimum_protocol_version");
        return version(common.getTlsParams().getTlsMinimumProtocolVersion(), TlsVersion.TLS_1_2, field);
    }

    private static TlsVersion maximum(CommonTlsContext common, TlsVersion byDefault, FieldPath at) {
        FieldPath field = at.at("tls_params").at("tls_maximum_protocol_version");
        TlsVersion maximum = version(common.getTlsParams().getTlsMaximumProtocolVersion(), byDefault, field);
        if (maximum.compareTo(minimum(common, at)) < 0) {
            throw field.refuse(maximum, "at least the minimum, " + minimum(common, at));
        }
        return maximum;
    }

    private static TlsVersion version(TlsProtocol protocol, TlsVersion byDefault, FieldPath at) {
        return switch (protocol) {
            case TLS_AUTO -> byDefault;
            case TLSv1_2 -> TlsVersion.TLS_1_2;
            case TLSv1_3 -> TlsVersion.TLS_1_3;
            case TLSv1_0, TLSv1_1, UNRECOGNIZED -> throw at.refuse(protocol, "TLSv1_2 or TLSv1_3");
        };
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
        return new SecretConfig(at.required(secret.getName(), "name"), pem);
    }
}
