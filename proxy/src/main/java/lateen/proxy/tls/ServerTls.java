package lateen.proxy.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;
import lateen.decision.config.DownstreamTls;
import lateen.decision.config.TlsVersion;
import lateen.identity.KeyMaterial;
import lateen.identity.PeerVerifier;
import org.jspecify.annotations.Nullable;

/** Terminates TLS. Envoy: {@code DownstreamTlsContext}. Any loop may call. */
public final class ServerTls {
    private final DownstreamTls config;
    private final List<String> alpn;
    private final boolean halfClose;
    private final InstantSource clock;
    private final ContextSource source;

    /**
     * @param alpn what is really offered: the configured protocols that this chain can speak
     * @param halfClose each direction may end on its own ({@link Protocols#provider})
     * @throws IllegalArgumentException where the TLS library for that cannot do what is configured
     */
    public ServerTls(
            DownstreamTls config, List<String> alpn, boolean halfClose, SecretStore secrets, InstantSource clock) {
        if (halfClose && !(config.tickets() && config.sessionIds())) {
            throw new IllegalArgumentException("disable_stateless_session_resumption or"
                    + " disable_stateful_session_resumption before tcp_proxy (expected: neither; the TLS library that"
                    + " can end one direction before the other resumes as it likes)");
        }
        this.config = config;
        this.alpn = List.copyOf(alpn);
        this.halfClose = halfClose;
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
        if (!config.tickets() && config.algorithms().maximum() == TlsVersion.TLS_1_3) {
            SessionBinding.forgetTickets(context);
        }
        SslHandler handler = context.newHandler(allocator);
        if (halfClose) {
            Protocols.groups(handler.engine(), config.algorithms());
        }
        handler.setHandshakeTimeoutMillis(handshakeTimeoutMillis);
        return handler;
    }

    /** Which secret is missing, for a log line. */
    public String missing() {
        return source.missing();
    }

    /** Whether a client must say in its ClientHello whom it wants. */
    public boolean requiresServerName() {
        return config.requireServerName();
    }

    private SslContext build(@Nullable KeyMaterial shown, SecretStore.@Nullable Roots roots) {
        KeyMaterial own = Objects.requireNonNull(shown, "a server always has a certificate");
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(
                            own.privateKey(), own.chain().toArray(X509Certificate[]::new))
                    .sslProvider(Protocols.provider(halfClose))
                    .applicationProtocolConfig(Protocols.alpn(alpn))
                    .trustManager(new PeerTrust(
                            roots,
                            PeerVerifier.Role.CLIENT,
                            config.validation(),
                            config.requireClientCertificate(),
                            clock))
                    .clientAuth(clientAuth());
            Protocols.algorithms(builder, config.algorithms(), halfClose);
            SslContext context = builder.build();
            SessionBinding.bind(context, config, alpn, own, roots == null ? null : roots.bundle());
            return context;
        } catch (SSLException e) {
            throw new IllegalStateException("TLS library refuses the certificate " + own, e);
        }
    }

    private ClientAuth clientAuth() {
        if (config.requireClientCertificate()) {
            return ClientAuth.REQUIRE;
        }
        return config.validation().looks() ? ClientAuth.OPTIONAL : ClientAuth.NONE;
    }
}
