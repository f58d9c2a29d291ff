package lateen.xds.bootstrap;

import com.google.re2j.Pattern;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import lateen.decision.config.StringMatcher;
import lateen.decision.config.TlsValidation;
import lateen.decision.config.TlsValidation.SubjectName;
import lateen.decision.config.UpstreamTls;
import lateen.identity.PeerVerifier;
import lateen.identity.TrustBundle;
import org.jspecify.annotations.Nullable;

/**
 * Whether an xDS server is the one that the file means: as Envoy has it, by its roots and the names given with them, not
 * by the host name that was dialled.
 */
final class ServerTrust extends X509ExtendedTrustManager {
    /** Types of a GeneralName, RFC 5280 section 4.2.1.6. */
    private static final int DNS = 2;

    private static final int URI = 6;

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
        Collection<List<?>> names = chain.getFirst().getSubjectAlternativeNames();
        Collection<List<?>> found = names == null ? List.of() : names;
        if (!validation.names().isEmpty()
                && found.stream()
                        .noneMatch(name -> validation.names().stream().anyMatch(each -> matches(each, name)))) {
            throw new CertificateException("the server is " + found + " (expected: " + validation.names() + ")");
        }
    }

    /** @param name type and value, as {@link X509Certificate#getSubjectAlternativeNames} has them */
    private static boolean matches(SubjectName wanted, List<?> name) {
        Object type = name.getFirst();
        String text = String.valueOf(name.get(1));
        return switch (wanted.kind()) {
            case URI -> type.equals(URI) && matches(wanted.matcher(), text);
            case DNS -> type.equals(DNS) && (matches(wanted.matcher(), text) || covers(text, wanted.matcher()));
            // The bootstrap was checked: of a server no others are taken.
            case EMAIL, IP, OTHER -> false;
        };
    }

    private static boolean matches(StringMatcher matcher, String name) {
        return switch (matcher) {
            case StringMatcher.Exact(String value, boolean fold) ->
                fold ? name.equalsIgnoreCase(value) : name.equals(value);
            case StringMatcher.Prefix(String value, boolean fold) ->
                name.regionMatches(fold, 0, value, 0, value.length());
            case StringMatcher.Suffix(String value, boolean fold) ->
                name.length() >= value.length()
                        && name.regionMatches(fold, name.length() - value.length(), value, 0, value.length());
            case StringMatcher.Contains(String value, boolean fold) ->
                fold ? name.toLowerCase(Locale.ROOT).contains(value.toLowerCase(Locale.ROOT)) : name.contains(value);
            case StringMatcher.Regex(String pattern) -> Pattern.matches(pattern, name);
        };
    }

    /** RFC 6125 section 6.4.3: a star is the whole first label. */
    private static boolean covers(String wildcard, StringMatcher matcher) {
        if (!(matcher instanceof StringMatcher.Exact(String host, boolean _))) {
            return false;
        }
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
