package lateen.xds.bootstrap;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import lateen.decision.config.TlsValidation;
import lateen.decision.config.TlsValidation.SubjectName;
import lateen.decision.config.UpstreamTls;
import lateen.decision.match.PeerNames;
import lateen.identity.PeerVerifier;
import lateen.identity.TrustBundle;
import org.jspecify.annotations.Nullable;

/**
 * Whether an xDS server is the one that the file means: as Envoy has it, by its roots and the names given with them, not
 * by the host name that was dialled.
 */
final class ServerTrust extends X509ExtendedTrustManager {
    private final @Nullable PeerVerifier verifier;
    private final TlsValidation validation;

    /** @param roots null: anybody is believed, as in Envoy without a validation context */
    ServerTrust(@Nullable TrustBundle roots, TlsValidation validation) {
        this.verifier = roots == null ? null : new PeerVerifier(roots, PeerVerifier.Role.SERVER);
        this.validation = validation;
    }

    /** Why this cannot be done for a server; null: it can. */
    static @Nullable String unsupported(UpstreamTls tls) {
        if (tls.validation().pinned()) {
            return "verify_certificate_hash or verify_certificate_spki of an xDS server";
        }
        if (!tls.algorithms().cipherSuites().isEmpty()
                || !tls.algorithms().groups().isEmpty()) {
            return "cipher_suites or ecdh_curves of an xDS server";
        }
        return tls.validation().names().stream()
                        .allMatch(each -> each.kind() == SubjectName.Kind.URI || each.kind() == SubjectName.Kind.DNS)
                ? null
                : "names of other kinds than URI and DNS of an xDS server";
    }

    private void check(X509Certificate[] presented) throws CertificateException {
        if (verifier == null) {
            return;
        }
        List<X509Certificate> chain = List.of(presented);
        String problem = verifier.pathProblem(chain, Instant.now());
        if (problem != null) {
            throw new CertificateException(problem);
        }
        String misnamed = PeerNames.problem(validation.names(), chain.getFirst());
        if (misnamed != null) {
            throw new CertificateException("of the xDS server: " + misnamed);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("a client was not expected");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("a client was not expected");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("a client was not expected");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
