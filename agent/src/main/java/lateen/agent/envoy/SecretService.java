package lateen.agent.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.secret.v3.SecretDiscoveryServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import lateen.identity.Pem;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import lateen.xds.ResourceType;

/**
 * Envoy's SecretDiscoveryService v3, state of the world: {@code default}, the workload's certificate and key, and {@code
 * ROOTCA}, the mesh's roots. A stream is answered when there is something to answer with, and told each new version.
 */
final class SecretService extends SecretDiscoveryServiceGrpc.SecretDiscoveryServiceImplBase {
    static final String CERTIFICATE = "default";
    static final String ROOTS = "ROOTCA";

    /** What is held: by name, ready to be sent. */
    record Held(long version, Map<String, Any> secrets) {}

    private final Set<SecretStream> streams = ConcurrentHashMap.newKeySet();
    private volatile Held held = new Held(0, Map.of());

    @Override
    public StreamObserver<DiscoveryRequest> streamSecrets(StreamObserver<DiscoveryResponse> responses) {
        SecretStream stream = new SecretStream(this::held, responses, streams::remove);
        streams.add(stream);
        return stream;
    }

    Held held() {
        return held;
    }

    /** The certificate and the roots from now on. Any thread, one at a time. */
    void set(Svid svid, TrustBundle roots) {
        Secret certificate = Secret.newBuilder()
                .setName(CERTIFICATE)
                .setTlsCertificate(TlsCertificate.newBuilder()
                        .setCertificateChain(inline(Pem.encode(svid.chain())))
                        .setPrivateKey(inline(Pem.encode(svid.privateKey()))))
                .build();
        Secret trusted = Secret.newBuilder()
                .setName(ROOTS)
                .setValidationContext(CertificateValidationContext.newBuilder().setTrustedCa(inline(roots.pem())))
                .build();
        held = new Held(held.version() + 1, Map.of(CERTIFICATE, any(certificate), ROOTS, any(trusted)));
        streams.forEach(SecretStream::changed);
    }

    private static DataSource.Builder inline(String pem) {
        return DataSource.newBuilder().setInlineBytes(ByteString.copyFromUtf8(pem));
    }

    /** By hand: {@code Any.pack} would load the descriptors of Envoy's API into every sidecar. */
    private static Any any(Secret secret) {
        return Any.newBuilder()
                .setTypeUrl(ResourceType.SECRET.typeUrl())
                .setValue(secret.toByteString())
                .build();
    }
}
