package lateen.decision.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Envoy: {@code UpstreamTlsContext}.
 *
 * @param certificateSecret name of the secret with our own certificate; null: none is shown
 * @param sni sent as server name; empty: none
 * @param alpn offered protocols, best first
 * @param sessions that are kept to be resumed, of all hosts together; 0: none
 */
public record UpstreamTls(
        @Nullable String certificateSecret,
        TlsValidation validation,
        String sni,
        List<String> alpn,
        TlsAlgorithms algorithms,
        int sessions) {

    /** When the configuration says nothing. Envoy's one would serve clusters of one host only; a session takes some kilobytes. */
    public static final int SESSIONS = 128;

    public UpstreamTls {
        alpn = List.copyOf(alpn);
    }

    public UpstreamTls(
            @Nullable String certificateSecret,
            TlsValidation validation,
            String sni,
            List<String> alpn,
            TlsVersion minimum,
            TlsVersion maximum) {
        this(certificateSecret, validation, sni, alpn, new TlsAlgorithms(minimum, maximum), SESSIONS);
    }
}
