package lateen.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real handshakes on loopback. */
class ReloadingTlsTest {
    private static final InstantSource NOON = () -> TestAuthority.START.plus(Duration.ofHours(12));
    private static final String FRONTEND = "spiffe://cluster.local/ns/shop/sa/frontend";
    private static final String CATALOG = "spiffe://cluster.local/ns/shop/sa/catalog";

    private final TestAuthority root = TestAuthority.root("root");
    private final ReloadingKeyManager serverKeys = new ReloadingKeyManager();
    private final ReloadingKeyManager clientKeys = new ReloadingKeyManager();
    private final ReloadingTrustManager serverTrust = ReloadingTrustManager.workloads(NOON, any -> true);
    private ReloadingTrustManager clientTrust =
            ReloadingTrustManager.workloads(NOON, id -> id.toString().equals(CATALOG));

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aRenewedCertificateAndARotatedRootNeedNoNewContext(String version) throws Exception {
        serverKeys.set(root.svid(CATALOG).material());
        clientKeys.set(root.svid(FRONTEND).material());
        serverTrust.set(root.bundle());
        clientTrust.set(root.bundle());
        SSLContext server = context(serverKeys, serverTrust);
        SSLContext client = context(clientKeys, clientTrust);
        assertThat(seenByServer(server, client, version))
                .isEqualTo(clientKeys.current().leaf());

        TestAuthority next = TestAuthority.root("next");
        clientKeys.set(next.svid(FRONTEND).material());
        serverTrust.set(new TrustBundle(List.of(root.certificate, next.certificate)));
        assertThat(seenByServer(server, client, version))
                .isEqualTo(clientKeys.current().leaf());

        serverTrust.set(root.bundle());
        assertThatThrownBy(() -> seenByServer(server, client, version))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("peer refused: no path from issuer \"CN=next\"");
    }

    @Test
    void aServerOfAnotherNameIsRefused() throws Exception {
        serverKeys.set(root.svid("spiffe://cluster.local/ns/shop/sa/ratings").material());
        clientTrust.set(root.bundle());
        assertRefusedByClient("sa/ratings is not expected on this connection");
    }

    @Test
    void beforeTheFirstRootsEveryPeerIsRefused() throws Exception {
        serverKeys.set(root.svid(CATALOG).material());
        assertRefusedByClient("there are no roots yet");
    }

    @Test
    void aServerCanBeExpectedByItsHostName() throws Exception {
        var keys = CertificateRequest.generateKeys();
        X509Certificate leaf =
                root.leaf().dns("a.example").dns("istiod.istio-system.svc").issue(keys.getPublic());
        serverKeys.set(new KeyMaterial(keys.getPrivate(), List.of(leaf)));

        clientTrust = ReloadingTrustManager.host(NOON, "istiod.istio-system.svc");
        clientTrust.set(root.bundle());
        SSLContext server = context(serverKeys, serverTrust);
        assertThat(seenByServer(server, context(clientKeys, clientTrust), "TLSv1.3"))
                .isNull();

        clientTrust = ReloadingTrustManager.host(NOON, "istiod");
        clientTrust.set(root.bundle());
        assertRefusedByClient("[\"a.example\", \"istiod.istio-system.svc\"] (expected: istiod)");
    }

    @Test
    void aHandshakeThatBeganBeforeARenewalEndsWithItsOwnKey() {
        KeyMaterial first = root.svid(FRONTEND).material();
        clientKeys.set(first);
        String alias = clientKeys.chooseEngineClientAlias(new String[] {"RSA", "EC"}, null, null);
        clientKeys.set(root.svid(FRONTEND).material());

        assertThat(clientKeys.getPrivateKey(alias)).isEqualTo(first.privateKey());
        assertThat(clientKeys.getCertificateChain(alias)).containsExactly(first.leaf());
        clientKeys.set(root.svid(FRONTEND).material());
        assertThat(clientKeys.getPrivateKey(alias)).isNull();
        assertThat(clientKeys.chooseEngineClientAlias(new String[] {"RSA"}, null, null))
                .isNull();
    }

    private void assertRefusedByClient(String said) throws Exception {
        SSLContext server = context(serverKeys, serverTrust);
        SSLContext client = context(clientKeys, clientTrust);
        assertThatThrownBy(() -> handshake(server, client, "TLSv1.3", CompletableFuture::join))
                .hasMessageContaining(said);
    }

    private static SSLContext context(KeyManager keys, TrustManager trust) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {keys}, new TrustManager[] {trust}, null);
        return context;
    }

    /** The client's leaf, null if it showed none; the server's exception if it refused. */
    private static X509Certificate seenByServer(SSLContext server, SSLContext client, String version) throws Exception {
        return handshake(server, client, version, (clientSide) -> {
            try {
                clientSide.join();
            } catch (RuntimeException alsoSeenByServer) {
                // The server's reason is what is asserted.
            }
        });
    }

    private interface Await {
        void on(CompletableFuture<Void> clientSide) throws IOException;
    }

    private static X509Certificate handshake(SSLContext server, SSLContext client, String version, Await await)
            throws Exception {
        try (SSLServerSocket listener = (SSLServerSocket)
                server.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listener.setWantClientAuth(true);
            listener.setSoTimeout(10_000);
            listener.setEnabledProtocols(new String[] {version});
            // A resumed session would skip the certificates that are under test.
            client.getClientSessionContext().setSessionTimeout(1);
            CompletableFuture<Void> clientSide = CompletableFuture.runAsync(() -> {
                try (SSLSocket socket = (SSLSocket)
                        client.getSocketFactory().createSocket(listener.getInetAddress(), listener.getLocalPort())) {
                    socket.setSoTimeout(10_000);
                    socket.startHandshake();
                    socket.getInputStream().read();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            try (SSLSocket accepted = (SSLSocket) listener.accept()) {
                accepted.setSoTimeout(10_000);
                X509Certificate seen = null;
                IOException failure = null;
                try {
                    accepted.startHandshake();
                    try {
                        seen = (X509Certificate) accepted.getSession().getPeerCertificates()[0];
                    } catch (javax.net.ssl.SSLPeerUnverifiedException anonymous) {
                        seen = null;
                    }
                    accepted.getOutputStream().write(1);
                } catch (IOException e) {
                    failure = e;
                }
                accepted.close();
                await.on(clientSide);
                if (failure != null) {
                    throw failure;
                }
                return seen;
            }
        }
    }
}
