package lateen.xds.bootstrap;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import lateen.decision.config.StringMatcher;
import lateen.decision.config.TlsValidation.SubjectName;
import lateen.identity.PeerVerifier;
import lateen.identity.TrustBundle;
import org.jspecify.annotations.Nullable;

/**
 * Whether an xDS server is the one that the file means: as Envoy has it, by its roots and the names given with them, not
 * by the host name that was dialled.
 */
final class ServerTrust extends X509ExtendedTrustManager {

    private final @Nullable PeerVerifier verifier;
    private final List<SubjectName> names;

    /** @param roots null: anybody is believed, as in Envoy without a validation context */
    ServerTrust(@Nullable TrustBundle roots, List<SubjectName> names) {
        this.verifier = roots == null ? null : new PeerVerifier(roots, PeerVerifier.Role.SERVER);
        this.names = List.copyOf(names);
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
        List<String> uris = PeerVerifier.uris(chain.getFirst());
        List<String> hosts = PeerVerifier.hosts(chain.getFirst());
        boolean named = names.stream()
                .anyMatch(each -> (each.kind() == SubjectName.Kind.URI ? uris : hosts)
                        .stream().anyMatch(name -> matches(each.matcher(), name)));
        if (!names.isEmpty() && !named) {
            throw new CertificateException("the server is " + uris + " " + hosts + " (expected: " + names + ")");
        }
    }

    private static boolean matches(StringMatcher matcher, String name) {
        return switch (matcher) {
            case StringMatcher.Exact(String value, boolean fold) ->
                (fold ? name.equalsIgnoreCase(value) : name.equals(value)) || covers(name, value);
            case StringMatcher.Prefix(String value, boolean fold) ->
                name.regionMatches(fold, 0, value, 0, value.length());
            case StringMatcher.Suffix(String value, boolean fold) ->
                name.length() >= value.length()
                        && name.regionMatches(fold, name.length() - value.length(), value, 0, value.length());
            case StringMatcher.Contains(String value, boolean fold) ->
                fold
                        ? name.toLowerCase(java.util.Locale.ROOT).contains(value.toLowerCase(java.util.Locale.ROOT))
                        : name.contains(value);
            case StringMatcher.Regex(String pattern) -> com.google.re2j.Pattern.matches(pattern, name);
        };
    }

    private static boolean covers(String wildcard, String host) {
        int dot = host.indexOf('.');
        return wildcard.startsWith("*.") && dot > 0 && host.substring(dot).equalsIgnoreCase(wildcard.substring(1));
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
