package lateen.identity;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides who a peer is from the certificates that it presented.
 *
 * <p>The path must lead to a root of the bundle (RFC 5280 section 6, without revocation), the leaf must be valid at
 * the given time, made for the peer's role, no CA, and carry exactly one URI name, a SPIFFE id (X509-SVID sections 2
 * to 5). Immutable; every thread may use it.
 */
public final class PeerVerifier {
    /** The peer's part in the handshake, which its extended key usage must allow. */
    public enum Role {
        /** The peer opened the connection. */
        CLIENT("1.3.6.1.5.5.7.3.2"),
        /** The peer accepted the connection. */
        SERVER("1.3.6.1.5.5.7.3.1");

        final String keyPurpose;

        Role(String keyPurpose) {
            this.keyPurpose = keyPurpose;
        }
    }

    private final TrustBundle bundle;
    private final Role role;

    /** A verifier of peers that play {@code role} against the roots of {@code bundle}. */
    public PeerVerifier(TrustBundle bundle, Role role) {
        this.bundle = bundle;
        this.role = role;
    }

    /**
     * Verifies a peer of any name.
     *
     * @param chain as presented: leaf first, each certificate signed by the next, with or without the root
     * @param now the time at which all certificates must be valid
     */
    public PeerVerification verify(List<X509Certificate> chain, Instant now) {
        String problem = CertificatePath.problem(chain, bundle, role, now);
        if (problem != null) {
            return new PeerVerification.Rejected(problem);
        }
        X509Certificate leaf = chain.getFirst();
        try {
            return new PeerVerification.Verified(
                    SubjectNames.spiffeId(leaf), leaf.getNotAfter().toInstant());
        } catch (IllegalArgumentException e) {
            return new PeerVerification.Rejected(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Whether a chain is good, whatever names its leaf has; for peers that are no workloads.
     *
     * @param chain as in {@link #verify(List, Instant)}
     * @return why it is not, for a log line; null: it is
     */
    public @Nullable String pathProblem(List<X509Certificate> chain, Instant now) {
        return CertificatePath.problem(chain, bundle, role, now);
    }

    /**
     * Verifies a peer that must be one of {@code allowed}.
     *
     * @param chain as in {@link #verify(List, Instant)}
     * @param allowed the names that may be on the other side; none means that nobody may
     */
    public PeerVerification verify(List<X509Certificate> chain, Instant now, Set<SpiffeId> allowed) {
        return switch (verify(chain, now)) {
            case PeerVerification.Verified(SpiffeId id, Instant notAfter)
            when !allowed.contains(id) ->
                new PeerVerification.Rejected("peer is " + id + " (expected: one of " + allowed + ")");
            case PeerVerification any -> any;
        };
    }
}
