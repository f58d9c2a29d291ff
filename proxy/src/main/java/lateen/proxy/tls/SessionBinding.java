package lateen.proxy.tls;

import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import lateen.decision.config.DownstreamTls;
import lateen.identity.KeyMaterial;
import lateen.identity.TrustBundle;
import org.jspecify.annotations.Nullable;

/**
 * Binds a server's sessions to the identity under which they were made: our own certificate, the roots that the peer was
 * verified against, and all that the configuration says of the handshake. The hash of these is the session id context
 * (sessions that we keep), and the keys of tickets (sessions that the client keeps) are derived from it; so under any
 * other identity a ticket is not even readable, and the handshake is a full one.
 *
 * <p>Who the peer is, is verified anew at each resumption: {@link PeerTrust}.
 */
final class SessionBinding {
    /** Of this process; never leaves it. */
    private static final byte[] SECRET = secret();

    private SessionBinding() {}

    private static byte[] secret() {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        return secret;
    }

    static void bind(
            SslContext context, DownstreamTls config, List<String> alpn, KeyMaterial own, @Nullable TrustBundle roots) {
        byte[] identity = identity(config, alpn, own, roots);
        if (!(context.sessionContext() instanceof OpenSslSessionContext sessions)) {
            // The JDK's TLS: each of its contexts has its own sessions and keys of tickets.
            return;
        }
        if (sessions instanceof OpenSslServerSessionContext server) {
            server.setSessionIdContext(identity);
        }
        sessions.setSessionCacheEnabled(config.sessionIds());
        if (config.tickets()) {
            sessions.setTicketKeys(ticketKey(identity));
        }
    }

    /**
     * Makes all tickets that were given out worthless. With TLS 1.3 the library gives out tickets whatever is set; with new
     * keys for each connection nobody gets anything for one. Those of TLS 1.2 come with it, and end its session ids.
     */
    static void forgetTickets(SslContext context) {
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setTicketKeys(ticketKey(secret()));
        }
    }

    /** Of a client: those of servers are kept; Netty's contexts refuse them until they are given a key of their own. */
    static void allowTickets(OpenSslSessionContext client) {
        client.setTicketKeys(ticketKey(SECRET));
    }

    /** 32 bytes, as long as a session id context may be. */
    static byte[] identity(DownstreamTls config, List<String> alpn, KeyMaterial own, @Nullable TrustBundle roots) {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            add(hash, own.chain());
            add(hash, roots == null ? List.of() : roots.roots());
            // Records print all that they consist of.
            hash.update((config + " " + alpn).getBytes(StandardCharsets.UTF_8));
            return hash.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256 and encodes what it parsed", e);
        }
    }

    private static void add(MessageDigest hash, List<X509Certificate> certificates)
            throws CertificateEncodingException {
        hash.update(ByteBuffer.allocate(4).putInt(certificates.size()).flip());
        for (X509Certificate each : certificates) {
            byte[] encoded = each.getEncoded();
            hash.update(ByteBuffer.allocate(4).putInt(encoded.length).flip());
            hash.update(encoded);
        }
    }

    private static OpenSslSessionTicketKey ticketKey(byte[] identity) {
        byte[] name = derived("name", identity);
        byte[] mac = derived("mac", identity);
        byte[] cipher = derived("cipher", identity);
        return new OpenSslSessionTicketKey(
                Arrays.copyOf(name, OpenSslSessionTicketKey.NAME_SIZE),
                Arrays.copyOf(mac, OpenSslSessionTicketKey.HMAC_KEY_SIZE),
                Arrays.copyOf(cipher, OpenSslSessionTicketKey.AES_KEY_SIZE));
    }

    private static byte[] derived(String use, byte[] identity) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
            mac.update(use.getBytes(StandardCharsets.US_ASCII));
            return mac.doFinal(identity);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
