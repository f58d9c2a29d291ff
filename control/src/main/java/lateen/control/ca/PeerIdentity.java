package lateen.control.ca;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import lateen.identity.PeerVerification;
import lateen.identity.PeerVerifier;
import lateen.identity.SpiffeId;
import lateen.identity.TrustBundle;
import lateen.xds.ca.IstioCertificateServiceGrpc;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells every service who is calling, and lets callers without a certificate do nothing but ask for one.
 *
 * <p>A peer is verified once, when its connection is ready (a resumed TLS session included), not on every call: a
 * connection outlives the certificate that it began with, as it does between sidecars.
 */
public final class PeerIdentity {
    /** The verified client, null for a caller without a certificate. */
    public static final Context.Key<@Nullable SpiffeId> CALLER = Context.key("lateen-caller");

    /** Where the call came from, for logs. */
    public static final Context.Key<@Nullable SocketAddress> REMOTE = Context.key("lateen-remote");

    private static final Attributes.Key<PeerVerification> VERIFICATION = Attributes.Key.create("lateen-peer");
    private static final String OPEN_TO_ALL =
            IstioCertificateServiceGrpc.getCreateCertificateMethod().getFullMethodName();
    private static final Logger log = LoggerFactory.getLogger(PeerIdentity.class);

    private final Supplier<TrustBundle> roots;
    private final InstantSource clock;

    /**
     * Verifies clients.
     *
     * @param roots asked at each new connection
     */
    public PeerIdentity(Supplier<TrustBundle> roots, InstantSource clock) {
        this.roots = roots;
        this.clock = clock;
    }

    /** Puts the check before all services of a server. */
    public void guard(ServerBuilder<?> server) {
        server.addTransportFilter(new ServerTransportFilter() {
            @Override
            public Attributes transportReady(Attributes transport) {
                return verified(transport);
            }
        });
        server.intercept(new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                return admit(call, headers, next);
            }
        });
    }

    private Attributes verified(Attributes transport) {
        SSLSession session = transport.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        List<X509Certificate> chain = session == null ? List.of() : peerCertificates(session);
        return chain.isEmpty()
                ? transport
                : transport.toBuilder()
                        .set(
                                VERIFICATION,
                                new PeerVerifier(roots.get(), PeerVerifier.Role.CLIENT).verify(chain, clock.instant()))
                        .build();
    }

    private static <Q, A> ServerCall.Listener<Q> admit(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        SocketAddress remote = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        Context context = Context.current().withValue(REMOTE, remote);
        PeerVerification verification = call.getAttributes().get(VERIFICATION);
        String method = call.getMethodDescriptor().getFullMethodName();
        return switch (verification) {
            case null ->
                method.equals(OPEN_TO_ALL)
                        ? Contexts.interceptCall(context, call, headers, next)
                        : refuse(call, remote, "no client certificate (expected: one issued by this mesh's CA)");
            case PeerVerification.Rejected(String reason) -> refuse(call, remote, "client certificate: " + reason);
            case PeerVerification.Verified(SpiffeId id, var _) ->
                Contexts.interceptCall(context.withValue(CALLER, id), call, headers, next);
        };
    }

    private static <Q, A> ServerCall.Listener<Q> refuse(
            ServerCall<Q, A> call, @Nullable SocketAddress remote, String reason) {
        log.warn("refused {} from {}: {}", call.getMethodDescriptor().getFullMethodName(), remote, reason);
        call.close(Status.UNAUTHENTICATED.withDescription(reason), new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private static List<X509Certificate> peerCertificates(SSLSession session) {
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate each : session.getPeerCertificates()) {
                if (each instanceof X509Certificate certificate) {
                    chain.add(certificate);
                }
            }
            return chain;
        } catch (SSLPeerUnverifiedException anonymous) {
            return List.of();
        }
    }
}
