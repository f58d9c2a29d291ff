package lateen.agent.identity;

import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import lateen.identity.CertificateRequest;
import lateen.identity.PeerVerification;
import lateen.identity.PeerVerifier;
import lateen.identity.Pem;
import lateen.identity.ReloadingKeyManager;
import lateen.identity.ReloadingTrustManager;
import lateen.identity.TrustBundle;
import lateen.xds.ca.IstioCertificateRequest;
import lateen.xds.ca.IstioCertificateServiceGrpc;
import org.jspecify.annotations.Nullable;

/**
 * One request to {@code istio.v1.auth.IstioCertificateService} at a time, each on a connection of its own: renewals are
 * hours apart, and a new handshake always shows the newest certificate.
 */
final class CaClient {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int MAX_ANSWER = 1 << 20;

    private final CaEndpoint endpoint;
    private final SslContext tls;
    private final InstantSource clock;

    CaClient(CaEndpoint endpoint, ReloadingKeyManager keys, ReloadingTrustManager trust, InstantSource clock) {
        this.endpoint = endpoint;
        this.clock = clock;
        try {
            tls = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                    .keyManager(keys)
                    .trustManager(trust)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("TLS for the CA cannot be set up", e);
        }
    }

    /**
     * Asks for a certificate; blocks up to ten seconds.
     *
     * @param token null when the current certificate says who asks
     * @param lifetime wanted; zero leaves it to the CA
     */
    CaAnswer request(CertificateRequest request, @Nullable String token, Duration lifetime) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(endpoint.address())
                .overrideAuthority(endpoint.serverName())
                .sslContext(tls)
                .disableRetry()
                .maxInboundMessageSize(MAX_ANSWER)
                .build();
        try {
            var stub = IstioCertificateServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
            if (token != null) {
                stub = stub.withInterceptors(bearer(token));
            }
            var response = stub.createCertificate(IstioCertificateRequest.newBuilder()
                    .setCsr(request.pem())
                    .setValidityDuration(lifetime.toSeconds())
                    .build());
            return read(request, response.getCertChainList());
        } catch (StatusRuntimeException e) {
            return failed(e);
        } finally {
            channel.shutdownNow();
        }
    }

    private CaAnswer read(CertificateRequest request, List<String> elements) {
        if (elements.size() < 2) {
            return new CaAnswer.Unavailable("answer of " + elements.size() + " elements (expected: leaf and roots)");
        }
        try {
            List<X509Certificate> chain = new ArrayList<>();
            elements.subList(0, elements.size() - 1).forEach(each -> chain.addAll(Pem.certificates(each)));
            TrustBundle roots = TrustBundle.fromPem(elements.getLast());
            return switch (new PeerVerifier(roots, PeerVerifier.Role.CLIENT).verify(chain, clock.instant())) {
                case PeerVerification.Rejected(String reason) ->
                    new CaAnswer.Unavailable("the CA's certificate does not verify: " + reason);
                case PeerVerification.Verified _ -> new CaAnswer.Issued(request.accept(chain), roots);
            };
        } catch (IllegalArgumentException e) {
            return new CaAnswer.Unavailable("answer that cannot be used: " + e.getMessage());
        }
    }

    private CaAnswer failed(StatusRuntimeException e) {
        String reason = e.getStatus().getCode() + " from " + endpoint.address() + ": "
                + e.getStatus().getDescription()
                + (e.getCause() == null ? "" : " (" + rootMessage(e.getCause()) + ")");
        return switch (e.getStatus().getCode()) {
            case UNAUTHENTICATED, PERMISSION_DENIED, INVALID_ARGUMENT -> new CaAnswer.Refused(reason);
            default -> new CaAnswer.Unavailable(reason);
        };
    }

    private static String rootMessage(Throwable cause) {
        Throwable at = cause;
        for (int depth = 0; at.getCause() != null && depth < 20; depth++) {
            at = at.getCause();
        }
        return String.valueOf(at.getMessage());
    }

    private static ClientInterceptor bearer(String token) {
        Metadata headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer " + token);
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }
}
