package lateen.control.ca;

import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.SocketAddress;
import java.time.InstantSource;
import javax.net.ssl.SSLException;
import lateen.identity.ReloadingTrustManager;

/**
 * Port 15012: TLS 1.2 or 1.3 with the control plane's certificate; a client certificate is optional in the handshake,
 * refused when it does not verify, and demanded by {@link PeerIdentity} for every call but {@code CreateCertificate}.
 */
public final class SecurePort {
    private static final int MAX_METADATA = 16 * 1024;

    private SecurePort() {}

    /**
     * A server that only lacks its services.
     *
     * @throws IllegalStateException if this JDK cannot do TLS
     */
    public static NettyServerBuilder at(
            SocketAddress address, CertificateAuthority authority, ServerIdentity identity, InstantSource clock) {
        ReloadingTrustManager trust = ReloadingTrustManager.workloads(clock, any -> true);
        trust.set(authority.bundle());
        try {
            SslContextBuilder context =
                    GrpcSslContexts.configure(SslContextBuilder.forServer(identity.keyManager()), SslProvider.JDK);
            NettyServerBuilder server = NettyServerBuilder.forAddress(address)
                    .maxInboundMetadataSize(MAX_METADATA)
                    .sslContext(context.trustManager(trust)
                            .clientAuth(ClientAuth.OPTIONAL)
                            .build());
            new PeerIdentity(authority::bundle, clock).guard(server);
            return server;
        } catch (SSLException e) {
            throw new IllegalStateException("TLS for " + address + " cannot be set up", e);
        }
    }
}
