package lateen.control.ca;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import lateen.identity.Pem;
import lateen.identity.SpiffeId;
import lateen.xds.ca.IstioCertificateRequest;
import lateen.xds.ca.IstioCertificateResponse;
import lateen.xds.ca.IstioCertificateServiceGrpc;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code istio.v1.auth.IstioCertificateService}: signs a caller's request for its own identity, and no other.
 *
 * <p>Who is calling is said by the verified client certificate ({@link PeerIdentity#CALLER}), else by a join token in
 * {@code authorization: Bearer}. Anything else, and any request for another name, is refused and logged with caller,
 * requested name and address, never with the token. A token belongs to the key that it came with first, also when that request was
 * wrong.
 */
public final class CertificateService implements BindableService {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<@Nullable String> TOKEN = Context.key("lateen-join-token");
    private static final String BEARER = "bearer ";
    private static final Logger log = LoggerFactory.getLogger(CertificateService.class);

    private final CertificateAuthority authority;
    private final JoinTokens tokens;

    private sealed interface Caller {
        record Known(SpiffeId id) implements Caller {}

        record Stranger(String reason) implements Caller {}
    }

    /** Signs with {@code authority}; lets newcomers in by {@code tokens}. */
    public CertificateService(CertificateAuthority authority, JoinTokens tokens) {
        this.authority = authority;
        this.tokens = tokens;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return ServerInterceptors.intercept(
                IstioCertificateServiceGrpc.bindService(new IstioCertificateServiceGrpc.AsyncService() {
                    @Override
                    public void createCertificate(
                            IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> answer) {
                        create(request, answer);
                    }
                }),
                new TokenFromHeaders());
    }

    private void create(IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> answer) {
        SigningRequest signing = SigningRequest.read(request.getCsr());
        Duration wanted = Duration.ofSeconds(request.getValidityDuration());
        switch (caller(signing)) {
            case Caller.Stranger(String reason) -> refuse(answer, Status.UNAUTHENTICATED, null, signing, reason);
            case Caller.Known(SpiffeId id) -> {
                switch (signing) {
                    case SigningRequest.Unusable(String reason) ->
                        refuse(answer, Status.INVALID_ARGUMENT, id, signing, reason);
                    case SigningRequest.Proven(var _, String uri)
                    when !uri.equals(id.toString()) ->
                        refuse(
                                answer,
                                Status.PERMISSION_DENIED,
                                id,
                                signing,
                                "CSR for " + printable(uri) + " (expected: the caller's own id, " + id + ")");
                    case SigningRequest.Proven(var _, var _)
                    when !id.trustDomain().equals(authority.trustDomain()) ->
                        refuse(
                                answer,
                                Status.PERMISSION_DENIED,
                                id,
                                signing,
                                "trust domain of " + id + " (expected: " + authority.trustDomain() + ")");
                    case SigningRequest.Proven(var _, var _)
                    when isTooShort(wanted) ->
                        refuse(
                                answer,
                                Status.INVALID_ARGUMENT,
                                id,
                                signing,
                                "validity_duration: " + wanted.toSeconds() + " (expected: 0, or at least "
                                        + CertificateAuthority.MIN_LIFETIME.toSeconds() + " seconds)");
                    case SigningRequest.Proven proven -> issue(answer, id, proven, wanted);
                }
            }
        }
    }

    private void issue(
            StreamObserver<IstioCertificateResponse> answer,
            SpiffeId id,
            SigningRequest.Proven proven,
            Duration wanted) {
        List<X509Certificate> chain =
                authority.issueWorkload(id, proven.key(), wanted.isZero() ? authority.maxLifetime() : wanted);
        X509Certificate leaf = chain.getFirst();
        log.info(
                "issued {} to {} at {}, valid until {}",
                leaf.getSerialNumber().toString(16),
                id,
                PeerIdentity.REMOTE.get(),
                leaf.getNotAfter().toInstant());
        IstioCertificateResponse.Builder response = IstioCertificateResponse.newBuilder();
        chain.forEach(each -> response.addCertChain(Pem.encode(each)));
        answer.onNext(response.addCertChain(authority.bundle().pem()).build());
        answer.onCompleted();
    }

    private Caller caller(SigningRequest signing) {
        SpiffeId certified = PeerIdentity.CALLER.get();
        if (certified != null) {
            return new Caller.Known(certified);
        }
        String token = TOKEN.get();
        if (token == null) {
            return new Caller.Stranger(
                    "neither a client certificate nor a token (expected: one of them; metadata authorization: Bearer)");
        }
        return switch (tokens.redeem(token, holder(signing))) {
            case Redemption.Bound(SpiffeId id) -> new Caller.Known(id);
            case Redemption.Unknown() -> new Caller.Stranger("join token: unknown (expected: one granted just before)");
            case Redemption.Expired(SpiffeId id) -> new Caller.Stranger("join token for " + id + ": expired");
            case Redemption.Used(SpiffeId id) ->
                new Caller.Stranger("join token for " + id + ": already used (a token is good for one key)");
        };
    }

    private static String holder(SigningRequest signing) {
        return switch (signing) {
            case SigningRequest.Proven(PublicKey key, var _) -> HexFormat.of().formatHex(key.getEncoded());
            case SigningRequest.Unusable _ -> "nobody";
        };
    }

    private static boolean isTooShort(Duration wanted) {
        return !wanted.isZero() && wanted.compareTo(CertificateAuthority.MIN_LIFETIME) < 0;
    }

    private static void refuse(
            StreamObserver<?> answer, Status status, @Nullable SpiffeId caller, SigningRequest signing, String reason) {
        String requested = switch (signing) {
            case SigningRequest.Proven(var _, String uri) -> printable(uri);
            case SigningRequest.Unusable _ -> "an unusable CSR";
        };
        log.warn(
                "refused a certificate: caller {}, requested {}, remote {}: {}",
                caller == null ? "unknown" : caller,
                requested,
                PeerIdentity.REMOTE.get(),
                reason);
        answer.onError(status.withDescription(reason).asRuntimeException());
    }

    private static String printable(String text) {
        return text.substring(0, Math.min(text.length(), 300)).replaceAll("[^ -~]", "?");
    }

    private static final class TokenFromHeaders implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String value = headers.get(AUTHORIZATION);
            boolean bearer = value != null && value.toLowerCase(Locale.ROOT).startsWith(BEARER);
            String token = bearer ? value.substring(BEARER.length()).strip() : null;
            return Contexts.interceptCall(Context.current().withValue(TOKEN, token), call, headers, next);
        }
    }
}
