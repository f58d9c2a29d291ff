package lateen.decision.config;

import java.util.List;

/**
 * Envoy: {@code DownstreamTlsContext}.
 *
 * @param certificateSecret name of the secret with our own certificate, usually {@code default}
 * @param requireClientCertificate refuse a peer that shows none
 * @param alpn offered protocols, best first
 * @param requireServerName refuse a client that does not say whom it wants
 * @param tickets sessions may be resumed by what the client keeps ({@code disable_stateless_session_resumption})
 * @param sessionIds TLS 1.2 sessions may be resumed by what we keep ({@code disable_stateful_session_resumption})
 */
public record DownstreamTls(
        String certificateSecret,
        TlsValidation validation,
        boolean requireClientCertificate,
        List<String> alpn,
        TlsAlgorithms algorithms,
        boolean requireServerName,
        boolean tickets,
        boolean sessionIds) {

    public DownstreamTls {
        alpn = List.copyOf(alpn);
    }

    /** With all kinds of resumption, and no demand for a server name. */
    public DownstreamTls(
            String certificateSecret,
            TlsValidation validation,
            boolean requireClientCertificate,
            List<String> alpn,
            TlsVersion minimum,
            TlsVersion maximum) {
        this(
                certificateSecret,
                validation,
                requireClientCertificate,
                alpn,
                new TlsAlgorithms(minimum, maximum),
                false,
                true,
                true);
    }
}
