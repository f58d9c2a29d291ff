package lateen.proxy.tls;

import io.netty.handler.ssl.ResumableX509ExtendedTrustManager;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import lateen.decision.config.TlsValidation;
import lateen.decision.config.TlsValidation.SubjectName.Kind;
import lateen.decision.match.PeerNames;
import lateen.identity.PeerVerification;
import lateen.identity.PeerVerifier;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a peer's chain against one trust bundle, the names that are allowed, and the hashes that are pinned. A resumed
 * session shows no certificates; its peer is verified by those of the handshake that made it, as of now.
 *
 * <p>A peer is a SPIFFE workload, unless names of other kinds than URI are asked for: then its chain must be good and one
 * of its names must match.
 *
 * <p>Verified chains are remembered until their leaf ends, for this bundle only (a new bundle makes a new object), at
 * most {@link #REMEMBERED}. Refusals carry what was found and what was expected. Any thread may call.
 */
final class PeerTrust extends X509ExtendedTrustManager implements ResumableX509ExtendedTrustManager {
    static final int REMEMBERED = 1024;

    private final @Nullable PeerVerifier verifier;
    private final TlsValidation validation;
    private final boolean workloads;
    private final boolean required;
    private final InstantSource clock;
    private final ConcurrentHashMap<List<X509Certificate>, Instant> verified = new ConcurrentHashMap<>();

    /**
     * @param roots null: the peer's chain is not verified
     * @param required a session without a peer is not resumed
     */
    PeerTrust(
            SecretStore.@Nullable Roots roots,
            PeerVerifier.Role role,
            TlsValidation validation,
            boolean required,
            InstantSource clock) {
        this.verifier = roots == null ? null : new PeerVerifier(roots.bundle(), role);
        this.validation = validation;
        this.workloads = (roots == null || roots.spiffe())
                && validation.names().stream().allMatch(each -> each.kind() == Kind.URI);
        this.required = required;
        this.clock = clock;
    }

    private void check(X509Certificate[] presented) throws CertificateException {
        if (!validation.looks()) {
            return;
        }
        List<X509Certificate> chain = List.of(presented);
        Instant now = clock.instant();
        Instant until = verified.get(chain);
        if (until != null && now.isBefore(until)) {
            return;
        }
        Instant end = verifier == null ? chain.getFirst().getNotAfter().toInstant() : verify(verifier, chain, now);
        pinned(chain.getFirst());
        if (verified.size() >= REMEMBERED) {
            verified.clear();
        }
        // An intermediate may end before the leaf does; a minute bounds how long that goes unnoticed.
        Instant soon = now.plusSeconds(60);
        verified.put(chain, end.isBefore(soon) ? end : soon);
    }

    /** Until when. */
    private Instant verify(PeerVerifier by, List<X509Certificate> chain, Instant now) throws CertificateException {
        X509Certificate leaf = chain.isEmpty() ? null : chain.getFirst();
        if (workloads) {
            switch (by.verify(chain, now)) {
                case PeerVerification.Rejected(String reason) -> throw new CertificateException(reason);
                case PeerVerification.Verified ignored -> {}
            }
        } else {
            String problem = by.pathProblem(chain, now);
            if (problem != null) {
                throw new CertificateException(problem);
            }
        }
        if (leaf == null) {
            throw new CertificateException("the peer presented no certificate");
        }
        String misnamed = PeerNames.problem(validation.names(), leaf);
        if (misnamed != null) {
            throw new CertificateException(misnamed);
        }
        return leaf.getNotAfter().toInstant();
    }

    private void pinned(X509Certificate leaf) throws CertificateException {
        if (!validation.pinned()) {
            return;
        }
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            String certificate = HexFormat.of().formatHex(sha256.digest(leaf.getEncoded()));
            String key = Base64.getEncoder()
                    .encodeToString(sha256.digest(leaf.getPublicKey().getEncoded()));
            if (!validation.certificateHashes().contains(certificate)
                    && !validation.keyHashes().contains(key)) {
                throw new CertificateException("the peer's certificate has SHA-256 " + certificate + ", its key " + key
                        + " (expected: one that is pinned)");
            }
        } catch (GeneralSecurityException e) {
            throw e instanceof CertificateException refused
                    ? refused
                    : new CertificateException("the peer's certificate cannot be hashed", e);
        }
    }

    private void resumed(X509Certificate @Nullable [] chain) throws CertificateException {
        if (chain == null || chain.length == 0) {
            if (required) {
                throw new CertificateException("the session that is resumed has no peer (expected: its certificate)");
            }
            return;
        }
        check(chain);
    }

    @Override
    public void resumeClientTrusted(X509Certificate @Nullable [] chain, SSLEngine engine) throws CertificateException {
        resumed(chain);
    }

    @Override
    public void resumeServerTrusted(X509Certificate @Nullable [] chain, SSLEngine engine) throws CertificateException {
        resumed(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
