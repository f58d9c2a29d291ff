package lateen.decision.config;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a peer's certificate is verified. Envoy: {@code CertificateValidationContext}, or the combined form.
 *
 * @param trustSecret name of the secret that holds the trusted roots, usually {@code ROOTCA}; null: the chain is not
 *     verified
 * @param names one name of the peer must match one of these; empty: any
 * @param certificateHashes SHA-256 of the peer's certificate as lower-case hexadecimal; with {@code keyHashes}, one of
 *     all must be the peer's; both empty: any
 * @param keyHashes SHA-256 of the SubjectPublicKeyInfo of the peer's certificate as Base64
 */
public record TlsValidation(
        @Nullable String trustSecret, List<SubjectName> names, Set<String> certificateHashes, Set<String> keyHashes) {

    public TlsValidation {
        names = List.copyOf(names);
        certificateHashes = Set.copyOf(certificateHashes);
        keyHashes = Set.copyOf(keyHashes);
    }

    /** By URI names only. */
    public TlsValidation(@Nullable String trustSecret, List<StringMatcher> uris) {
        this(
                trustSecret,
                uris.stream()
                        .map(each -> new SubjectName(SubjectName.Kind.URI, "", each))
                        .toList(),
                Set.of(),
                Set.of());
    }

    /** Whether anything of a peer's certificate is looked at. */
    public boolean looks() {
        return trustSecret != null || pinned();
    }

    public boolean pinned() {
        return !certificateHashes.isEmpty() || !keyHashes.isEmpty();
    }

    /**
     * A subject alternative name. Envoy: {@code SubjectAltNameMatcher}.
     *
     * @param oid of an {@link Kind#OTHER} name, such as {@code 1.3.6.1.4.1.311.20.2.3}; else empty
     */
    public record SubjectName(Kind kind, String oid, StringMatcher matcher) {

        /** RFC 5280 section 4.2.1.6. */
        public enum Kind {
            EMAIL,
            /** A certificate's {@code *.example.com} stands for one label, where the matcher is exact. */
            DNS,
            URI,
            /** As RFC 5952 writes it. */
            IP,
            OTHER
        }
    }
}
