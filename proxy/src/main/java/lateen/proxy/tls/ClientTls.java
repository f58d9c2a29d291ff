package lateen.proxy.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import javax.net.ssl.SSLException;
import lateen.decision.config.UpstreamTls;
import lateen.identity.PeerVerifier;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import org.jspecify.annotations.Nullable;

/** Originates TLS. Envoy: {@code UpstreamTlsContext}. Any loop may call. */
public final class ClientTls {
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
                (svid, bundle) -> build(svid, bundle, Protocols.provider(halfClose)));
    }

    /**
     * A handler for one connection; null while a secret is missing.
     *
     * @param halfClose each direction may end on its own ({@link Protocols#provider})
     */
    public @Nullable SslHandler handler(ByteBufAllocator allocator, long handshakeTimeoutMillis, boolean halfClose) {
        SslContext context = (halfClose ? halfClosing : source).context();
        if (context == null) {
            return null;
        }
        SslHandler handler = config.sni().isEmpty()
                ? context.newHandler(allocator)
                : context.newHandler(allocator, config.sni(), -1);
        handler.setHandshakeTimeoutMillis(handshakeTimeoutMillis);
        return handler;
    }

    public String missing() {
        return source.missing();
    }

    private SslContext build(@Nullable Svid svid, @Nullable TrustBundle bundle, SslProvider provider) {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient()
                    .sslProvider(provider)
                    .protocols(Protocols.between(config.minimum(), config.maximum()))
                    .applicationProtocolConfig(Protocols.alpn(config.alpn()))
                    // Workloads have SPIFFE ids; a host name in the certificate proves nothing here.
                    .endpointIdentificationAlgorithm(null)
                    .trustManager(PeerTrust.of(
                            bundle,
                            PeerVerifier.Role.SERVER,
                            config.validation().subjectAltNames(),
                            InstantSource.system()));
            if (svid != null) {
                builder.keyManager(svid.privateKey(), svid.chain().toArray(X509Certificate[]::new));
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException("TLS library refuses the configuration towards " + config.sni(), e);
        }
    }
}
