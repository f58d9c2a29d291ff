package lateen.decision.config;

import java.util.List;

/**
 * Envoy: {@code DownstreamTlsContext}.
 *
 * @param certificateSecret name of the secret with our own certificate, usually {@code default}
 * @param requireClientCertificate refuse a peer that shows none
 * @param alpn offered protocols, best first
 */
public record DownstreamTls(
        String certificateSecret,
        TlsValidation validation,
        boolean requireClientCertificate,
        List<String> alpn,
        TlsVersion minimum,
        TlsVersion maximum) {

    public DownstreamTls {
        alpn = List.copyOf(alpn);
    }
}
