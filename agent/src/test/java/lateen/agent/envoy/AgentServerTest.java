package lateen.agent.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.rpc.Status;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.secret.v3.SecretDiscoveryServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import lateen.identity.Pem;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import lateen.testing.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets over the real socket. */
class AgentServerTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("agent tests");

    @TempDir
    Path folder;

    private AgentServer server;
    private UnixChannel unix;

    @BeforeEach
    void start() throws IOException {
        Path socket = folder.resolve("socket");
        server = AgentServer.start(socket, () -> {
            throw new IllegalStateException("no control plane here");
        });
        unix = new UnixChannel(socket);
    }

    @AfterEach
    void stop() {
        unix.close();
        server.close();
    }

    @Test
    void eachNameIsAnsweredWithItsSecretAndEachRenewalIsPushed() throws Exception {
        Svid first = AUTHORITY.svid("web");
        TrustBundle roots = AUTHORITY.bundle();
        server.secrets(first, roots);
        Subscription own = new Subscription(unix.channel());
        Subscription trusted = new Subscription(unix.channel());

        own.subscribe("default");
        trusted.subscribe("ROOTCA");

        Secret certificate = own.secrets().get("default");
        assertThat(Pem.certificates(certificate
                        .getTlsCertificate()
                        .getCertificateChain()
                        .getInlineBytes()
                        .toStringUtf8()))
                .isEqualTo(first.chain());
        assertThat(Pem.privateKey(certificate
                        .getTlsCertificate()
                        .getPrivateKey()
                        .getInlineBytes()
                        .toStringUtf8()))
                .isEqualTo(first.privateKey());
        assertThat(trusted.secrets()
                        .get("ROOTCA")
                        .getValidationContext()
                        .getTrustedCa()
                        .getInlineBytes())
                .isEqualTo(ByteString.copyFromUtf8(roots.pem()));

        Svid second = AUTHORITY.svid("web");
        server.secrets(second, roots);

        assertThat(own.secrets()
                        .get("default")
                        .getTlsCertificate()
                        .getCertificateChain()
                        .getInlineBytes())
                .isEqualTo(ByteString.copyFromUtf8(Pem.encode(second.chain())));
        assertThat(trusted.secrets()).containsOnlyKeys("ROOTCA");
    }

    @Test
    void aSubscriptionMadeBeforeThereIsACertificateIsAnsweredWhenThereIs() throws Exception {
        Subscription early = new Subscription(unix.channel());
        early.subscribe("default", "ROOTCA");

        server.secrets(AUTHORITY.svid("web"), AUTHORITY.bundle());

        assertThat(early.secrets()).containsOnlyKeys("default", "ROOTCA");
    }

    @Test
    void acknowledgementsRefusalsAndOutdatedRequestsAreAnsweredWithNothing() throws Exception {
        server.secrets(AUTHORITY.svid("web"), AUTHORITY.bundle());
        Subscription stream = new Subscription(unix.channel());
        stream.subscribe("default");
        DiscoveryResponse response = stream.next();

        stream.send(stream.request("default").setResponseNonce(response.getNonce()));
        stream.send(stream.request("default")
                .setResponseNonce(response.getNonce())
                .setErrorDetail(Status.newBuilder().setMessage("not to my taste")));
        stream.send(stream.request("ROOTCA").setResponseNonce("outdated"));
        stream.send(stream.request("default", "ROOTCA").setResponseNonce(response.getNonce()));

        assertThat(stream.secrets()).as("only the last one asks for more").containsOnlyKeys("default", "ROOTCA");
    }

    @Test
    void anotherTypeOfResourceEndsTheStreamWithTheReason() throws Exception {
        server.secrets(AUTHORITY.svid("web"), AUTHORITY.bundle());
        Subscription stream = new Subscription(unix.channel());

        stream.send(DiscoveryRequest.newBuilder().setTypeUrl("type.googleapis.com/x.Y"));

        assertThat(stream.end()).contains("INVALID_ARGUMENT", "type.googleapis.com/x.Y");
    }

    @Test
    void aPathThatNoSocketCanHaveIsRefusedByItsLength() {
        Path deep = folder.resolve("x".repeat(120));

        assertThatThrownBy(() -> AgentServer.start(deep, () -> unix.channel()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected: at most 107");
    }

    /** One stream of secrets. */
    private static final class Subscription implements StreamObserver<DiscoveryResponse> {
        private final BlockingQueue<DiscoveryResponse> responses = new LinkedBlockingQueue<>();
        private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
        private final StreamObserver<DiscoveryRequest> requests;

        Subscription(ManagedChannel channel) {
            requests = SecretDiscoveryServiceGrpc.newStub(channel).streamSecrets(this);
        }

        DiscoveryRequest.Builder request(String... names) {
            return DiscoveryRequest.newBuilder()
                    .setTypeUrl("type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret")
                    .addAllResourceNames(List.of(names));
        }

        void subscribe(String... names) {
            send(request(names));
        }

        void send(DiscoveryRequest.Builder request) {
            requests.onNext(request.build());
        }

        DiscoveryResponse next() throws InterruptedException {
            DiscoveryResponse response = responses.poll(5, TimeUnit.SECONDS);
            assertThat(response).as("a response; the stream ended: %s", ends).isNotNull();
            return response;
        }

        Map<String, Secret> secrets() throws Exception {
            Map<String, Secret> secrets = new TreeMap<>();
            for (var resource : next().getResourcesList()) {
                Secret secret = resource.unpack(Secret.class);
                secrets.put(secret.getName(), secret);
            }
            return secrets;
        }

        String end() throws InterruptedException {
            return ends.poll(5, TimeUnit.SECONDS);
        }

        @Override
        public void onNext(DiscoveryResponse response) {
            responses.add(response);
        }

        @Override
        public void onError(Throwable error) {
            ends.add(error.toString());
        }

        @Override
        public void onCompleted() {
            ends.add("completed");
        }
    }
}
