package lateen.decision.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a peer's certificate is verified. Envoy: {@code CertificateValidationContext}, or the combined form.
 *
 * @param trustSecret name of the secret that holds the trusted roots, usually {@code ROOTCA}; null: not verified
 * @param subjectAltNames the peer's URI or DNS names must match one of these; empty: any
 */
public record TlsValidation(@Nullable String trustSecret, List<StringMatcher> subjectAltNames) {

    public TlsValidation {
        subjectAltNames = List.copyOf(subjectAltNames);
    }
}
