package lateen.decision.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Envoy: {@code UpstreamTlsContext}.
 *
 * @param certificateSecret name of the secret with our own certificate; null: none is shown
 * @param sni sent as server name; empty: none
 * @param alpn offered protocols, best first
 */
public record UpstreamTls(
        @Nullable String certificateSecret,
        TlsValidation validation,
        String sni,
        List<String> alpn,
        TlsVersion minimum,
        TlsVersion maximum) {

    public UpstreamTls {
        alpn = List.copyOf(alpn);
    }
}
