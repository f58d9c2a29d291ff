package lateen.identity;

import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorResult;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From a presented chain to a root: RFC 5280 section 6, and what the leaf may be used for. Names are not looked at. */
final class CertificatePath {
    private static final int MAX_LENGTH = 10;
    private static final String ANY_PURPOSE = "2.5.29.37.0";
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int KEY_CERT_SIGN = 5;

    private CertificatePath() {}

    /** Why {@code chain} does not prove its leaf's public key, or null if it does. */
    static @Nullable String problem(
            List<X509Certificate> chain, TrustBundle bundle, PeerVerifier.Role role, Instant now) {
        if (chain.isEmpty()) {
            return "the peer presented no certificate";
        }
        if (chain.size() > MAX_LENGTH) {
            return "chain of " + chain.size() + " certificates (expected: at most " + MAX_LENGTH + ")";
        }
        String leafProblem = leafProblem(chain.getFirst(), role);
        if (leafProblem != null) {
            return leafProblem;
        }
        try {
            // The root may come along; a path ends below its trust anchor.
            List<X509Certificate> path = chain.stream()
                    .takeWhile(each -> !bundle.roots().contains(each))
                    .toList();
            if (path.isEmpty()) {
                return "the leaf is itself a root";
            }
            PKIXParameters parameters = new PKIXParameters(bundle.anchors());
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPath certPath = CertificateFactory.getInstance("X.509").generateCertPath(path);
            return switch (CertPathValidator.getInstance("PKIX").validate(certPath, parameters)) {
                case PKIXCertPathValidatorResult result ->
                    rootProblem(result.getTrustAnchor().getTrustedCert(), now);
                case CertPathValidatorResult other -> "chain verified in an unknown way: " + other;
            };
        } catch (CertPathValidatorException e) {
            return explained(chain, e, now);
        } catch (GeneralSecurityException e) {
            return "chain cannot be verified: " + e.getMessage();
        }
    }

    /** PKIX leaves the anchor's own validity open (RFC 5280 section 6.1.1 d); here an expired root ends trust. */
    private static @Nullable String rootProblem(X509Certificate root, Instant now) {
        boolean alive = !now.isBefore(root.getNotBefore().toInstant())
                && !now.isAfter(root.getNotAfter().toInstant());
        return alive
                ? null
                : "the root " + Quoted.of(root.getSubjectX500Principal().getName()) + " is not valid at " + now;
    }

    private static @Nullable String leafProblem(X509Certificate leaf, PeerVerifier.Role role) {
        if (leaf.getBasicConstraints() >= 0) {
            return "the leaf is a CA certificate (expected: a workload's)";
        }
        boolean[] usage = leaf.getKeyUsage();
        if (usage != null && (!usage[DIGITAL_SIGNATURE] || usage[KEY_CERT_SIGN])) {
            return "key usage of the leaf (expected: digitalSignature, and not keyCertSign)";
        }
        try {
            List<String> purposes = leaf.getExtendedKeyUsage();
            if (purposes != null && !purposes.contains(role.keyPurpose) && !purposes.contains(ANY_PURPOSE)) {
                return "extended key usage of the leaf: " + purposes + " (expected: " + role.keyPurpose + ", "
                        + (role == PeerVerifier.Role.CLIENT ? "clientAuth" : "serverAuth") + ")";
            }
        } catch (CertificateParsingException e) {
            return "extended key usage of the leaf cannot be read";
        }
        return null;
    }

    private static String explained(List<X509Certificate> chain, CertPathValidatorException e, Instant now) {
        int index = e.getIndex();
        if (index >= 0 && index < chain.size()) {
            X509Certificate at = chain.get(index);
            String which =
                    "certificate " + at.getSerialNumber().toString(16) + " (number " + (index + 1) + " of the chain)";
            if (e.getReason() == CertPathValidatorException.BasicReason.EXPIRED) {
                return which + " expired at " + at.getNotAfter().toInstant() + ", now it is " + now;
            }
            if (e.getReason() == CertPathValidatorException.BasicReason.NOT_YET_VALID) {
                return which + " is valid from " + at.getNotBefore().toInstant() + ", now it is " + now;
            }
            return which + ": " + e.getMessage();
        }
        return "no path from issuer "
                + Quoted.of(chain.getLast().getIssuerX500Principal().getName())
                + " to a root of the trust bundle";
    }
}
