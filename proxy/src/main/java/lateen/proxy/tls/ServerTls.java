package lateen.proxy.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;
import lateen.decision.config.DownstreamTls;
import lateen.identity.PeerVerifier;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import org.jspecify.annotations.Nullable;

/** Terminates TLS. Envoy: {@code DownstreamTlsContext}. Any loop may call. */
public final class ServerTls {
    private final DownstreamTls config;
    private final List<String> alpn;
    private final SslProvider provider;
    private final InstantSource clock;
    private final ContextSource source;

    /**
     * @param alpn what is really offered: the configured protocols that this chain can speak
     * @param halfClose each direction may end on its own ({@link Protocols#provider})
     */
    public ServerTls(
            DownstreamTls config, List<String> alpn, boolean halfClose, SecretStore secrets, InstantSource clock) {
        this.provider = Protocols.provider(halfClose);
        this.config = config;
        this.alpn = List.copyOf(alpn);
        this.clock = clock;
        this.source = new ContextSource(
                secrets, config.certificateSecret(), config.validation().trustSecret(), this::build);
    }

    /** A handler for one connection; null while a secret is missing. */
    public @Nullable SslHandler handler(ByteBufAllocator allocator, long handshakeTimeoutMillis) {
        SslContext context = source.context();
        if (context == null) {
            return null;
        }
        SslHandler handler = context.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(handshakeTimeoutMillis);
        return handler;
    }

    /** Which secret is missing, for a log line. */
    public String missing() {
        return source.missing();
    }

    private SslContext build(@Nullable Svid svid, @Nullable TrustBundle bundle) {
        Svid own = Objects.requireNonNull(svid, "a server always has a certificate");
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(
                            own.privateKey(), own.chain().toArray(X509Certificate[]::new))
                    .sslProvider(provider)
                    .protocols(Protocols.between(config.minimum(), config.maximum()))
                    .applicationProtocolConfig(Protocols.alpn(alpn))
                    .trustManager(PeerTrust.of(
                            bundle,
                            PeerVerifier.Role.CLIENT,
                            config.validation().subjectAltNames(),
                            clock))
                    .clientAuth(clientAuth());
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException("TLS library refuses the certificate of " + own.id(), e);
        }
    }

    private ClientAuth clientAuth() {
        if (config.requireClientCertificate()) {
            return ClientAuth.REQUIRE;
        }
        return config.validation().trustSecret() == null ? ClientAuth.NONE : ClientAuth.OPTIONAL;
    }
}
