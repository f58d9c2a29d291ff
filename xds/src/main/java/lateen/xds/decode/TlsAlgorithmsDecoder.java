package lateen.xds.decode;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import java.util.List;
import java.util.Map;
import lateen.decision.config.TlsAlgorithms;
import lateen.decision.config.TlsVersion;

/** Envoy: {@code TlsParameters}, whose names are BoringSSL's. */
final class TlsAlgorithmsDecoder {

    /** Those with forward secrecy that every TLS library here has; Envoy takes groups in brackets, too. */
    private static final Map<String, String> SUITES = Map.of(
            "ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            "ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
            "ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "ECDHE-ECDSA-AES256-SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
            "ECDHE-RSA-AES256-SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");

    private static final Map<String, String> CURVES =
            Map.of("X25519", "x25519", "P-256", "secp256r1", "P-384", "secp384r1", "P-521", "secp521r1");

    private TlsAlgorithmsDecoder() {}

    /** @param newest the greatest version when the configuration does not say */
    static TlsAlgorithms algorithms(TlsParameters parameters, TlsVersion newest, FieldPath at) {
        TlsVersion minimum = version(
                parameters.getTlsMinimumProtocolVersion(), TlsVersion.TLS_1_2, at.at("tls_minimum_protocol_version"));
        FieldPath greatest = at.at("tls_maximum_protocol_version");
        TlsVersion maximum = version(parameters.getTlsMaximumProtocolVersion(), newest, greatest);
        if (maximum.compareTo(minimum) < 0) {
            throw greatest.refuse(maximum, "at least the minimum, " + minimum);
        }
        return new TlsAlgorithms(
                minimum,
                maximum,
                named(parameters.getCipherSuitesList(), SUITES, "cipher_suites", at),
                named(parameters.getEcdhCurvesList(), CURVES, "ecdh_curves", at));
    }

    private static List<String> named(List<String> names, Map<String, String> known, String field, FieldPath at) {
        return at.each(names, field, (name, where) -> {
            String iana = known.get(name);
            if (iana == null) {
                throw where.refuse(
                        name,
                        "one of "
                                + String.join(
                                        ", ", known.keySet().stream().sorted().toList()));
            }
            return iana;
        });
    }

    private static TlsVersion version(TlsProtocol protocol, TlsVersion byDefault, FieldPath at) {
        return switch (protocol) {
            case TLS_AUTO -> byDefault;
            case TLSv1_2 -> TlsVersion.TLS_1_2;
            case TLSv1_3 -> TlsVersion.TLS_1_3;
            case TLSv1_0, TLSv1_1, UNRECOGNIZED -> throw at.refuse(protocol, "TLSv1_2 or TLSv1_3");
        };
    }
}
