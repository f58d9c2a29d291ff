package lateen.proxy.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import lateen.decision.config.StringMatcher;
import lateen.identity.PeerVerification;
import lateen.identity.PeerVerifier;
import lateen.identity.TrustBundle;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a peer's chain against one trust bundle and the names that are allowed.
 *
 * <p>Verified chains are remembered until their leaf ends, for this bundle only (a new bundle makes a new object), at
 * most {@link #REMEMBERED}. Refusals carry what was found and what was expected. Any thread may call.
 */
final class PeerTrust extends X509ExtendedTrustManager {
    static final int REMEMBERED = 1024;

    private final @Nullable PeerVerifier verifier;
    private final List<StringMatcher> names;
    private final InstantSource clock;
    private final ConcurrentHashMap<List<X509Certificate>, Instant> verified = new ConcurrentHashMap<>();

    private PeerTrust(@Nullable PeerVerifier verifier, List<StringMatcher> names, InstantSource clock) {
        this.verifier = verifier;
        this.names = names;
        this.clock = clock;
    }

    /** @param bundle null: the peer's certificate is not verified */
    static PeerTrust of(
            @Nullable TrustBundle bundle, PeerVerifier.Role role, List<StringMatcher> names, InstantSource clock) {
        return new PeerTrust(bundle == null ? null : new PeerVerifier(bundle, role), names, clock);
    }

    private void check(X509Certificate[] presented) throws CertificateException {
        if (verifier == null) {
            return;
        }
        List<X509Certificate> chain = List.of(presented);
        Instant now = clock.instant();
        Instant until = verified.get(chain);
        if (until != null && now.isBefore(until)) {
            return;
        }
        switch (verifier.verify(chain, now)) {
            case PeerVerification.Rejected(String reason) -> throw new CertificateException(reason);
            case PeerVerification.Verified(var id, Instant notAfter) -> {
                if (!names.isEmpty() && names.stream().noneMatch(each -> NameMatch.test(each, id.toString()))) {
                    throw new CertificateException("peer is " + id + " (expected: " + NameMatch.describe(names) + ")");
                }
                if (verified.size() >= REMEMBERED) {
                    verified.clear();
                }
                // An intermediate may end before the leaf does; a minute bounds how long that goes unnoticed.
                Instant soon = now.plusSeconds(60);
                verified.put(chain, notAfter.isBefore(soon) ? notAfter : soon);
            }
        }
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
