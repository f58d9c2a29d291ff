package lateen.proxy.tls;

import io.netty.handler.ssl.SslHandler;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import lateen.identity.Pem;
import org.jspecify.annotations.Nullable;

/**
 * What a finished handshake says about the connection.
 *
 * @param version {@code TLSv1.2} or {@code TLSv1.3}
 * @param cipher the suite's name
 * @param alpn negotiated protocol; empty: none
 * @param peerPresent the peer showed a certificate
 * @param peerNames for whom rules may be written: URI names of the peer's leaf, or without any its DNS names, or without
 *     any its subject, as Envoy's {@code principal_name}
 * @param peerUriSan the same joined by commas, as a log has them; empty: none
 * @param localUriSan URI names of our own leaf, joined by commas
 * @param forwarded element of {@code x-forwarded-client-cert} for the peer, as Envoy writes it; empty: no peer
 * @param peer the peer's leaf, which the session holds as well; null: no peer
 */
public record TlsFacts(
        String version,
        String cipher,
        String alpn,
        boolean peerPresent,
        List<String> peerNames,
        String peerUriSan,
        String localUriSan,
        String forwarded,
        @Nullable X509Certificate peer) {
    private static final int DNS = 2;
    private static final int URI = 6;

    /** Pairs of certificates; of about 2 KB each. */
    private static final int MOST_REMEMBERED = 512;

    private static final ConcurrentHashMap<Leaves, Told> REMEMBERED = new ConcurrentHashMap<>();

    public static TlsFacts of(SslHandler handler) {
        SSLSession session = handler.engine().getSession();
        String alpn = handler.applicationProtocol();
        X509Certificate peer = peer(session);
        Told told = told(new Leaves(leaf(session.getLocalCertificates()), peer));
        return new TlsFacts(
                session.getProtocol(),
                session.getCipherSuite(),
                alpn == null ? "" : alpn,
                peer != null,
                told.peerNames,
                told.peerUriSan,
                told.localUriSan,
                told.forwarded,
                peer);
    }

    private static @Nullable X509Certificate peer(SSLSession session) {
        try {
            return leaf(session.getPeerCertificates());
        } catch (SSLPeerUnverifiedException none) {
            // A peer without certificate; the chain's own rules decided already that this is allowed.
            return null;
        }
    }

    private static @Nullable X509Certificate leaf(Certificate @Nullable [] chain) {
        return chain != null && chain.length > 0 && chain[0] instanceof X509Certificate leaf ? leaf : null;
    }

    /** Compared by their bytes, without a look inside. */
    private record Leaves(
            @Nullable X509Certificate own, @Nullable X509Certificate peer) {}

    /** What two certificates say, which is much work to read for each handshake. */
    private record Told(List<String> peerNames, String peerUriSan, String localUriSan, String forwarded) {}

    private static Told told(Leaves leaves) {
        Told known = REMEMBERED.get(leaves);
        if (known == null) {
            known = read(leaves);
            if (REMEMBERED.size() >= MOST_REMEMBERED) {
                REMEMBERED.clear();
            }
            REMEMBERED.put(leaves, known);
        }
        return known;
    }

    private static Told read(Leaves leaves) {
        List<String> own = leaves.own == null ? List.of() : uris(leaves.own);
        List<String> uris = leaves.peer == null ? List.of() : uris(leaves.peer);
        return new Told(
                names(leaves.peer, uris),
                String.join(",", uris),
                String.join(",", own),
                leaves.peer == null ? "" : forwarded(own, leaves.peer, uris));
    }

    /** The peer's leaf as PEM, URL-encoded as Envoy does it; empty: no peer. Allocates. */
    public String peerPem() {
        if (peer == null) {
            return "";
        }
        return Pem.encode(peer)
                .replace("\n", "%0A")
                .replace(" ", "%20")
                .replace("+", "%2B")
                .replace("/", "%2F")
                .replace("=", "%3D");
    }

    private static String forwarded(List<String> by, X509Certificate peer, List<String> uris) {
        try {
            String hash = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(peer.getEncoded()));
            return (by.isEmpty() ? "" : "By=" + by.getFirst() + ";") + "Hash=" + hash + ";Subject=\""
                    + peer.getSubjectX500Principal().getName().replace("\"", "\\\"") + "\";URI="
                    + String.join(",", uris);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256 and encodes what it parsed", e);
        }
    }

    private static List<String> names(@Nullable X509Certificate peer, List<String> uris) {
        if (peer == null || !uris.isEmpty()) {
            return uris;
        }
        List<String> hosts = names(peer, DNS);
        return hosts.isEmpty() ? List.of(peer.getSubjectX500Principal().getName()) : hosts;
    }

    private static List<String> uris(X509Certificate leaf) {
        return names(leaf, URI);
    }

    private static List<String> names(X509Certificate leaf, int kind) {
        try {
            var names = leaf.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.get(0).equals(kind))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    /** Why a handshake failed, in one line: the deepest cause that says something. */
    public static String diagnosis(Throwable failure) {
        String said = failure.toString();
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at.getMessage() != null) {
                said = at.getMessage();
            }
        }
        return said.replace('\n', ' ').replace('\r', ' ');
    }
}
