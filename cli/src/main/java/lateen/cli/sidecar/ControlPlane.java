package lateen.cli.sidecar;

import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;
import lateen.agent.identity.CaEndpoint;
import lateen.agent.identity.IdentityListener;
import lateen.agent.identity.JoinCredential;
import lateen.agent.identity.RenewalTimer;
import lateen.agent.identity.WorkloadIdentity;

/** A sidecar's ways to the control plane: for its certificate, and with it for its configuration. */
final class ControlPlane {
    /** By which the control plane's certificate names it, wherever it is dialled. */
    private static final String NAME = "istiod.istio-system.svc";

    private static final int MAX_MESSAGE = 64 << 20;

    private ControlPlane() {}

    static WorkloadIdentity identity(
            SidecarEnvironment environment, JoinCredential credential, IdentityListener listener, RenewalTimer timer) {
        return new WorkloadIdentity(
                environment.id(),
                credential,
                new CaEndpoint(environment.discovery(), NAME),
                Duration.ZERO,
                listener,
                InstantSource.system(),
                timer,
                RandomGenerator.getDefault());
    }

    /** mTLS; each new channel shows the certificate held then. */
    static NettyChannelBuilder channel(InetSocketAddress address, WorkloadIdentity identity) {
        return NettyChannelBuilder.forAddress(address)
                .overrideAuthority(NAME)
                .sslContext(tls(identity))
                .maxInboundMessageSize(MAX_MESSAGE)
                .keepAliveTime(30, TimeUnit.SECONDS);
    }

    private static SslContext tls(WorkloadIdentity identity) {
        try {
            return GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                    .keyManager(identity.keyManager())
                    .trustManager(identity.trustManager())
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("TLS for the control plane cannot be set up", e);
        }
    }
}
