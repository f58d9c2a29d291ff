package lateen.identity;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Subject alternative names of a certificate, RFC 5280 section 4.2.1.6. */
final class SubjectNames {
    static final int DNS = 2;
    static final int URI = 6;
    static final int IP = 7;

    private SubjectNames() {}

    /** All names of one kind ({@link #DNS}, {@link #URI}, {@link #IP}), in the certificate's order. */
    static List<String> of(X509Certificate certificate, int kind) {
        Collection<List<?>> names = all(certificate);
        return names == null
                ? List.of()
                : names.stream()
                        .filter(name -> name.get(0).equals(kind))
                        .map(name -> String.valueOf(name.get(1)))
                        .toList();
    }

    /**
     * The one URI name, which must be a SPIFFE id (X509-SVID section 2: exactly one URI SAN).
     *
     * @throws IllegalArgumentException if there is none, more than one, or one that is no SPIFFE id
     */
    static SpiffeId spiffeId(X509Certificate certificate) {
        List<String> uris = of(certificate, URI);
        if (uris.size() != 1) {
            throw new IllegalArgumentException("certificate "
                    + certificate.getSerialNumber().toString(16) + ": " + uris.size()
                    + " URI subject alternative names (expected: exactly one SPIFFE id)");
        }
        return SpiffeId.parse(uris.getFirst());
    }

    private static @Nullable Collection<List<?>> all(X509Certificate certificate) {
        try {
            return certificate.getSubjectAlternativeNames();
        } catch (CertificateParsingException e) {
            throw new IllegalArgumentException(
                    "certificate " + certificate.getSerialNumber().toString(16)
                            + ": subject alternative names that cannot be read",
                    e);
        }
    }
}
