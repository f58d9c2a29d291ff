package lateen.xds.decode;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import lateen.decision.config.StringMatcher;
import lateen.decision.config.TlsValidation;
import lateen.decision.config.TlsValidation.SubjectName;
import lateen.decision.config.TlsValidation.SubjectName.Kind;
import org.jspecify.annotations.Nullable;

/** Envoy: {@code CertificateValidationContext}. */
final class TlsValidationDecoder {
    private static final int SHA256_BYTES = 32;
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern OID = Pattern.compile("[0-2](\\.(0|[1-9][0-9]*))+");

    private TlsValidationDecoder() {}

    static TlsValidation validation(CommonTlsContext common, FieldPath at) {
        return switch (common.getValidationContextTypeCase()) {
            case VALIDATIONCONTEXTTYPE_NOT_SET -> new TlsValidation(null, List.of());
            case VALIDATION_CONTEXT -> {
                TlsValidation inPlace = of(null, common.getValidationContext(), at.at("validation_context"));
                if (!inPlace.names().isEmpty()) {
                    throw at.at("validation_context")
                            .because("names to match without roots to trust (expected: combined_validation_context)");
                }
                yield inPlace;
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
                yield of(
                        inner.at("validation_context_sds_secret_config")
                                .required(
                                        combined.getValidationContextSdsSecretConfig()
                                                .getName(),
                                        "name"),
                        combined.getDefaultValidationContext(),
                        inner.at("default_validation_context"));
            }
            case VALIDATION_CONTEXT_CERTIFICATE_PROVIDER, VALIDATION_CONTEXT_CERTIFICATE_PROVIDER_INSTANCE ->
                throw at.refuse(
                        common.getValidationContextTypeCase(),
                        "validation_context_sds_secret_config or combined_validation_context");
        };
    }

    private static TlsValidation of(@Nullable String trust, CertificateValidationContext context, FieldPath at) {
        return new TlsValidation(
                trust,
                names(context, at),
                Set.copyOf(at.each(
                        context.getVerifyCertificateHashList(),
                        "verify_certificate_hash",
                        TlsValidationDecoder::certificateHash)),
                new HashSet<>(at.each(
                        context.getVerifyCertificateSpkiList(),
                        "verify_certificate_spki",
                        TlsValidationDecoder::keyHash)));
    }

    @SuppressWarnings("deprecation") // match_subject_alt_names is the older form of the typed list.
    private static List<SubjectName> names(CertificateValidationContext context, FieldPath at) {
        if (context.hasTrustedCa()) {
            throw at.at("trusted_ca").because("roots in place (expected: the name of a secret that holds them)");
        }
        List<SubjectName> names = new ArrayList<>(at.each(
                context.getMatchTypedSubjectAltNamesList(),
                "match_typed_subject_alt_names",
                TlsValidationDecoder::name));
        for (StringMatcher each :
                at.each(context.getMatchSubjectAltNamesList(), "match_subject_alt_names", MatcherDecoder::string)) {
            // Of any kind, in Envoy; workloads have URIs, and others are asked for by their kind.
            names.add(new SubjectName(Kind.URI, "", each));
        }
        return names;
    }

    private static SubjectName name(SubjectAltNameMatcher name, FieldPath at) {
        Kind kind = switch (name.getSanType()) {
            case EMAIL -> Kind.EMAIL;
            case DNS -> Kind.DNS;
            case URI -> Kind.URI;
            case IP_ADDRESS -> Kind.IP;
            case OTHER_NAME -> Kind.OTHER;
            case SAN_TYPE_UNSPECIFIED, UNRECOGNIZED ->
                throw at.at("san_type").refuse(name.getSanType(), "EMAIL, DNS, URI, IP_ADDRESS or OTHER_NAME");
        };
        if (kind == Kind.OTHER && !OID.matcher(name.getOid()).matches()) {
            throw at.at("oid").refuse(name.getOid(), "with OTHER_NAME, an object identifier such as 1.3.6.1");
        }
        if (kind != Kind.OTHER && !name.getOid().isEmpty()) {
            throw at.at("oid").refuse(name.getOid(), "with OTHER_NAME only");
        }
        return new SubjectName(kind, name.getOid(), MatcherDecoder.string(name.getMatcher(), at.at("matcher")));
    }

    /** Bytes in hexadecimal, which colons may separate. */
    private static String certificateHash(String text, FieldPath at) {
        String plain = text.replace(":", "").toLowerCase(Locale.ROOT);
        if (!HEX.matcher(plain).matches()) {
            throw at.refuse(text, "SHA-256 in hexadecimal, 64 digits");
        }
        return plain;
    }

    private static String keyHash(String text, FieldPath at) {
        try {
            if (Base64.getDecoder().decode(text).length == SHA256_BYTES) {
                return text;
            }
        } catch (IllegalArgumentException notBase64) {
            // Told below.
        }
        throw at.refuse(text, "SHA-256 in Base64, 44 characters");
    }
}
