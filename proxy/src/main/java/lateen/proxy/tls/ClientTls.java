package lateen.proxy.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import javax.net.ssl.SSLException;
import lateen.decision.config.UpstreamTls;
import lateen.identity.KeyMaterial;
import lateen.identity.PeerVerifier;
import org.jspecify.annotations.Nullable;

/**
 * Originates TLS. Envoy: {@code UpstreamTlsContext}. Any loop may call.
 *
 * <p>Sessions are kept for each host, in the context under whose certificate, roots and configuration they were made; a
 * new secret begins anew.
 */
public final class ClientTls {
    /** Where there is no server name: no host name to anybody, so it is not sent, but sessions are kept under it. */
    private static final String NAMELESS = "peer";

    private final UpstreamTls config;
    private final ContextSource source;
    private final ContextSource halfClosing;

    public ClientTls(UpstreamTls config, SecretStore secrets) {
        this.config = config;
        this.source = source(secrets, false);
        this.halfClosing = source(secrets, true);
    }

    private ContextSource source(SecretStore secrets, boolean halfClose) {
        return new ContextSource(
                secrets,
                config.certificateSecret(),
                config.validation().trustSecret(),
                (shown, roots) -> build(shown, roots, halfClose));
    }

    /**
     * A handler for one connection; null while a secret is missing.
     *
     * @param halfClose each direction may end on its own ({@link Protocols#provider})
     * @param host a number for the host, 0 or more: sessions with one are not offered to another
     */
    public @Nullable SslHandler handler(
            ByteBufAllocator allocator, long handshakeTimeoutMillis, boolean halfClose, int host) {
        SslContext context = (halfClose ? halfClosing : source).context();
        if (context == null) {
            return null;
        }
        // Without a peer that it is told of, neither library keeps sessions.
        SslHandler handler = config.sessions() == 0
                ? context.newHandler(allocator)
                : context.newHandler(allocator, config.sni().isEmpty() ? NAMELESS : config.sni(), host);
        if (!config.sni().isEmpty()) {
            ServerName.set(handler.engine(), config.sni());
        }
        if (halfClose) {
            Protocols.groups(handler.engine(), config.algorithms());
        }
        handler.setHandshakeTimeoutMillis(handshakeTimeoutMillis);
        return handler;
    }

    public String missing() {
        return source.missing();
    }

    private SslContext build(@Nullable KeyMaterial shown, SecretStore.@Nullable Roots roots, boolean halfClose) {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient()
                    .sslProvider(Protocols.provider(halfClose))
                    .applicationProtocolConfig(Protocols.alpn(config.alpn()))
                    // Workloads have SPIFFE ids; a host name in the certificate proves nothing here.
                    .endpointIdentificationAlgorithm(null)
                    .trustManager(new PeerTrust(
                            roots,
                            PeerVerifier.Role.SERVER,
                            config.validation(),
                            config.validation().looks(),
                            InstantSource.system()));
            Protocols.algorithms(builder, config.algorithms(), halfClose);
            if (shown != null) {
                builder.keyManager(shown.privateKey(), shown.chain().toArray(X509Certificate[]::new));
            }
            return keeping(builder.build());
        } catch (SSLException e) {
            throw new IllegalStateException("TLS library refuses the configuration towards " + config.sni(), e);
        }
    }

    private SslContext keeping(SslContext context) {
        if (config.sessions() > 0) {
            context.sessionContext().setSessionCacheSize(config.sessions());
        }
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setSessionCacheEnabled(config.sessions() > 0);
            if (config.sessions() > 0) {
                SessionBinding.allowTickets(sessions);
            }
        }
        return context;
    }
}
