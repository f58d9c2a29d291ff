package lateen.identity;

import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The roots that peers are verified against.
 *
 * <p>More than one while a root is being rotated.
 *
 * @param roots at least one, no duplicates, in the order given
 */
public record TrustBundle(List<X509Certificate> roots) {
    /**
     * Copies the roots and drops repetitions.
     *
     * @throws IllegalArgumentException if there is none, or one that is no CA certificate
     */
    public TrustBundle {
        roots = List.copyOf(new LinkedHashSet<>(roots));
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("trust bundle: empty (expected: at least one root certificate)");
        }
        for (X509Certificate root : roots) {
            if (root.getBasicConstraints() < 0) {
                throw new IllegalArgumentException("trust bundle: "
                        + Quoted.of(root.getSubjectX500Principal().getName())
                        + " is no CA certificate (expected: basic constraints CA)");
            }
        }
    }

    /**
     * Reads roots one after the other.
     *
     * @throws IllegalArgumentException as {@link Pem#certificates}, or if one is no CA
     */
    public static TrustBundle fromPem(String pem) {
        return new TrustBundle(Pem.certificates(pem));
    }

    /** The roots one after the other. */
    public String pem() {
        return Pem.encode(roots);
    }

    Set<TrustAnchor> anchors() {
        return roots.stream().map(root -> new TrustAnchor(root, null)).collect(Collectors.toSet());
    }

    @Override
    public String toString() {
        return "TrustBundle"
                + roots.stream()
                        .map(root -> root.getSubjectX500Principal().getName() + " serial "
                                + root.getSerialNumber().toString(16) + " until "
                                + root.getNotAfter().toInstant())
                        .toList();
    }
}
